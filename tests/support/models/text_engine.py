"""A text engine for tests that is told what to write, and a task's replies as if a worker drove it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import Await, ProbableToken, TextPiece, TextRequest, TextStream
from shadowpen.daemon.wire.protocol import Partial, Reply

_PATIENCE_S = 20.0


class ScriptedEngine:
    """Writes what `script` makes of each request: pieces, strings, or an error at their end."""

    def __init__(self, script: Callable[[TextRequest], list[Any]], model: str = "scripted") -> None:
        self.model, self.script = model, script
        self.asked: list[TextRequest] = []
        self.streams: list[TextStream] = []
        self.given_up = 0
        self.closed = False

    def begin(self, request: TextRequest) -> TextStream:
        self.asked.append(request)
        stream = TextStream()
        stream.on_close(self._gave_up)
        self.streams.append(stream)
        for piece in self.script(request):
            if isinstance(piece, ServerFailed):
                stream.fail(piece)
            elif piece is not OPEN:
                stream.put(TextPiece(piece) if isinstance(piece, str) else piece)
        if OPEN not in self.script(request):
            stream.finish()
        return stream

    def close(self) -> None:
        self.closed = True

    def _gave_up(self) -> None:
        self.given_up += 1


OPEN = object()  # in a script: the engine goes on writing


def token(text: str, probability: float, **rivals: float) -> TextPiece:
    """A piece of one token; a rival's underscores are blanks."""
    others = tuple((name.replace("_", " "), math.log(p)) for name, p in rivals.items())
    return TextPiece(text, (ProbableToken(text, math.log(probability), others or ((text, math.log(probability)),)),))


def replies(steps: Iterator[Reply | Await | None]) -> list[Reply]:
    """All that a task says, which is called again as often as it waits."""
    found: list[Reply] = []
    for step in steps:
        if isinstance(step, Await):
            ready = threading.Event()
            step.subscribe(ready.set)
            assert ready.wait(_PATIENCE_S) or step.until_s < math.inf
        elif step is not None:
            found.append(step)
    return found


def last(steps: Iterator[Reply | Await | None]) -> Any:
    return replies(steps)[-1]


def partials(steps: Iterator[Reply | Await | None]) -> list[str]:
    return [reply.text for reply in replies(steps) if isinstance(reply, Partial)]
