"""Telling the daemon what became of each suggestion, so that it learns when to make some.

Each suggestion is told as shown once and has one end, unless more and more of it is taken; alternatives of one answer
count as one, whichever is taken. Numbers and names only:
the daemon knows the text by the id. This file knows neither documents nor how the end is found out.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.wire.protocol import Outcome, OutcomeKind
from shadowpen.lsp_server.ghost_text.type_through import request_of

End = Literal["typed_over", "dismissed", "typed_out", "left"]

_REMEMBERED = 64


@dataclass
class _Known:
    taken: int = 0  # characters
    ended: bool = False
    back: bool = False  # on the screen once more after its end


class Outcomes:
    """`tell` sends what nobody waits for."""

    def __init__(self, tell: Callable[[Outcome], None]) -> None:
        self._tell = tell
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._on_screen: dict[str, str] = {}

    def shown(self, uri: str, id: str) -> bool:
        """Suggestion `id` is on the screen of document `uri`, in place of any other; True the first time."""
        id = request_of(id)
        before = self._on_screen.get(uri)
        if before is not None and before != id:
            self.ended(before, "left")
        self._on_screen[uri] = id
        if id in self._known:
            self._known[id].back = self._known[id].ended
            return False
        self._known[id] = _Known()
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        self._send(id, "shown")
        return True

    def taken(self, id: str, characters: int) -> int:
        """So many characters of it were taken in all; said again for each piece. How many were taken before."""
        id = request_of(id)
        known = self._known.setdefault(id, _Known())
        before = known.taken
        if characters > before:
            known.taken = characters
            self._send(id, "taken", characters)
        return before

    def ended(self, id: str, how: End) -> None:
        """It is gone from the screen; what was taken before stays taken, but a refused rest is told.

        So is the refusal of what was left before and came to the screen once more.
        """
        id = request_of(id)
        known = self._known.get(id)
        refused = how == "dismissed"
        if known is None or (known.taken and not refused) or (known.ended and not (known.back and refused)):
            return
        known.ended, known.back = True, False
        self._send(id, how)

    def closed(self, uri: str) -> None:
        """The document is closed."""
        id = self._on_screen.pop(uri, None)
        if id is not None:
            self.ended(id, "left")

    def _send(self, id: str, kind: OutcomeKind, characters: int = 0) -> None:
        self._tell(Outcome(id=uuid.uuid4().hex, of=id, kind=kind, characters=characters))
