"""The headings above a place, in all supported markup languages.

Known are languages by their editors' names; elsewhere there are no headings. This file knows no documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from shadowpen.daemon.markup.languages.latex import HEADING as _TEX_HEADING
from shadowpen.daemon.markup.reading import reading

Heading = tuple[int, str]  # its level, 1 being the outermost, and its title

_CLOSING = re.compile(r"(?:\s+#+|\s*\{[^}]*\}|\s+:[\w@:]+:)+\s*\Z")  # what stands behind a title and is none of it
_TODO = re.compile(r"(?:TODO|DONE|NEXT|WAITING)\s+")


def above(text: str, language: str, before: Iterable[Heading] = ()) -> list[Heading]:
    """The headings that the end of `text` is under, outermost first; `before` are those its beginning is under."""
    found = reading(text, language)
    open_ones: list[Heading] = []
    # From the end: what is open is above all that is found later.
    for heading in reversed(found.headings(text)) if found is not None else ():
        if not open_ones or heading.level < open_ones[-1][0]:
            open_ones.append((heading.level, _title(heading.title)))
            if heading.level == 1:
                break
    outer = [heading for heading in before if not open_ones or heading[0] < open_ones[-1][0]]
    return [*outer, *reversed(open_ones)]


def is_under(headings: Iterable[Heading], names: Iterable[str]) -> bool:
    """Whether one of `headings` has one of these `names`, whatever its case and blanks."""
    wanted = {_plain(name) for name in names}
    return any(_plain(title) in wanted for _, title in headings)


def _title(written: str) -> str:
    """A heading's words: without a task's state, or what is around them in LaTeX."""
    command = _TEX_HEADING.match(written)
    if command is not None:
        return written[command.end() :].partition("}")[0]
    return _TODO.sub("", written, count=1)


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[*_`]", "", _CLOSING.sub("", title)).split()).casefold()
