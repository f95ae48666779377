"""Find an earlier suggestion again while the user types along it.

What was typed since a suggestion was made may be its beginning: then the rest of it is the answer, with the same id and
without asking the daemon. What the user is reading stays as it is: a suggestion never changes, and one that was
complete does not grow while it is typed along. What comes after it is kept until all of it is typed.
This file knows neither the editor nor the daemon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shadowpen.lsp_server.documents.context import TextWindow
from shadowpen.lsp_server.ghost_text.suggestions import SuggestionRecord, Suggestions, request_of

_PLACE = 64  # characters before a text that was dismissed
_FEW_WORDS = 2
_WORD = re.compile(r"\S+")

Found = tuple[SuggestionRecord, int]  # a suggestion, and how many characters of it are typed


def find(suggestions: Suggestions, uri: str, context: TextWindow) -> Found | None:
    """The latest suggestion that goes on from `context`."""
    return next(_going_on(suggestions, uri, context), None)


def alternatives(suggestions: Suggestions, uri: str, context: TextWindow) -> list[Found]:
    """That one and what else the same answer offered, best first."""
    found = list(_going_on(suggestions, uri, context))
    return [(record, typed) for record, typed in found if record.request == found[0][0].request]


def _going_on(suggestions: Suggestions, uri: str, context: TextWindow) -> Iterator[Found]:
    for record in suggestions.typed_along(uri):
        typed = record.typed(context)
        if typed is not None:
            _unfold(record, typed)
            if record.text[typed:].strip():
                yield record, typed


def _unfold(record: SuggestionRecord, typed: int) -> None:
    """Go on with what comes after it, once all of it is typed."""
    if record.ahead and not record.text[typed:].strip():
        record.text, record.ahead = record.text + record.ahead, ""


def runs_out(record: SuggestionRecord, typed: int) -> bool:
    """Whether its last word has been reached since the daemon was asked: time to ask what comes after it."""
    return typed > record.asked_at and len(_WORD.findall(record.text[typed:])) < _FEW_WORDS


def grow(record: SuggestionRecord, typed: int, more: str, *, final: bool) -> None:
    """Take in what the daemon says at `typed`, if it goes on from what is shown.

    One that the deadline cut short grows at once, but for the word that is being typed.
    """
    grown = record.text[:typed] + more
    if not grown.startswith(record.text):
        record.final = record.final or (final and record.text.startswith(grown))
    elif not record.final and not _is_in_word(record, typed):
        record.text, record.final = grown, final
    else:
        record.ahead = grown[len(record.text) :]


def _is_in_word(record: SuggestionRecord, typed: int) -> bool:
    around = (record.before + record.text)[len(record.before) + typed - 1 :][:2]
    return len(around) > 1 and around.isalnum()


def dismiss(suggestions: Suggestions, uri: str, id: str) -> None:
    """Never show a suggestion of a document again, nor its alternatives, nor what else says the same there."""
    dismissed = [one for one in suggestions.typed_along(uri) if one.request == request_of(id)]
    for record in dismissed:
        record.outcome.dismissed = True
    for other in suggestions.typed_along(uri):
        if any(_says_again(other, one) for one in dismissed):
            other.can_be_typed_along = False


def is_unwanted(suggestions: Suggestions, record: SuggestionRecord) -> bool:
    """Whether it says again what was dismissed there; another daemon than the one that was told may offer it."""
    return any(_says_again(record, other) for other in suggestions.dismissed(record.uri))


def _says_again(record: SuggestionRecord, unwanted: SuggestionRecord) -> bool:
    """Whether `record`, made at whatever key, puts the words of `unwanted`, or the first of them, in the same place."""
    stands, place = record.before + record.text, unwanted.before[-_PLACE:]
    at = stands.rfind(place) if place else 0
    if at < 0:
        return False
    words, others = stands[at + len(place) :].split(), unwanted.text.split()
    return bool(words) and words[: len(others)] == others[: len(words)]
