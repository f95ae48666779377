"""Explain a suggestion or a silence: the decision, and the user's earlier text behind it.

What was remembered, or led the model to its words, is looked for in the author's files only when somebody asks, in a
thread of its own. Knows neither the model nor the text that was offered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.wire.protocol import Explanation, Reply, Source, Why

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from shadowpen.daemon.memory.places import Place
    from shadowpen.daemon.showing.decisions import Decision


class Explaining:
    """`where` reads the places a text comes from by the id of its request; `post` sends a reply, from any thread."""

    def __init__(self, where: Callable[[str], Sequence[Place]], post: Callable[[bytes, Reply], None]) -> None:
        self._where, self._post = where, post
        self._readers: ThreadPoolExecutor | None = None

    def explain(self, client: bytes, why: Why, decision: Decision | None) -> None:
        """Answer `why`; `decision` is None for a request that nobody remembers."""
        if decision is None or not decision.remembered:
            self._post(client, _explanation(why, decision, ()))
            return
        if self._readers is None:
            from concurrent.futures import ThreadPoolExecutor

            # The author's files may lie on a slow disk: no key waits for them.
            self._readers = ThreadPoolExecutor(1, "shadowpen-why")
        self._readers.submit(lambda: self._post(client, _explanation(why, decision, self._sources(why.of))))

    def close(self) -> None:
        if self._readers is not None:
            self._readers.shutdown(wait=False, cancel_futures=True)

    def _sources(self, id: str) -> list[Source]:
        try:
            return [Source(document=place.document, line=place.line) for place in self._where(id)]
        except Exception as error:
            LOGGER.warning("the source of a remembered text cannot be found: %s", describe(error))
            return []


def _explanation(why: Why, decision: Decision | None, sources: Sequence[Source]) -> Explanation:
    if decision is None:
        return Explanation(id=why.id)
    return Explanation(
        id=why.id,
        reason=decision.reason,
        probability=decision.probability,
        likelihood=decision.likelihood,
        remembered=decision.remembered,
        sources=list(sources),
        model=decision.model,
        explicit=decision.explicit,
    )
