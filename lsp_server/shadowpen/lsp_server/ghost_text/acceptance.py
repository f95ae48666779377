"""What of the suggestions was taken, read off the document itself.

No client reports it reliably: VS Code runs an item's command only for its last piece, coc.nvim for every
piece alike, others never. So the text tells: when one edit puts the shown text, or a beginning of it that
ends with a word or line, where it was shown, it was accepted; letter by letter it was typed. Commands and
notifications only confirm. Where a client was given several, the one that the text goes along with is it.
`Accepted` is given to `on_accepted` once for each state of a suggestion; one with an id seen before replaces the
earlier: more of it was taken. How one ended of which nothing was taken is given to `on_ended`. This file knows
neither the daemon nor where acceptances are kept.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import Document, Edit
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.ghost_text.outcomes import End

CONTEXT_CHARACTERS = 1_000
_TELLING = 64  # characters on each side that tell a place
_REMEMBERED = 64  # suggestions whose command may still come


@dataclass(frozen=True)
class Accepted:
    """`taken`, a beginning of `suggested`, stands from `start` to `end` after `context`; `time`: seconds since 1970."""

    id: str
    uri: str
    start: Place
    end: Place
    suggested: str
    taken: str
    context: str
    language: str
    model: str
    time: float


@dataclass
class Shown:
    """A suggestion as it was sent to the editor: `text` at `place`, between `context` and `after`."""

    id: str
    uri: str
    place: Place
    text: str
    context: str
    after: str
    language: str
    model: str
    since: float = 0.0  # seconds since 1970
    begun: Place | None = None  # where the first piece that was taken begins
    passed: str = ""  # of the suggestion, before `text`: taken, or typed since the first piece was taken
    accepted: str = ""  # as reported last
    confirmed: bool = False
    steps: list[tuple[Place, str]] = field(default_factory=list)  # pieces put before the cursor, with where each begins

    @property
    def suggested(self) -> str:
        return self.passed + self.text

    def advance(self, piece: str, raw: str, *, taken: bool) -> None:
        """`piece` of it (`raw` in the document's own line ends) now stands before the cursor."""
        if taken and self.begun is None:
            self.begun = self.place
        self.steps.append((self.place, piece))
        self.place = self.place.after(raw)
        self.text = self.text[len(piece) :]
        if taken or self.accepted:
            self.passed += piece
        else:
            self.context = (self.context + piece)[-CONTEXT_CHARACTERS:]

    def was_taken(self, text: str) -> bool:
        """Count what looked like typing as taken, if it is `text`, or all since it was shown anew and the end of it."""
        whole, piece = "".join(step for _, step in self.steps), ""
        for begun, step in reversed(self.steps):
            piece = step + piece
            if piece == text or (piece == whole and text.endswith(whole)):
                self.begun, self.passed, self.context = begun, piece, self.context[: -len(piece)]
                return True
        return False


class AcceptanceTracker:
    """Follows the suggestion on each document's screen; tells what was taken of it, and how it ended."""

    def __init__(
        self,
        on_accepted: Callable[[Accepted], None],
        on_ended: Callable[[str, End], None] = lambda _id, _how: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._on_accepted = on_accepted
        self._on_ended = on_ended
        self._clock = clock
        self._current: dict[str, Shown] = {}
        self._others: dict[str, list[Shown]] = {}  # that the text may still go along with, beside the current one
        self._recent: OrderedDict[str, Shown] = OrderedDict()

    def shown(
        self,
        document: Document,
        place: Place,
        id: str,
        text: str,
        model: str,
        others: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`text` is on its way to the screen at `place`; an id already there goes on, perhaps longer.

        `others` are id and text of what the client may show there in its stead.
        """
        current = self._current.get(document.uri)
        if current and current.id == id and current.place == place and current.accepted:
            current.text = text
            return
        context = plain_ends(document.lines.before(place, CONTEXT_CHARACTERS))
        after = document.lines.after(place, _TELLING)
        since = current.since if current and current.id == id else self._clock()
        made = [
            Shown(known, document.uri, place, suggested, context, after, document.language, model, since)
            for known, suggested in ((id, text), *others)
        ]
        self._current[document.uri], *self._others[document.uri] = made
        for shown in made:
            self._recent[shown.id] = shown
            self._recent.move_to_end(shown.id)
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def changed(self, document: Document, edit: Edit) -> bool:
        """Judge one edit that `document` already contains; True where it put something of the suggestion there."""
        shown = self._current.get(document.uri)
        if shown is None:
            return False
        raw = _put_at(document, shown, len(edit.inserted) - len(edit.removed))
        piece = plain_ends(raw)
        others = self._others.pop(document.uri, [])
        going_on = [one for one in (shown, *others) if piece and one.text.startswith(piece)]
        if not going_on:
            confirmed = next((one for one in others if one.confirmed), shown)
            self._current[document.uri] = confirmed
            return self._drop(document, confirmed, edit)
        taken = next((one for one in going_on if _is_taken(one, piece)), None)
        if taken is not None:
            going_on = [taken]
        for one in going_on:
            one.advance(piece, raw, taken=one is taken)
        self._current[document.uri], *self._others[document.uri] = going_on
        if taken is not None:
            self._report(taken)
        elif not going_on[0].text:
            self._on_ended(going_on[0].id, "typed_out")
        return True

    def confirm(self, id: str, text: str, find: Callable[[str], Document | None]) -> None:
        """The editor says that `text` of suggestion `id` was taken; the document (`find` it) knows how much."""
        shown = self._recent.get(id)
        if shown is None:
            return
        self._is_it(shown)
        document = find(shown.uri)
        if shown.accepted or shown.was_taken(text):  # single characters: "I", "a", a full stop
            self._report(shown)
        elif document is not None and _stands_at(document, shown.place, text):
            shown.advance(text, text, taken=True)
            self._report(shown)
        else:
            shown.confirmed = True

    def dismiss(self, id: str | None) -> list[tuple[str, str]]:
        """The author waved a suggestion away (None: whatever is shown); returns URI and id of each that went."""
        gone = [(shown.uri, shown.id) for shown in self._current.values() if id in (None, shown.id)]
        if not gone and id is not None and id in self._recent:
            gone = [(self._recent[id].uri, id)]
        for uri, dismissed in gone:
            self.close(uri)
            self._on_ended(dismissed, "dismissed")
        return gone

    def shown_at(self, uri: str, place: Place) -> str | None:
        """The id of what is on the screen at this very place; None for nothing."""
        shown = self._current.get(uri)
        return shown.id if shown is not None and shown.place == place and shown.text else None

    def place_of_rest(self, uri: str) -> Place | None:
        """Where the rest of what is on the screen stands; None for nothing."""
        shown = self._current.get(uri)
        return shown.place if shown is not None and shown.text else None

    def offered(self, uri: str, text: str) -> bool:
        """Whether `text` is a suggestion that was shown in that document, perhaps behind the word that it ends."""
        plain = plain_ends(text)
        known = [shown.suggested for shown in self._recent.values() if shown.uri == uri and shown.suggested]
        return any(plain.endswith(one) and len(plain[: -len(one)].split()) <= 1 for one in known)

    def recent(self, id: str) -> Shown | None:
        """The suggestion of that id, as long as it is remembered."""
        return self._recent.get(id)

    def close(self, uri: str) -> None:
        self._current.pop(uri, None)
        self._others.pop(uri, None)

    def _is_it(self, shown: Shown) -> None:
        """Of several that the text goes along with the client means this one."""
        if any(one is shown for one in self._others.get(shown.uri, ())):
            self._current[shown.uri], self._others[shown.uri] = shown, []

    def _drop(self, document: Document, shown: Shown, edit: Edit) -> bool:
        """The text went another way; a taken one that the editor wrapped or indented still counts: then True."""
        del self._current[shown.uri]
        if shown.confirmed and not shown.accepted and _stands_at(document, shown.place, shown.text):
            shown.advance(shown.text, shown.text, taken=True)
            self._report(shown)
            return True
        if not shown.accepted:
            self._on_ended(shown.id, "typed_over" if edit.inserted and edit.start == shown.place else "left")
        return False

    def _report(self, shown: Shown) -> None:
        shown.confirmed = False
        if shown.passed == shown.accepted:
            return
        shown.accepted = shown.passed
        self._on_accepted(
            Accepted(
                shown.id,
                shown.uri,
                shown.begun or shown.place,
                shown.place,
                shown.suggested,
                shown.passed,
                shown.context,
                shown.language,
                shown.model,
                self._clock(),
            )
        )


def _is_taken(shown: Shown, piece: str) -> bool:
    return shown.confirmed or (len(piece) > 1 and _ends_well(piece, shown.text))


def _put_at(document: Document, shown: Shown, grown: int) -> str:
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


def _stands_at(document: Document, place: Place, text: str) -> bool:
    """True where the words of `text` follow `place`, whatever the blanks and line ends between them."""
    words = text.split()
    pattern = r"\s*" + r"\s+".join(map(re.escape, words))
    following = document.lines.after(document.lines.clamp(place), 2 * len(text) + _TELLING)
    return bool(words) and re.match(pattern, following) is not None
