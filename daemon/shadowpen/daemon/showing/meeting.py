"""Fit a suggestion to the text after the cursor.

A closing mark there is met: the suggestion ends where it would write that mark itself. Words there are not written a
second time. Knows no model.
"""

from __future__ import annotations

import itertools
import re

from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.text.sentences import CLOSERS, ENDS, OWN_ENDS, OWN_PAUSES, SPACED_ENDS, SPACED_PAUSES

_SHORTEST_OVERLAP = 3  # characters at the suggestion's end
_SAME_CHARACTERS = 8  # anywhere in it
_SAME_WORDS = 2  # anywhere in it, where the line goes on
_LOOK_AHEAD_CHARACTERS = 200
_WORDS_ON_NEXT_LINE = 2  # lines often begin with the same word, a list's items say
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_HALF_WORD = re.compile(r"[\w'’]*\Z")
_SENTENCE_MARK = re.compile(rf"[{SPACED_ENDS}](?=[{CLOSERS}]*(?:\s|\Z))|[{OWN_ENDS}]")
_PAIRS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "》": "《", "」": "「", "』": "『", "»": "«", "”": "“"}
_QUOTES = "\"'”’“»«"
_CLOSING = frozenset(_PAIRS) | frozenset("\"'’“*_`")
_PAUSES = frozenset(SPACED_PAUSES + OWN_PAUSES)
_CLOSERS = re.compile(rf"[{re.escape(''.join(_CLOSING) + ENDS)}]+")


def goes_on(place: CursorPlace) -> bool:
    """Whether words stand behind the cursor on its line; closing marks alone are no obstacle, only text to meet."""
    rest = place.rest_of_line
    if not rest.strip():
        return False
    return _CLOSERS.match(rest) is None


def meets_suffix(text: str, place: CursorPlace) -> str:
    """Cut before the mark that stands behind the cursor already: a closing quote, a bracket, the sentence's end."""
    mark = place.suffix[:1]
    if mark in _PAUSES:
        return text[: -len(mark)].rstrip() if text.rstrip().endswith(mark) else text
    marks = _CLOSERS.match(place.suffix)
    if marks is None:
        return text
    ends = [end for mark in marks.group() if (end := _where_closed(text, mark, place)) is not None]
    return text[: min(ends)].rstrip() if ends else text


def repeats_suffix(text: str, place: CursorPlace) -> str:
    """Cut where the suggestion begins to say what already stands after the cursor."""
    ahead = place.suffix[:_LOOK_AHEAD_CHARACTERS].strip()
    if not ahead:
        return text
    if _begins_alike(text, place):
        return ""
    for at in range(len(text)):
        tail = text[at:].strip()
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(tail, ahead, strict=False)))
        if same >= min(_SAME_CHARACTERS, len(ahead)) or (same == len(tail) and (same >= _SHORTEST_OVERLAP or at == 0)):
            return text[:at].rstrip()
        begins_word = text[at].isalnum() and not text[at - 1 : at].isalnum()
        if begins_word and place.rest_of_line.strip() and _words(tail, _SAME_WORDS) == _words(ahead, _SAME_WORDS):
            return text[:at].rstrip()
    return text


def _where_closed(text: str, mark: str, place: CursorPlace) -> int | None:
    """Where `text` would write the closing `mark` itself; None where it does not."""
    if mark in ENDS:
        found = _SENTENCE_MARK.search(text)
        return found.start() if found else None
    if mark in _PAIRS and mark not in _QUOTES:
        return _unmatched(text, _PAIRS[mark], mark)
    border = place.prefix[-1:]
    for at, character in enumerate(text):
        before = text[at - 1] if at else border
        opens = not before or before.isspace() or before in "([{—–"
        apostrophe = character in "'’" and before.isalnum() and text[at + 1 : at + 2].isalnum()
        if character == mark and not opens and not apostrophe:
            return at
    return None


def _unmatched(text: str, opening: str, closing: str) -> int | None:
    """The place of the first `closing` that nothing in `text` opens."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return at
    return None


def _begins_alike(text: str, place: CursorPlace) -> bool:
    """Whether the first word, with what was typed of it, or two on the next line, are those behind the cursor."""
    begun = _HALF_WORD.findall(place.prefix[-_LOOK_AHEAD_CHARACTERS:])[0] if text[:1].isalnum() else ""
    same_line = bool(place.rest_of_line.strip())
    count = 1 if same_line else _WORDS_ON_NEXT_LINE
    made = _words(begun + text, count)
    ahead = place.suffix[:_LOOK_AHEAD_CHARACTERS]
    if begun and made[:1] == _words(begun + ahead, 1):  # the cursor is inside a word, which ends as the text does
        return True
    return len(made) == count and made == _words(ahead, count)


def _words(text: str, count: int) -> list[str]:
    return [found.group().casefold() for found in itertools.islice(_WORD.finditer(text), count)]
