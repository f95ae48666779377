"""Detect the shape of a text: a list, a table, or prose that can become rows.

This file knows no other form that a text may get.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.markup import families
from shadowpen.daemon.markup.lines import PROSE, LineKind, read
from shadowpen.daemon.tasks.verbs.passages import passages

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•–‣◦]|\d{1,4}[.)])[ \t]+(?P<text>.*)")
_PLACED = frozenset((*PROSE, LineKind.BLANK, LineKind.TABLE, LineKind.TABLE_RULE, LineKind.UNDERLINE, LineKind.RULE))
_SEPARATORS = ("\t", " | ", ": ", " – ", " — ", " - ", "; ")
_PARTS = re.compile(r",\s+(?:and\s+|or\s+)?|\s+(?:and|or)\s+")
_FEWEST_PARTS = 3
_TABLE_RULE = re.compile(r"\|?[ \t:|-]*-[ \t:|-]*\|?")


@dataclass(frozen=True)
class Row:
    """An item, a line of a table, or a sentence; `level` is how deep an item stands."""

    cells: Sequence[str]
    level: int = 0


@dataclass(frozen=True)
class TextShape:
    """The `rows` of a text, with the `head` of their columns and the sentence `intro` before them, if they have any."""

    kind: Literal["list", "table", "prose"]
    rows: Sequence[Row]
    head: Sequence[str] = ()
    intro: str = ""
    separator: str = ": "


def shape_of(text: str, language: str) -> TextShape:
    """The shape of `text`; RequestInvalid where it holds what no shape has a place for."""
    lines = [line for line in text.splitlines() if line.strip()]
    family = families.of_language(language) or families.PLAIN
    kinds = [told.kind for told in read(text.splitlines(), family.reader)]
    if any(kind not in _PLACED and kind is not LineKind.INDENTED for kind in kinds):
        raise RequestInvalid(
            "This selection holds code, formulas or quotations, which would be lost.", "Select the lines around them."
        )
    if all(line.strip().startswith("|") or " | " in line for line in lines) and len(lines) > 1:
        return _table(lines)
    if sum(bool(_ITEM.fullmatch(line)) for line in lines) >= 1:
        return _list(lines)
    separator = _common_separator(lines)
    if separator and len(lines) > 1:
        return TextShape("list", _celled([Row([line.strip()]) for line in lines], separator), separator=separator)
    return _sentences(text, language)


def _table(lines: Sequence[str]) -> TextShape:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    if len(lines) > 1 and _TABLE_RULE.fullmatch(lines[1].strip()):
        return TextShape("table", [Row(cells) for cells in rows[2:]], head=rows[0])
    return TextShape("table", [Row(cells) for cells in rows])


def _list(lines: Sequence[str]) -> TextShape:
    """The items, a line that goes on with one taken into it; lines before the first are the intro."""
    intro: list[str] = []
    found: list[tuple[int, str]] = []
    for line in lines:
        item = _ITEM.fullmatch(line)
        if item:
            found.append((len(item["indent"].expandtabs(4)), item["text"].strip()))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            intro.append(line.strip())
    indents = sorted({indent for indent, _ in found})
    rows = [Row([text], indents.index(indent)) for indent, text in found]
    separator = _common_separator([text for _, text in found])
    if separator:
        rows = _celled(rows, separator)
    return TextShape("list", rows, intro=" ".join(intro), separator=separator or ": ")


def _sentences(text: str, language: str) -> TextShape:
    found = [sentence for passage in passages(text, language) for sentence in passage.sentences]
    if len(found) == 1:
        before, colon, behind = found[0].partition(": ")
        parts = [part.strip() for part in _PARTS.split(behind.rstrip(". "))]
        if colon and len(parts) >= _FEWEST_PARTS and all(parts):
            return TextShape("prose", [Row([part]) for part in parts], intro=before + ":")
    return TextShape("prose", [Row([sentence]) for sentence in found])


def _common_separator(lines: Sequence[str]) -> str:
    """What parts every line into the same number of cells, more than one; "" for nothing."""
    for separator in _SEPARATORS:
        counts = {line.strip().count(separator) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return separator
    return ""


def _celled(rows: Sequence[Row], separator: str) -> list[Row]:
    return [Row([cell.strip() for cell in row.cells[0].split(separator)], row.level) for row in rows]
