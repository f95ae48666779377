"""Find out from the document what became of suggestions, and report it to the daemon.

No client reports it reliably: VS Code runs an item's command only for its last piece, coc.nvim for every
piece alike, others never. So the text tells: when one edit puts the shown text, or a beginning of it that
ends with a word or line, where it was shown, it was accepted; letter by letter it was typed. Commands and
notifications only confirm. Where a client was given several, the one that the text goes along with is it.
The daemon is told numbers and names only, so that it learns when to make suggestions: it knows the text by the id.
Each answer is told as shown once and has one end, unless more and more of it is taken. This file knows neither how the
daemon is reached nor where acceptances are kept.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence

from shadowpen.daemon.wire.protocol import Outcome, OutcomeKind
from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.suggestions import (
    CONTEXT_CHARACTERS,
    Display,
    End,
    SuggestionRecord,
    Suggestions,
)

_TELLING = 64  # characters on each side that tell a place


class AcceptanceTracker:
    """Follows the suggestion on each document's screen.

    `on_accepted` gets a suggestion each time more of it was taken, `on_ended` one of which nothing was taken, with how
    it ended.
    """

    def __init__(
        self,
        suggestions: Suggestions,
        on_accepted: Callable[[SuggestionRecord], None],
        on_ended: Callable[[SuggestionRecord, End], None] = lambda _record, _how: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._suggestions = suggestions
        self._on_accepted = on_accepted
        self._on_ended = on_ended
        self._clock = clock

    def shown(self, document: OpenDocument, place: Point, shown: Sequence[tuple[SuggestionRecord, str]]) -> None:
        """These suggestions and texts are on their way to the screen at `place`: the first, or another in its stead.

        One that is there already goes on, perhaps longer.
        """
        current = self._suggestions.current(document.uri)
        best, text = shown[0]
        known = current.display if current is best else None
        if known is not None and known.place == place and known.accepted:
            known.text = text
            return
        context = plain_ends(document.lines.before(place, CONTEXT_CHARACTERS))
        after = document.lines.after(place, _TELLING)
        since = known.since if known is not None else self._clock()
        for record, suggested in shown:
            record.display = Display(place, suggested, context, after, since)
        self._suggestions.display(document.uri).candidates = [record for record, _ in shown]

    def changed(self, document: OpenDocument, edit: DocumentEdit) -> bool:
        """Judge one edit that `document` already contains; True where it put something of the suggestion there."""
        screen = self._suggestions.display(document.uri)
        if not screen.candidates:
            return False
        shown = [(record, display) for record in screen.candidates if (display := record.display) is not None]
        raw = _put_at(document, shown[0][1], len(edit.inserted) - len(edit.removed))
        piece = plain_ends(raw)
        going_on = [one for one in shown if piece and one[1].text.startswith(piece)]
        if not going_on:
            screen.candidates = []
            return self._drop(document, *next((one for one in shown[1:] if one[1].confirmed), shown[0]), edit)
        taken = next((one for one in going_on if _is_taken(one[1], piece)), None)
        if taken is not None:
            going_on = [taken]
        for _, display in going_on:
            display.advance(piece, raw, taken=taken is not None)
        screen.candidates = [record for record, _ in going_on]
        if taken is not None:
            self._report(*taken)
        elif not going_on[0][1].text:
            self._on_ended(going_on[0][0], "typed_out")
        return True

    def confirm(self, id: str, text: str, find: Callable[[str], OpenDocument | None]) -> None:
        """The editor says that `text` of suggestion `id` was taken; the document (`find` it) knows how much."""
        record = self._suggestions.get(id)
        if record is None or record.display is None:
            return
        display, screen, document = record.display, self._suggestions.display(record.uri), find(record.uri)
        if record in screen.candidates[1:]:
            screen.candidates = [record]
        if display.accepted or display.was_taken(text):  # single characters: "I", "a", a full stop
            self._report(record, display)
        elif document is not None and _stands_at(document, display.place, text):
            display.advance(text, text, taken=True)
            self._report(record, display)
        else:
            display.confirmed = True

    def dismiss(self, id: str | None) -> list[SuggestionRecord]:
        """The user dismissed a suggestion (None: whatever is shown); returns those that went."""
        gone = [record for record in self._suggestions.shown() if id in (None, record.id)]
        if not gone and id is not None and (record := self._suggestions.get(id)) is not None and record.display:
            gone = [record]
        for record in gone:
            self._suggestions.display(record.uri).candidates = []
            self._on_ended(record, "dismissed")
        return gone

    def shown_at(self, uri: str, place: Point) -> SuggestionRecord | None:
        """What is on the screen at this very place; None for nothing."""
        record = self._suggestions.current(uri)
        shown = record.display if record is not None else None
        return record if shown is not None and shown.place == place and shown.text else None

    def place_of_rest(self, uri: str) -> Point | None:
        """Where the rest of what is on the screen stands; None for nothing."""
        record = self._suggestions.current(uri)
        shown = record.display if record is not None else None
        return shown.place if shown is not None and shown.text else None

    def offered(self, uri: str, text: str) -> bool:
        """Whether `text` is a suggestion that was shown in that document, perhaps behind the word that it ends."""
        plain = plain_ends(text)
        known = [record.display.suggested for record in self._suggestions.of(uri) if record.display is not None]
        return any(one and plain.endswith(one) and len(plain[: -len(one)].split()) <= 1 for one in known)

    def _drop(self, document: OpenDocument, record: SuggestionRecord, shown: Display, edit: DocumentEdit) -> bool:
        """The text went another way; a taken one that the editor wrapped or indented still counts: then True."""
        if shown.confirmed and not shown.accepted and _stands_at(document, shown.place, shown.text):
            shown.advance(shown.text, shown.text, taken=True)
            self._report(record, shown)
            return True
        if not shown.accepted:
            self._on_ended(record, "typed_over" if edit.inserted and edit.start == shown.place else "left")
        return False

    def _report(self, record: SuggestionRecord, shown: Display) -> None:
        shown.confirmed = False
        if shown.passed != shown.accepted:
            shown.accepted = shown.passed
            self._on_accepted(record)


def _is_taken(shown: Display, piece: str) -> bool:
    return shown.confirmed or (len(piece) > 1 and _ends_well(piece, shown.text))


def _put_at(document: OpenDocument, shown: Display, grown: int) -> str:
    """What the edit put at the place of `shown`, as the document holds it; "" if that is not all it did.

    Judged by the text around the place and not by the edit's range, which clients choose freely: some
    send the line, some the whole text, some a range moved along repeated letters.
    """
    if grown <= 0 or document.lines.clamp(shown.place) != shown.place:
        return ""
    following = document.lines.after(shown.place, grown + _TELLING)
    before = plain_ends(document.lines.before(shown.place, _TELLING))
    known = shown.context + shown.passed
    same_place = known.endswith(before) if before else not known
    return following[:grown] if same_place and following[grown:] == shown.after else ""


def _ends_well(piece: str, text: str) -> bool:
    """True where `piece` of `text` ends with it, a word or a line."""
    following = text[len(piece) : len(piece) + 1]
    return not following or not (piece[-1].isalnum() and following.isalnum())


def _stands_at(document: OpenDocument, place: Point, text: str) -> bool:
    """True where the words of `text` follow `place`, whatever the blanks and line ends between them."""
    words = text.split()
    pattern = r"\s*" + r"\s+".join(map(re.escape, words))
    following = document.lines.after(document.lines.clamp(place), 2 * len(text) + _TELLING)
    return bool(words) and re.match(pattern, following) is not None


class Outcomes:
    """Reports to the daemon what became of suggestions.

    `tell` sends what nobody waits for.
    """

    def __init__(self, suggestions: Suggestions, tell: Callable[[Outcome], None]) -> None:
        self._suggestions = suggestions
        self._tell = tell

    def shown(self, record: SuggestionRecord) -> bool:
        """The suggestion is on the screen of its document, in place of any other; True the first time."""
        display, outcome = self._suggestions.display(record.uri), record.outcome
        if display.latest is not None and display.latest.request != record.request:
            self.ended(display.latest, "left")
        display.latest = record
        if outcome.shown:
            outcome.shown_again = outcome.end is not None
            return False
        outcome.shown = True
        self._send(record, "shown")
        return True

    def taken(self, record: SuggestionRecord, characters: int) -> int:
        """So many characters of it were taken in all; said again for each piece. How many were taken before."""
        outcome = record.outcome
        before = outcome.taken
        if characters > before:
            outcome.taken = characters
            self._send(record, "taken", characters)
        return before

    def ended(self, record: SuggestionRecord, how: End) -> None:
        """It is gone from the screen; what was taken before stays taken, but a refused rest is told.

        So is the refusal of what was left before and came to the screen once more.
        """
        outcome, refused = record.outcome, how == "dismissed"
        if not (outcome.shown or outcome.taken) or (outcome.taken and not refused):
            return
        if outcome.end is not None and not (outcome.shown_again and refused):
            return
        outcome.end, outcome.shown_again = how, False
        self._send(record, how)

    def closed(self, uri: str) -> None:
        """The document is closed."""
        latest = self._suggestions.display(uri).latest
        if latest is not None:
            self.ended(latest, "left")

    def _send(self, record: SuggestionRecord, kind: OutcomeKind, characters: int = 0) -> None:
        self._tell(Outcome(id=uuid.uuid4().hex, of=record.request, kind=kind, characters=characters))
