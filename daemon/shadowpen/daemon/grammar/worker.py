"""The process in which Harper reads: a line of JSON in for each text, a line with its findings out.

A process of its own, since Harper takes 160 MB, holds the interpreter for the time of a long paragraph, and nobody
knows what it makes of every text. It gives way to everything else unless somebody waits for it, and ends when its
input does. It writes no text anywhere but into its answers.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import msgspec

from shadowpen.daemon.grammar.findings import MOST_SUGGESTIONS, GrammarFinding, worth_showing

WAITED_FOR = "waited-for"
_ENGLISH_FROM_WORDS = 8  # fewer say little about their language


class CheckTask(msgspec.Struct, frozen=True):
    """A text to read, and how: "markdown", "plaintext" or "typst"; `is_english`: who asks knows that it is."""

    text: str
    language: str
    is_english: bool = False


def find(linter: Any, task: CheckTask) -> list[GrammarFinding]:
    """What is wrong in a text, in its order; nothing in one that is not English."""
    is_long = len(task.text.split()) >= _ENGLISH_FROM_WORDS
    if is_long and not task.is_english and not linter.is_likely_english(task.text):
        return []
    by_rule = linter.organized_lints(task.text, language=task.language, dedup=False)
    found = (_finding(rule, lint) for rule, lints in by_rule.items() for lint in lints)
    return worth_showing(found, task.text)


def _finding(rule: str, lint: Any) -> GrammarFinding:
    suggestions = [_replacement(lint, suggestion) for suggestion in lint.suggestions[:MOST_SUGGESTIONS]]
    return GrammarFinding(
        lint.span.start, lint.span.end, rule, lint.lint_kind, lint.message, list(dict.fromkeys(suggestions))
    )


def _replacement(lint: Any, suggestion: Any) -> str:
    kept = lint.problem_text if suggestion.kind.name == "INSERT_AFTER" else ""
    return f"{kept}{suggestion.replacement_text}"


def main() -> int:
    """Serve standard input until it ends; the arguments are the dialect and, where somebody waits, `waited-for`."""
    import harper

    if hasattr(os, "setpriority") and WAITED_FOR not in sys.argv:
        os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))
    linter = harper.Linter(harper.Dialect[sys.argv[1].upper()])
    decoder, encoder = msgspec.json.Decoder(CheckTask), msgspec.json.Encoder()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(encoder.encode(find(linter, decoder.decode(line))) + b"\n")
            sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
