"""Warm a document's cache: read the prompt, generate nothing."""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.wire.protocol import Done, Prepare, Reply


class PrepareTask:
    """The task that warms a document's cache."""

    request_type = Prepare

    def steps(self, request: Prepare, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        key, healed = context.key(request.document), heal(request.prefix, context.language.tokenizer)
        prompt = context.window(key, healed.head)
        for _ in context.sessions.get(key).reach(prompt):
            yield None
        yield Done(id=request.id)
