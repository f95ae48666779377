"""The KV caches of all open documents within one memory budget, evicted least recently used first.

Where several documents are written in at once each has a share of the budget: as many tokens as fit beside the others.
Otherwise each would drive out another, and every key would be answered from a text that must be read again. Knows
nothing of what the documents say.
"""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable

from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.onnx_cache import GROWTH_TOKENS
from shadowpen.daemon.engine.pace import Pace

PART = "\0"  # before the name of a further cache of a document

_AT_ONCE_S = 10.0  # what was used so lately is written in
_FEW_LOGITS = 12
_ROOM_TOKENS = 32  # of a share, for what is made behind the window
_FEWEST_TOKENS = 64


class SessionPool:
    """KvSessions by document key, at most `budget_bytes` in all (one document may exceed it alone).

    `pace` is what all of them learn of the engine's speed; `clock` in seconds.
    """

    def __init__(self, engine: Engine, budget_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.engine, self._budget_bytes, self._clock = engine, budget_bytes, clock
        self.pace = Pace()
        self._sessions: OrderedDict[str, KvSession] = OrderedDict()
        self._used_s: OrderedDict[str, float] = OrderedDict()  # when each document was, the latest last

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def nbytes(self) -> int:
        return sum(session.nbytes for session in self._sessions.values())

    def get(self, document: str) -> KvSession:
        """The session of `document`, new if there is none; others are evicted to keep the budget."""
        session = self._sessions.setdefault(document, KvSession(self.engine, self.pace))
        self._sessions.move_to_end(document)
        self._note(document.partition(PART)[0])
        while len(self._sessions) > 1 and self.nbytes > self._budget_bytes:
            self._sessions.popitem(last=False)
        return session

    @property
    def is_shared(self) -> bool:
        """Whether more than one document is written in at once."""
        return len(self._used_s) > 1

    @property
    def is_crowded(self) -> bool:
        """Whether more documents are written in at once than have room for whatever they like to keep."""
        return len(self._used_s) > 2

    @property
    def share_tokens(self) -> int:
        """The most tokens that a document's window may have, so that all that are written in now find room."""
        if not self.is_shared:
            return sys.maxsize
        token_bytes = min((_token_bytes(one) for one in self._sessions.values() if one.ids), default=0.0)
        if not token_bytes:
            return sys.maxsize
        logits = _FEW_LOGITS * 4 * self.engine.vocabulary_size
        steps = (self._budget_bytes / len(self._used_s) - logits) / token_bytes // GROWTH_TOKENS
        return max(_FEWEST_TOKENS, int(steps) * GROWTH_TOKENS - _ROOM_TOKENS)

    def _note(self, document: str) -> None:
        """Remember that `document` is used, and forget those that no longer are."""
        now = self._clock()
        self._used_s[document] = now
        self._used_s.move_to_end(document)
        while now - next(iter(self._used_s.values())) > _AT_ONCE_S:
            self._used_s.popitem(last=False)
        if self.is_crowded:
            for session in self._sessions.values():
                session.keep(_FEW_LOGITS)

    def take_over(self, source: str, target: str) -> bool:
        """Give `source`'s session to `target`; False where there is none."""
        session = self._sessions.pop(source, None)
        if session is not None:
            self._sessions[target] = session
        return session is not None

    def drop(self, document: str) -> None:
        self._sessions.pop(document, None)

    def clear(self) -> None:
        self._sessions.clear()


def own_name(document: str, client: bytes) -> str:
    """The name of a client's own `document`: that of another client may have the same name and another text."""
    return f"{client.hex()}:{document}" if client else document


def _token_bytes(session: KvSession) -> float:
    """What a token of its cache takes; caches grow by steps."""
    return session.cache_bytes / (-(-len(session.ids) // GROWTH_TOKENS) * GROWTH_TOKENS)
