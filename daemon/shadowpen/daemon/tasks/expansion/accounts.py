"""Account for an expansion: the words it adds, the note behind each sentence, and the words of the notes it leaves out.

All are read off the finished text, so that they hold however it was made. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence

from shadowpen.daemon.tasks.expansion.pieces import Notes, plain
from shadowpen.daemon.tasks.expansion.placing import put_back, sentences_in
from shadowpen.daemon.text.content_words import content_words, missing, stem, words_of
from shadowpen.daemon.text.shortenings import full_forms
from shadowpen.daemon.wire.protocol import Expand, Expansion, Timings


def answer(request: Expand, notes: Notes, texts: Sequence[str], model: str, timings: Timings) -> Expansion:
    """The reply to `request`: `texts`, written from `notes`, with their markup put back and accounted for."""
    texts = [put_back(text, notes.pieces) for text in texts]
    return Expansion(
        id=request.id,
        candidates=texts,
        missing=[missing(content_words(notes.text), plain(text)) for text in texts],
        added=[added_places(text, request.notes) for text in texts],
        tells=[told_notes(text, notes.told) for text in texts],
        model=model,
        timings=timings,
    )


def added_places(text: str, notes: str) -> list[tuple[int, int]]:
    """Start and end of every word of `text` that stands in `notes` in no form."""
    told = {form for match in words_of(notes) for form in _forms(match[0])}
    told |= {form for word in notes.split() for form in _forms(word)}
    return [(m.start(), m.end()) for m in words_of(text) if not told & {stem(m[0]), stem(m[0].replace("'", ""))}]


def told_notes(text: str, notes: Sequence[str]) -> list[int]:
    """For each sentence of `text` the place in `notes`, from 0, of the note that it tells most of."""
    stems = [{form for word in note.split() for form in _forms(word)} for note in notes]
    found: list[int] = []
    for sentence in sentences_in(text):
        words = {stem(word) for word in content_words(sentence)}
        last = found[-1] if found else 0
        found.append(max(range(len(notes)), key=lambda place: (len(words & stems[place]), -abs(place - last))))
    return found


def _forms(word: str) -> list[str]:
    return [stem(form) for full in (word, *full_forms(word)) for form in full.split()]
