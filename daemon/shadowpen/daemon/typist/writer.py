"""The simulated writer in real time: a suggestion counts only if it comes before the next key is due.

What is taken, and what it costs, is the matter of `typist.keystrokes`. Whoever offers is a `LiveCompleter`: this file
knows neither the language server nor any other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shadowpen.daemon.typist.figures import Spread, spread
from shadowpen.daemon.typist.keystrokes import Keystrokes


class LiveCompleter(Protocol):
    """Offers ghost text to a simulated writer, in real time.

    Who sees a document grow at its end, and offers ghost text there.
    """

    async def open(self, text: str) -> None:
        """The document as it stands before the first key; returns when keys may come."""
        ...

    def type(self, piece: str) -> None:
        """Take note that `piece` was typed at the end."""
        ...

    async def ask(self, patience_s: float) -> str | None:
        """Ghost text for the end, "" for none; None when it did not come in time: nobody wants it any more."""
        ...

    def accept(self, ghost: str) -> None:
        """Take note that the last answer was accepted whole; it is in the text already."""
        ...


@dataclass(frozen=True)
class ReplayResult:
    """One replay: `late` is the share of requests without an answer when the next key was due.

    `ksr` is 1 - keys / characters; `net_ksr` also charges a quarter of a key for each suggestion shown in vain.
    Milliseconds from key to answer: of all answers in time, and of those that held text.
    """

    characters: int
    keys: int
    ksr: float
    net_ksr: float
    requests: int
    late: float
    shown: int
    accepted: int
    answer_ms: Spread
    text_ms: Spread


class SimulatedWriter:
    """Writes `rest` behind `before`.

    `gap_s` tells how long after the last character of a text the next key follows; see `typist.pace`. One who does not
    `take` anything presses every key. `rests` is asked after each answer whether to wait until the next key is due.
    """

    def __init__(
        self,
        partner: LiveCompleter,
        before: str,
        rest: str,
        gap_s: Callable[[str], float],
        *,
        takes: bool = True,
        rests: Callable[[], bool] = lambda: True,
    ) -> None:
        self._partner, self._before = partner, before
        self._gap_s, self._takes, self._rests = gap_s, takes, rests
        self._keystrokes = Keystrokes(before + rest, len(before))
        self._late = 0
        self._answer_ms: list[float] = []
        self._text_ms: list[float] = []

    async def write(self, tell: Callable[[float], None] = lambda _: None) -> ReplayResult:
        """Type everything; `tell` hears which share of it stands there."""
        keystrokes, characters = self._keystrokes, self._keystrokes.tally.characters
        await self._partner.open(self._before)
        while keystrokes:
            due_s = time.perf_counter() + self._gap_s(keystrokes.text[: keystrokes.place + 1])
            self._partner.type(keystrokes.press())
            while keystrokes and (wanted := await self._look(due_s)):
                self._take(*wanted)
                due_s = time.perf_counter() + self._gap_s(keystrokes.text[: keystrokes.place])
            if self._rests():
                await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            tell(1 - (len(keystrokes.text) - keystrokes.place) / characters)
        return self._result()

    async def _look(self, due_s: float) -> tuple[str, int] | None:
        """What is taken of the answer to this place and its price in keys; None: nothing, the next key comes."""
        asked_s = time.perf_counter()
        ghost = await self._partner.ask(due_s - asked_s)
        now_s = time.perf_counter()
        if ghost is None or now_s > due_s:  # what was shown stays on the screen
            self._late += 1
            return None
        self._answer_ms.append((now_s - asked_s) * 1000)
        if ghost:
            self._text_ms.append(self._answer_ms[-1])
        wanted = self._keystrokes.look(ghost)
        return wanted if self._takes else None

    def _take(self, piece: str, price_keys: int) -> None:
        ghost = self._keystrokes.showing
        self._keystrokes.take(piece, price_keys)
        self._partner.type(piece)
        if not self._keystrokes.showing:
            self._partner.accept(ghost)

    def _result(self) -> ReplayResult:
        tally = self._keystrokes.tally
        characters, requests = max(1, tally.characters), tally.asked + self._late
        return ReplayResult(
            characters=tally.characters,
            keys=tally.keys,
            ksr=round(1 - tally.keys / characters, 4),
            net_ksr=round(1 - tally.net_keys / characters, 4),
            requests=requests,
            late=round(self._late / max(1, requests), 4),
            shown=tally.shown,
            accepted=tally.used,
            answer_ms=spread(self._answer_ms),
            text_ms=spread(self._text_ms),
        )
