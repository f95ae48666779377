"""Incremental reading of an edited text: only lines after a change are read again.

A key costs the reading of its own line. A few texts are remembered in each thread, the least used is let go. This file
knows no markup language.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from typing import NamedTuple

from shadowpen.daemon.markup import families
from shadowpen.daemon.markup.families import LanguageFamily
from shadowpen.daemon.markup.front_matter import fenced_head
from shadowpen.daemon.markup.lines import Line, LineKind, ReaderState
from shadowpen.daemon.text.common_prefix import common_prefix_length

_MOST_TEXTS = 8
_HEAD_CHARACTERS = 20_000
_SAME_START = 256  # characters: a text that begins with them is taken for the same one


class Heading(NamedTuple):
    """A line that makes a heading: its number, level and title, as it is written."""

    line: int
    level: int
    title: str


class EndContext(NamedTuple):
    """The markup at the end of a text.

    `line` is its last line, `read` as what, `state` what is open before it and `after` behind it; `paragraph` is the
    paragraph that it belongs to, as far as it is written.
    """

    line: str
    read: Line
    state: ReaderState
    after: ReaderState
    paragraph: str
    in_front_matter: bool


class Reading:
    """One text of one family, as far as it was last read."""

    def __init__(self, family: LanguageFamily) -> None:
        self.family = family
        self._forget()

    def _forget(self) -> None:
        self._seen: str | None = None  # the very text that was read last
        self.text = ""  # whole lines only
        self._starts: list[int] = []  # where in the text each line begins
        self._states: list[ReaderState] = []  # before each line
        self._paragraphs: list[int] = []  # where in the text the paragraph before each line begins
        self._headings: list[Heading] = []
        self._state = self.family.reader.start
        self._paragraph = 0
        self._head = 0  # where the front matter ends
        self._head_open = False

    def follow(self, text: str) -> str:
        """Read `text` up to its last line, which is returned."""
        end = text.rfind("\n") + 1
        if text is self._seen:
            return text[end:]
        if self._head_open or (not self._head and len(text) < _HEAD_CHARACTERS and text.startswith(("---", "+++"))):
            self._back(0)  # it hangs on every line whether that is a head
        if end != len(self.text) or not text.startswith(self.text):
            self._back(common_prefix_length(self.text, text, end))
            self._on(text, end)
        self._seen = text
        return text[end:]

    def place(self, text: str) -> EndContext:
        """What the end of `text` is in."""
        last = self.follow(text)
        state = self._state
        read, after = self.family.reader.read(state, last)
        goes_on = state.paragraph and not read.starts and read.kind is not LineKind.BLANK
        start = self._paragraph if goes_on else len(self.text)
        return EndContext(last, read, state, after, text[start:], self._head_open)

    def headings(self, text: str) -> list[Heading]:
        """The headings of `text`, its last line included."""
        last = self.follow(text)
        read, _ = self.family.reader.read(self._state, last)
        found = _heading(len(self._starts), self.text[self._starts[-1] : -1] if self._starts else "", last, read)
        return [*self._headings, found] if found is not None else self._headings

    def _back(self, offset: int) -> None:
        """Forget all from the line on that `offset` is in."""
        if offset >= len(self.text) > 0:
            return
        line = bisect_right(self._starts, offset) - 1
        if line < 0 or offset < self._head:
            self._forget()
            return
        self._state, self._paragraph = self._states[line], self._paragraphs[line]
        self.text = self.text[: self._starts[line]]
        del self._starts[line:], self._states[line:], self._paragraphs[line:]
        while self._headings and self._headings[-1].line >= line:
            self._headings.pop()

    def _on(self, text: str, end: int) -> None:
        """Read the whole lines that `text` has more than was read."""
        place = len(self.text)
        if place == 0 and end and text.startswith(("---", "+++")):
            found = fenced_head(text[:_HEAD_CHARACTERS].split("\n"), written_so_far=True)
            self._head_open = found.is_open
            length = sum(len(line) + 1 for line in text.split("\n", found.lines)[: found.lines])
            place = end if found.is_open else min(length, end)
            self._head = 0 if found.is_open else place
        read = self.family.reader.read
        state, paragraph = self._state, self._paragraph
        above = self.text[self._starts[-1] : -1] if self._starts else ""
        for line in text[place:end].split("\n")[:-1]:
            self._starts.append(place)
            self._states.append(state)
            self._paragraphs.append(paragraph)
            found_line, after = read(state, line)
            if found_line.starts or not state.paragraph:
                paragraph = place
            heading = _heading(len(self._starts) - 1, above, line, found_line)
            if heading is not None:
                self._headings.append(heading)
            state, above = after, line
            place += len(line) + 1
        self._state, self._paragraph = state, paragraph
        self.text = text[:end]


def _heading(number: int, above: str, line: str, read: Line) -> Heading | None:
    """The heading that a line makes, of itself or of the line `above` it."""
    if read.kind is LineKind.HEADING:
        return Heading(number, read.level, read.text(line))
    return Heading(number, read.level, above) if read.kind is LineKind.UNDERLINE else None


class _Texts(threading.local):
    def __init__(self) -> None:
        self.known: list[tuple[str, Reading]] = []


_texts = _Texts()


def reading(text: str, language: str) -> Reading | None:
    """The reading that `text` goes on with, or a new one; None for a language that nobody here can read."""
    family = families.of_language(language)
    if family is None:
        return None
    known = _texts.known
    same = [one for one in known if one[0] == language and text.startswith(one[1].text[:_SAME_START])]
    found = next((one for one in same if one[1].text), same[0] if same else (language, Reading(family)))
    if found in known:
        known.remove(found)
    known.insert(0, found)
    del known[_MOST_TEXTS:]
    return found[1]
