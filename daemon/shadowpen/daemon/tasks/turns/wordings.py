"""Split paragraphs into their wording of each note, and combine these into other paragraphs.

A part takes the place of another only where it tells every word of its note that the other tells. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shadowpen.daemon.tasks.expansion.accounts import told_notes
from shadowpen.daemon.tasks.expansion.pieces import plain
from shadowpen.daemon.tasks.expansion.placing import sentences_in
from shadowpen.daemon.text.content_words import content_words, missing

# "is a 12 June" is shorter than "is on 12 June", and nothing else speaks for it.
_SLIP = re.compile(r"\b[Aa]n? \d+(?:st|nd|rd|th)? [A-Z]\w+")
ByNote = Mapping[int, str]  # what is told of each note, by its place, in their order


def by_note(text: str, notes: Sequence[str]) -> ByNote | None:
    """What `text` tells of each note; None where it does not tell them one after the other."""
    if "\n" in text:
        return None
    tells = told_notes(text, notes)
    parts: dict[int, str] = {}
    if not tells or list(tells) != sorted(tells):
        return None
    for place, sentence in zip(tells, sentences_in(text), strict=True):
        parts[place] = f"{parts[place]} {sentence}" if place in parts else sentence
    return parts


def shortest(paragraph: ByNote, others: Sequence[ByNote], notes: Sequence[str]) -> list[str]:
    """`paragraph` with the shortest part for every note; nothing where it is so short already."""
    parts = {
        place: min([part, *_instead(place, part, others, notes)], key=_length) for place, part in paragraph.items()
    }
    return [_joined(parts)] if _length(_joined(parts)) < _length(_joined(paragraph)) else []


def longest(paragraph: ByNote, others: Sequence[ByNote], notes: Sequence[str]) -> list[str]:
    """`paragraph` with the longest part for every note; nothing where it is so long already."""
    parts = {
        place: max([part, *_instead(place, part, others, notes)], key=_length) for place, part in paragraph.items()
    }
    return [_joined(parts)] if _length(_joined(parts)) > _length(_joined(paragraph)) else []


def beginning(paragraph: ByNote, others: Sequence[ByNote], notes: Sequence[str], before: Sequence[str]) -> list[str]:
    """`paragraph` with other first parts, whose first words differ and are none that those `before` begin with."""
    place = next(iter(paragraph))
    used = {first_word(text) for text in before}
    made = []
    for part in _instead(place, paragraph[place], others, notes):
        if first_word(part) not in used:
            used.add(first_word(part))
            made.append(_joined({**paragraph, place: part}))
    return made


def with_notes(text: str, others: Sequence[ByNote], places: Sequence[int]) -> list[str]:
    """`text`, and behind it what each of the `others` tells of the notes at `places`, where it tells all of them."""
    if not places:
        return []
    return [
        _joined({-1: text, **{place: other[place] for place in places}})
        for other in others
        if all(place in other for place in places)
    ]


def first_word(text: str) -> str:
    return next(iter(text.casefold().split()), "").strip("\"'“‘(,.;:")


def _instead(place: int, part: str, others: Sequence[ByNote], notes: Sequence[str]) -> list[str]:
    """The parts of others that may take the place of `part`: they tell as much of its note."""
    wanted = content_words(notes[place])
    lacking = set(missing(wanted, plain(part)))
    found = dict.fromkeys(other[place] for other in others if place in other)
    return [
        text
        for text in found
        if text != part and set(missing(wanted, plain(text))) <= lacking and not _SLIP.search(text)
    ]


def _length(text: str) -> int:
    return len(text.split())


def _joined(parts: ByNote) -> str:
    return " ".join(parts.values())
