"""A task: what a request asks of the model. This one goes on with a text by the initials of its words.

    shadowpen config set model.tasks '["initials"]'

A task names the request that it answers, and works in steps of at most one model call each: `steps` yields None to go
on, or a reply. Shadowpen has a task for `Continue` itself, so this one must be allowed to take its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.wire.protocol import Continuation, Continue


class InitialsTask:
    request_type = Continue

    def steps(self, request: Continue, context: Context, deadline_s: float) -> Iterator[Continuation | None]:
        words = request.prefix.split()[-request.max_words :]
        yield None  # here the next request may come first
        yield Continuation(id=request.id, text=" " + "".join(word[0] for word in words), model=context.model_name)
