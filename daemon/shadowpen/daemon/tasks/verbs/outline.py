"""Outline a text: the first sentence of each paragraph as a bullet, below its headings.

Only sentences of the text, and no model. This file knows neither editors nor files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.verbs.passages import options, passages
from shadowpen.daemon.wire.protocol import Reply, RunVerb, Timings, VerbResult

_FEWEST_WORDS = 4  # of a lead; a shorter first sentence takes the second with it
_INDENT = "  "


class OutlineVerb:
    """The verb `outline`."""

    request_type = RunVerb
    title = "Outline"
    summary = "List the first sentence of each paragraph under its heading."
    reads_model = False
    measured = ""
    unavailable = ""

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        options(request.options, {})
        yield VerbResult(
            id=request.id,
            text=outline(request.text, request.language),
            timings=Timings(total_ms=clock.elapsed_ms),
        )


def outline(text: str, language: str) -> str:
    """The outline of `text` as a list of Markdown; RequestInvalid where it has neither paragraphs nor headings."""
    found = passages(text, language)
    if any(passage.kind == "paragraph" for passage in found):
        found = [passage for passage in found if passage.kind != "item"]
    if not found:
        raise RequestInvalid("There are no paragraphs to outline.", "Select some first.")
    levels = sorted({passage.level for passage in found if passage.kind == "heading"})
    lines, depth = [], 0
    for passage in found:
        if passage.kind == "heading":
            depth = levels.index(passage.level)
            lines.append(f"{_INDENT * depth}- {passage.text}")
            depth += 1
        else:
            lines.append(f"{_INDENT * depth}- {_lead(passage.sentences)}")
    return "\n".join(lines)


def _lead(sentences: Sequence[str]) -> str:
    lead, *others = sentences
    return f"{lead} {others[0]}" if others and len(lead.split()) < _FEWEST_WORDS else lead
