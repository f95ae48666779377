"""Have a text engine read a document before its first key; servers cache what they read."""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import Await, TextRequest
from shadowpen.daemon.tasks.by_text.base import TextContext
from shadowpen.daemon.wire.protocol import Done, Prepare, Reply


class PrepareByText:
    """The task that warms a server for a document; nobody waits for it, so its failure is only noted."""

    request_type = Prepare

    def steps(self, request: Prepare, context: TextContext, deadline_s: float) -> Iterator[Reply | Await | None]:
        before = request.prefix.rstrip(" ")
        if before.strip() and not context.health.is_resting:
            try:
                with context.writing(TextRequest(context.window(before), 1, context.limit_s)) as stream:
                    for piece in context.pieces(stream):
                        if isinstance(piece, Await):
                            yield piece
            except ServerFailed:
                pass
        yield Done(id=request.id)
