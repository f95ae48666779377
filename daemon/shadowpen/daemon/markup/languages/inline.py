"""Inline Markdown: code spans, links, embeds, comments, tags; and the words without them.

A code span holds nothing else. All patterns are bounded, so that no text takes time that grows with its square. This
file knows one paragraph at a time.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable

from shadowpen.daemon.markup.languages.shortcodes import without_shortcodes

LINK = "⟦link⟧"  # stands for an address that the sentence cannot do without; never learned

_RUN = re.compile(r"(?<![\\`])`+|\\`(`*)")
_LABEL = r"(?:[^\[\]\n]|\n(?!\n)|\[[^\[\]\n]{0,200}\]){1,600}"
_TARGET = r"\((?:[^()\n]|\([^()\n]{0,300}\)){0,2000}\)"
_ATTRIBUTES = r"(?:\{[^{}\n]{1,200}\})?"
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"  # non-characters: while links are read they stand around a code span's number
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|gemini|gopher)://[^\s<>\])}]*[^\s<>\])}.,;:!?'\"]|\bwww\.[^\s<>\])}]*[^\s<>\])}.,;:!?'\"]"
)

_PROGRAM = re.compile(r"\$?=[ ]|\{?(?:r|python|julia)\}?[ ]")

_Replacement = str | Callable[[re.Match[str]], str]
_FORMS: tuple[tuple[re.Pattern[str], _Replacement, str], ...] = (
    (re.compile(r"%%[^%]{1,20000}%%|\{/\*.{0,2000}?\*/\}", re.DOTALL), "", "comment"),
    (
        re.compile(
            rf"!\[\[[^\[\]\n]{{1,400}}\]\]|!\[(?:[^\]\n]|\n(?!\n)){{0,600}}\](?:{_TARGET}|\[[^\]\n]{{0,200}}\]){_ATTRIBUTES}"
        ),
        "",
        "image",
    ),
    (re.compile(rf"\[\s?\]{_TARGET}{_ATTRIBUTES}"), "", "image"),  # of a link, an image was all
    (re.compile(r"\{>>[^{}]{0,2000}?<<\}"), "", "comment"),  # CriticMarkup: as it reads when all is taken
    (re.compile(r"\{--[^{}]{0,2000}?--\}"), "", "markup"),
    (re.compile(r"\{~~[^{}]{0,2000}?~>([^{}]{0,2000}?)~~\}"), r"\1", "markup"),
    (re.compile(r"\{(\+\+|==)([^{}]{0,2000}?)\1\}"), r"\2", "markup"),
    (
        re.compile(r"(?:\A|(?<=\n))#[^\W\d_][\w/-]{0,100}(?:[ \t]+#[\w/-]{1,100}){0,40}[ \t]*(?=\n|\Z)"),
        "",
        "markup",
    ),  # tags
    (re.compile(r"[ ]?\(\([\w-]{30,40}\)\)"), "", "link target"),  # a block of Logseq
    (re.compile(r"\[\[[^\[\]|\n]{1,400}\|([^\[\]\n]{1,400})\]\]"), r"\1", "link target"),
    (re.compile(r"\[\[([^\[\]\n]{1,400})\]\]"), lambda found: shown_name(found[1]), "link target"),
    (re.compile(rf"(?<!!)\[({_LABEL})\]{_TARGET}{_ATTRIBUTES}"), r"\1", "link target"),
    (re.compile(r"(?<!!)\[(?!\^)([^\[\]\n]{1,400})\]\[(?!\^)[^\]\n]{0,200}\]"), r"\1", "link target"),
    (re.compile(r"\[\^[^\]\n]{1,100}\](?::[ \t]*)?"), "", "footnote mark"),
    (re.compile(r"[ \t]\^[\w-]{1,60}[ \t]*(?=\n|\Z)"), "", "markup"),
    (re.compile(r"[\[(][^\W\d_][\w -]{0,40}::[^\[\]()\n]{0,300}[\])]"), "", "markup"),
    (re.compile(r"(?<!!)\[([^\[\]\n]{1,400})\]\{[.#][^{}\n]{0,200}\}"), r"\1", "markup"),
    (re.compile(r"(?<=[\])])\{[.#:][^{}\n]{0,200}\}|[ \t]*\{[.#:][^{}\n]{0,200}\}[ \t]*(?=\n|\Z)"), "", "markup"),
    (re.compile(r"<(?:https?|ftp|mailto):[^\s<>]{1,2000}>"), LINK, "link target"),
    (re.compile(r"</?[A-Za-z][^<>]{0,400}>"), "", "html"),
)


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the code spans of one paragraph begin and end, marks and all."""
    if "`" not in text:
        return []
    runs = [found.span() if not found[0].startswith("\\") else found.span(1) for found in _RUN.finditer(text)]
    runs = [run for run in runs if run[0] < run[1]]
    by_length: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        by_length[end - start].append(start)
    spans: list[tuple[int, int]] = []
    for start, end in runs:
        if spans and start < spans[-1][1]:
            continue
        starts = by_length[end - start]
        later = bisect_right(starts, start)
        if later < len(starts):
            spans.append((start, starts[later] + end - start))
    return spans


