"""The KV caches of all open documents within one memory budget, evicted least recently used first.

Knows nothing of what the documents say.
"""

from __future__ import annotations

from collections import OrderedDict

from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.pace import Pace


class SessionPool:
    """KvSessions by document key, at most `budget_bytes` in all (one document may exceed it alone).

    `pace` is what all of them learn of the engine's speed.
    """

    def __init__(self, engine: Engine, budget_bytes: int) -> None:
        self.engine, self._budget_bytes = engine, budget_bytes
        self.pace = Pace()
        self._sessions: OrderedDict[str, KvSession] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def nbytes(self) -> int:
        return sum(session.nbytes for session in self._sessions.values())

    def get(self, document: str) -> KvSession:
        """The session of `document`, new if there is none; others are evicted to keep the budget."""
        session = self._sessions.setdefault(document, KvSession(self.engine, self.pace))
        self._sessions.move_to_end(document)
        while len(self._sessions) > 1 and self.nbytes > self._budget_bytes:
            self._sessions.popitem(last=False)
        return session

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
