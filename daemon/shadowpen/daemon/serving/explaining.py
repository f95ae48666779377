"""Explain a suggestion or a silence: the decision, and the user's earlier text it came from.

What was remembered, or led the model to its words, is looked for in the author's files only when somebody asks, in a
thread of its own. Knows neither the model nor the text that was offered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.showing.suggestions import ServedSuggestion, Sources
from shadowpen.daemon.wire.protocol import Explanation, LoggedDecision, Reply, Source, Why

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


class Explaining:
    """Answers why something was offered or not.

    `post` sends a reply, from any thread.
    """

    def __init__(self, post: Callable[[bytes, Reply], None]) -> None:
        self._post = post
        self._readers: ThreadPoolExecutor | None = None

    def explain(self, client: bytes, why: Why, suggestion: ServedSuggestion | None) -> None:
        """Answer `why`; `suggestion` is None for a request that nobody remembers."""
        decision = suggestion.decision if suggestion is not None else None
        sources = suggestion.sources if suggestion is not None else None
        if decision is None or not decision.remembered or sources is None:
            self._post(client, _explanation(why, decision, []))
            return
        if self._readers is None:
            from concurrent.futures import ThreadPoolExecutor

            # The author's files may lie on a slow disk: no key waits for them.
            self._readers = ThreadPoolExecutor(1, "shadowpen-why")
        self._readers.submit(lambda: self._post(client, _explanation(why, decision, _found(sources))))

    def close(self) -> None:
        if self._readers is not None:
            self._readers.shutdown(wait=False, cancel_futures=True)


def _found(sources: Sources) -> list[Source]:
    try:
        return sources()
    except Exception as error:
        LOGGER.warning("the source of a remembered text cannot be found: %s", describe(error))
        return []


def _explanation(why: Why, decision: LoggedDecision | None, sources: list[Source]) -> Explanation:
    if decision is None:
        return Explanation(id=why.id)
    return Explanation(
        id=why.id,
        reason=decision.reason,
        probability=decision.probability,
        likelihood=decision.likelihood,
        remembered=decision.remembered,
        sources=sources,
        model=decision.model,
        explicit=decision.explicit,
    )
