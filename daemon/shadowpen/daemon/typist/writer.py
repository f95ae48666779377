"""A simulated writer that types a real text and accepts correct suggestions that arrive in time.

A suggestion counts only if it comes before the next key is due. What is right is taken whole for one key, or its
leading right words for one key each, wherever that saves a key. Whoever offers is a `LiveCompleter`: this file knows
neither the language server nor any other.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.figures import Spread, spread

_READING_KEYS = 0.25  # what reading a suggestion in vain costs, in keys, for net_ksr
_FIRST_CJK = "\u2e80"  # from here on scripts put no blanks between words


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


@dataclass
class _Tally:
    requests: int = 0
    late: int = 0
    shown: int = 0
    used: int = 0
    keys: int = 0
    answer_ms: list[float] = field(default_factory=list)
    text_ms: list[float] = field(default_factory=list)

    def outcome(self, characters: int) -> ReplayResult:
        in_vain = self.shown - self.used
        return ReplayResult(
            characters=characters,
            keys=self.keys,
            ksr=round(1 - self.keys / max(1, characters), 4),
            net_ksr=round(1 - (self.keys + _READING_KEYS * in_vain) / max(1, characters), 4),
            requests=self.requests,
            late=round(self.late / max(1, self.requests), 4),
            shown=self.shown,
            accepted=self.used,
            answer_ms=spread(self.answer_ms),
            text_ms=spread(self.text_ms),
        )


class SimulatedWriter:
    """A simulated writer.

    Writes `rest` behind `before`; `pace` as in BenchPlan, `seed` as in pace.gap_s.
    """

    def __init__(self, partner: LiveCompleter, before: str, rest: str, *, pace: float = 1.0, seed: int = 0) -> None:
        self._partner, self._before, self._rest = partner, before, rest
        self._pace, self._seed = pace, seed
        self._tally = _Tally()
        self._showing = ""  # what of the last suggestion stands on the screen behind the cursor
        self._showing_is_used = False

    async def write(self, tell: Callable[[float], None] = lambda _: None) -> ReplayResult:
        """Type everything; `tell` hears which share of it stands there."""
        characters = len(self._rest)
        await self._partner.open(self._before)
        while self._rest:
            due_s = time.perf_counter() + self._gap_s(self._before + self._rest[0])
            self._press()
            while self._rest and (taken := await self._look(due_s)):
                self._take(*taken)
                due_s = time.perf_counter() + self._gap_s(self._before)
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            tell(1 - len(self._rest) / characters)
        return self._tally.outcome(characters)

    def _gap_s(self, text: str) -> float:
        return self._pace * pace.gap_s(text, self._seed)

    def _press(self) -> None:
        key = self._rest[0]
        self._tally.keys += 1
        self._put(key)
        self._showing = self._showing[1:] if self._showing.startswith(key) else ""

    def _put(self, piece: str) -> None:
        self._before, self._rest = self._before + piece, self._rest[len(piece) :]
        self._partner.type(piece)

    async def _look(self, due_s: float) -> tuple[str, int] | None:
        """What is taken of the answer to this place and its price in keys; None: nothing, the next key comes."""
        asked_s = time.perf_counter()
        self._tally.requests += 1
        ghost = await self._partner.ask(due_s - asked_s)
        now_s = time.perf_counter()
        if ghost is None or now_s > due_s:  # what was shown stays on the screen
            self._tally.late += 1
            return None
        self._tally.answer_ms.append((now_s - asked_s) * 1000)
        if not ghost:
            self._showing = ""
            return None
        self._tally.text_ms.append(self._tally.answer_ms[-1])
        self._show(ghost)
        return choose(ghost, self._rest)

    def _show(self, ghost: str) -> None:
        """Count a suggestion; a longer version of the one on the screen is not new."""
        if not (self._showing and ghost.startswith(self._showing)):
            self._tally.shown += 1
            self._showing_is_used = False
        self._showing = ghost

    def _take(self, piece: str, price_keys: int) -> None:
        ghost = self._showing
        self._tally.keys += price_keys
        self._tally.used += not self._showing_is_used
        self._showing_is_used = True
        self._put(piece)
        self._showing = ghost[len(piece) :]
        if not self._showing:
            self._partner.accept(ghost)


def choose(ghost: str, rest: str) -> tuple[str, int] | None:
    """What a writer of `rest` takes of `ghost`, and what it costs in keys; None where taking saves no key."""
    if len(ghost) > 1 and rest.startswith(ghost) and _ends_a_word(ghost, rest):
        return ghost, 1
    words, end = 0, 0
    for word in re.finditer(r"\s*\S+", ghost):
        piece = ghost[: word.end()]
        if not rest.startswith(piece) or rest[len(piece) : len(piece) + 1].isalnum():
            break
        words, end = words + 1, len(piece)
    return (ghost[:end], words) if end > words else None


def _ends_a_word(ghost: str, rest: str) -> bool:
    """False where `ghost`, all of it right, stops inside a word."""
    last, following = ghost[-1], rest[len(ghost) : len(ghost) + 1]
    return not (last.isalnum() and last < _FIRST_CJK and following.isalnum())