def is_in_code_span(text: str) -> bool:
    """Whether the end of `text`, one paragraph as far as it is written, is in a code span that is not closed yet."""
    open_run = 0
    for found in _RUN.finditer(text):
        run = len(found[1] or "") if found[0].startswith("\\") else len(found[0])
        open_run = run if not open_run else 0 if run == open_run else open_run
    return open_run > 0


def words(text: str, dropped: Counter[str]) -> str:
    """One paragraph in the words that its reader sees; `dropped` counts what went, by reason."""
    hidden: list[str] = []
    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    pieces, last = list[str](), 0
    for start, end in code_spans(text):
        pieces += [text[last:start], f"{_OPEN}{len(hidden)}{_CLOSE}"]
        span = text[start:end]
        run = len(span) - len(span.lstrip("`"))
        if _PROGRAM.match(span, run):  # it shows what it computes
            hidden.append("")
            dropped["code"] += len(span)
            last = end
            continue
        hidden.append(f"{span[:run]}{without_addresses(span[run:-run], dropped)}{span[:run]}")
        last = end
    text = "".join(pieces) + text[last:]
    seen = without_passages(text, "<!--", "-->")
    dropped["comment"] += len(text) - len(seen)
    plain = without_shortcodes(seen)
    dropped["html"] += len(seen) - len(plain)
    for form, replacement, reason in _FORMS:
        changed = form.sub(replacement, plain)
        dropped[reason] += max(0, len(plain) - len(changed))
        plain = changed
    plain = html.unescape(without_addresses(plain, dropped))
    return _PLACE.sub(lambda found: hidden[int(found[1])], plain) if hidden else plain


def without_passages(text: str, begin: str, end: str) -> str:
    """`text` without what stands from `begin` to `end`, both included."""
    pieces, last = list[str](), 0
    while (start := text.find(begin, last)) >= 0 and (stop := text.find(end, start + len(begin))) >= 0:
        pieces.append(text[last:start])
        last = stop + len(end)
    return "".join(pieces) + text[last:]


def without_addresses(text: str, dropped: Counter[str]) -> str:
    """`text` with `LINK` for every address in it."""
    changed = _ADDRESS.sub(LINK, text)
    dropped["link target"] += max(0, len(text) - len(changed))
    return changed


def shown_name(target: str) -> str:
    """What a wiki link without words of its own says: the note's name without its folders, or a heading of this note.

    A heading or block within another note is where the link leads, not what is said.
    """
    note, _, place = target.rstrip("\\").partition("#")
    said = note.rpartition("/")[2].strip() or place.rpartition("#")[2].strip()
    return "" if said.startswith("^") else said
