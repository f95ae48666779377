"""Classify the last edit: typing, or something after which ghost text would be in the way.

Clients choose the range of an edit freely, so only what really came and went counts. A few mistyped letters beyond
ghost text, taken back one by one, are typing: the writer is where that text was on the screen. What comes back in one
piece where it was taken out is an undo; an undo that takes out looks like any deletion. This file knows neither the
daemon nor suggestions.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from shadowpen.daemon.text.common_prefix import common_prefix_length
from shadowpen.daemon.wire.protocol import LastEdit
from shadowpen.lsp_server.documents.documents import DocumentEdit
from shadowpen.lsp_server.documents.positions import Point

# Input methods, snippets and clients that gather keys put in so much at once; a paste is mostly more.
_TYPED_CHARACTERS = 64
_TYPED_WORD = 32
_TYPED_LINES = 2
_SLIP_CHARACTERS = 3  # as late as a mistyped letter is noticed; more is another thought
_REMEMBERED = 16  # texts taken out of a document
_LONGEST_REMEMBERED = 4_000


def net_of(edit: DocumentEdit) -> DocumentEdit:
    """The edit without what the text had there before, at its beginning and end."""
    came, went = edit.inserted, edit.removed
    head = common_prefix_length(came, went)
    start = edit.start.after(came[:head])
    came, went = came[head:], went[head:]
    tail = common_prefix_length(came[::-1], went[::-1])
    return DocumentEdit(start, went[: len(went) - tail], came[: len(came) - tail])


def kind_of(net: DocumentEdit) -> LastEdit:
    """Judge an edit, of which nothing was there before (`net_of`), that is not the taking of a suggestion."""
    came = net.inserted
    if not came:
        return "deleted" if net.removed else ""
    too_long = len(came) > _TYPED_CHARACTERS or any(len(word) > _TYPED_WORD for word in came.split())
    lines = sum(1 for line in came.splitlines() if len(line.split()) > 1)
    return "pasted" if too_long or lines >= _TYPED_LINES else "typed"


class LastEdits:
    """Classifies edits: typed, deleted, pasted, undone."""

    def __init__(self) -> None:
        self._trails: dict[str, _Trail] = {}

    def judge(self, uri: str, edit: DocumentEdit, left: Point | None = None) -> LastEdit:
        """To be called for every edit; `left` is where it went another way than the ghost text on the screen."""
        return self._trails.setdefault(uri, _Trail()).judge(edit, left)

    def close(self, uri: str) -> None:
        self._trails.pop(uri, None)


@dataclass(frozen=True)
class _PlacedText:
    """A text, put in or taken out at `start`."""

    start: Point
    text: str

    @property
    def end(self) -> Point:
        return self.start.after(self.text)


@dataclass
class _Trail:
    """Recent edits in one document: letters typed, and texts removed, the latest last."""

    slips: list[_PlacedText] = field(default_factory=list)
    removed: deque[_PlacedText] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    removing: bool = False  # the last edit only took out

    def judge(self, edit: DocumentEdit, left: Point | None) -> LastEdit:
        net = net_of(edit)
        kind = kind_of(net)
        if not kind:
            return kind
        if self._mends(net, left):
            kind = "typed"
        elif len(net.inserted) > 1 and self._comes_back(net):
            kind = "undone"
        if net.removed:
            self._remember(_PlacedText(net.start, net.removed), alone=not net.inserted)
        self.removing = not net.inserted
        return kind

    def _mends(self, net: DocumentEdit, left: Point | None) -> bool:
        """Follow the slips through an edit; whether it took back the last letter of one."""
        followed = [_followed(slip, net) for slip in self.slips]
        if left is not None and not net.removed and net.start == left:
            followed.append(_PlacedText(left, net.inserted))
        self.slips = [slip for slip in followed if slip is not None and 0 < len(slip.text) <= _SLIP_CHARACTERS]
        return any(slip is not None and not slip.text for slip in followed)

    def _comes_back(self, net: DocumentEdit) -> bool:
        return any(span.start == net.start and span.text.startswith(net.inserted) for span in self.removed)

    def _remember(self, taken: _PlacedText, *, alone: bool) -> None:
        """Letters taken out one by one come back as one."""
        last = self.removed[-1] if self.removed and self.removing and alone else None
        if last is not None and last.start in (taken.start, taken.end):
            self.removed.pop()
            text = last.text + taken.text if last.start == taken.start else taken.text + last.text
            taken = replace(taken, text=text)
        if len(taken.text) <= _LONGEST_REMEMBERED:
            self.removed.append(taken)


def _followed(slip: _PlacedText, net: DocumentEdit) -> _PlacedText | None:
    """The slip after an edit at its end; None after any other."""
    if not net.removed and net.start == slip.end:
        return replace(slip, text=slip.text + net.inserted)
    backspace = not net.inserted and len(net.removed) == 1 and net.start.after(net.removed) == slip.end
    return replace(slip, text=slip.text[:-1]) if backspace else None
