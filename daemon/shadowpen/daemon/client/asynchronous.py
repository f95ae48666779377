"""The client of a program on asyncio: `AsyncWritingClient`.

The same verbs as `WritingClient`, over `wire.async_client`; several may be under way at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

from shadowpen.daemon.client import answers, requests
from shadowpen.daemon.client.answers import CompletedText, ContinuedText, ExpandedNotes, InstalledTask
from shadowpen.daemon.wire.async_client import AsyncClient
from shadowpen.daemon.wire.protocol import (
    Completion,
    Continuation,
    Expansion,
    Extent,
    Partial,
    Reply,
    Request,
    Status,
    StatusReport,
)

OnText = Callable[[str], None]
ReplyType = TypeVar("ReplyType", bound=Reply)


class AsyncWritingClient:
    """A line to the daemon on the running event loop; it connects at the first request, and again after a loss.

    The arguments, results and errors are those of `WritingClient`. A call that is cancelled ends the work in the
    daemon. `document` names the text that a call is about: calls about one text share what the model has read of it,
    and of two completions of one text the older is dropped (RequestCancelled). Calls that may overlap name others.
    """

    def __init__(self, name: str = "", *, start: bool = True) -> None:
        self._client = AsyncClient(name, start=start)
        self._document = f"client:{name}"

    async def complete(
        self,
        prefix: str,
        suffix: str = "",
        *,
        document: str = "",
        extent: Extent = "clause",
        only_if_likely: bool = False,
        on_text: OnText | None = None,
        timeout_ms: float = requests.COMPLETE_TIMEOUT_MS,
    ) -> CompletedText:
        """See `WritingClient.complete`."""
        request = requests.completion(
            self._client.next_id(),
            document or self._document,
            prefix,
            suffix,
            extent=extent,
            only_if_likely=only_if_likely,
        )
        return answers.completed(await self._ask(request, Completion, timeout_ms, on_text))

    async def continue_text(
        self,
        prefix: str,
        suffix: str = "",
        *,
        document: str = "",
        max_words: int = 80,
        settings: Mapping[str, Any] | None = None,
        on_text: OnText | None = None,
        timeout_ms: float = requests.CONTINUE_TIMEOUT_MS,
    ) -> ContinuedText:
        """See `WritingClient.continue_text`."""
        request = requests.continuation(
            self._client.next_id(), document or self._document, prefix, suffix, max_words=max_words, settings=settings
        )
        return answers.continued(await self._ask(request, Continuation, timeout_ms, on_text))

    async def expand(
        self,
        notes: str,
        *,
        document: str = "",
        context: str = "",
        free: bool = False,
        max_words: int = 160,
        candidates: int | None = None,
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
        turns: Sequence[tuple[str, str]] = (),
        on_text: OnText | None = None,
        timeout_ms: float = requests.EXPAND_TIMEOUT_MS,
    ) -> ExpandedNotes:
        """See `WritingClient.expand`."""
        request = requests.expansion(
            self._client.next_id(),
            document or self._document,
            notes,
            context=context,
            free=free,
            max_words=max_words,
            candidates=candidates,
            seed=seed,
            settings=settings,
            turns=turns,
        )
        return answers.expanded(await self._ask(request, Expansion, timeout_ms, on_text))

    async def tasks(self) -> list[InstalledTask]:
        """See `WritingClient.tasks`."""
        request = Status(id=self._client.next_id())
        return (await self._ask(request, StatusReport, requests.STATUS_TIMEOUT_MS, None)).report.tasks

    async def close(self) -> None:
        """Close the connection; the daemon goes on."""
        await self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ask(
        self, request: Request, kind: type[ReplyType], timeout_ms: float, on_text: OnText | None
    ) -> ReplyType:
        def show(partial: Partial) -> None:
            if on_text is not None:
                on_text(partial.text)

        reply = await self._client.request(request, timeout_ms, show)
        assert isinstance(reply, kind), reply
        return reply
