"""A marked-up text as headings, paragraphs and items, with the sentences of each.

Code, formulas, tables, front matter and comments are no passages. This file knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.markup import families
from shadowpen.daemon.markup.lines import PROSE, LineKind, read
from shadowpen.daemon.preparation.segments import sentences

PassageKind = Literal["heading", "paragraph", "item"]
ITEM_MARK = re.compile(r"\A\s*(?:[-*+•–‣◦]|\d{1,4}[.)])\s+")
_KINDS: dict[LineKind, PassageKind] = {LineKind.HEADING: "heading", LineKind.ITEM: "item"}


@dataclass(frozen=True)
class Passage:
    """A heading (of a `level`), a paragraph or an item, on one line and without what marks it as one."""

    kind: PassageKind
    text: str
    level: int = 0

    @property
    def sentences(self) -> list[str]:
        return list(_sentences(self.text))


def passages(text: str, language: str) -> list[Passage]:
    """The passages of `text`, which an editor calls `language`, in order."""
    family = families.of_language(language) or families.PLAIN
    lines = text.splitlines()
    found: list[Passage] = []
    open_text = False
    for line, told in zip(lines, read(lines, family.reader), strict=True):
        solid = " ".join(told.text(line).split())
        if told.kind is LineKind.ITEM:
            solid = ITEM_MARK.sub("", solid)
        if told.kind is LineKind.UNDERLINE and open_text:
            found[-1] = Passage("heading", found[-1].text, told.level or 1)
        if told.kind not in PROSE or not solid:
            open_text = False
            continue
        if told.kind is LineKind.TEXT and open_text and not told.starts:
            found[-1] = Passage(found[-1].kind, f"{found[-1].text} {solid}")
            continue
        found.append(Passage(_KINDS.get(told.kind, "paragraph"), solid, told.level))
        open_text = told.kind is not LineKind.HEADING
    return found


def options(given: Mapping[str, object], known: Mapping[str, object]) -> dict[str, object]:
    """The `known` options with what was `given`; RequestInvalid for a name or a kind of value that is not known."""
    for name, value in given.items():
        default = known.get(name)
        if default is None:
            names = ", ".join(known) or "none"
            raise RequestInvalid(f"This task has no option '{name[:40]}'.", f"It has: {names}.")
        if type(value) is not type(default):
            raise RequestInvalid(f"The option '{name}' is not of the right kind.", f"Its default is {default!r}.")
    return {**known, **given}


def _is_open(text: str) -> bool:
    """Whether a link, code or a bracket that begins in `text` goes on behind it."""
    return text.count("[") > text.count("]") or text.count("(") > text.count(")") or text.count("`") % 2 == 1


def _sentences(text: str) -> Iterator[str]:
    """Whole sentences; what was said and who said it stay together."""
    held = ""
    for start, end in sentences(text):
        piece = text[start:end]
        if held and not piece[:1].islower() and not _is_open(held):
            yield held
            held = piece
        else:
            held = f"{held} {piece}" if held else piece
    if held:
        yield held
