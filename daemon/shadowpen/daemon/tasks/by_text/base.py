"""The context of a task that a text engine carries out, and reading the engine's stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.engine.session_pool import own_name
from shadowpen.daemon.engine.text_engine import Await, TextEngine, TextPiece, TextRequest, TextStream
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.tasks.by_text.drafts import Drafts
from shadowpen.daemon.wire.protocol import Reply

_CHARACTERS_PER_TOKEN = 4
_HOP = 1024  # characters: the engine knows a text again that begins as the last one did
_REST_AFTER_FAILURE_S = 5.0
_LATE_WITH_PROBABILITIES = 8


@dataclass
class ServerHealth:
    """How the engine has fared: its last failure, if it has not answered since, and how often it was late.

    `probabilities` says whether it is asked for them: some servers are too slow with them, and quick without.
    """

    failure: ShadowpenError | None = None
    failed_s: float = 0.0
    asked: int = 0
    late: int = 0
    probabilities: bool = True
    _late_in_a_row: int = 0

    def timed(self, *, late: bool) -> None:
        """Note whether a ghost text had begun at its deadline."""
        self.asked += 1
        self.late += late
        self._late_in_a_row = self._late_in_a_row + 1 if late else 0
        if self._late_in_a_row >= _LATE_WITH_PROBABILITIES:
            self.probabilities = False

    def failed(self, failure: ShadowpenError) -> None:
        self.failure, self.failed_s = failure, time.monotonic()

    def answered(self) -> None:
        self.failure = None

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago: a text that nobody asked for can wait."""
        return self.failure is not None and time.monotonic() < self.failed_s + _REST_AFTER_FAILURE_S


@dataclass(frozen=True)
class TextContext:
    """What such a task works with; `kind` says whether the model follows instructions or only goes on with a text."""

    engine: TextEngine
    settings: CompletionSettings
    kind: Literal["chat", "base"]
    limit_s: float
    judge: Judge = field(default_factory=Judge)
    health: ServerHealth = field(default_factory=ServerHealth)
    drafts: Drafts = field(default_factory=Drafts)
    client: bytes = b""

    def key(self, document: str) -> str:
        """The name of the draft in `document`, which is the client's own."""
        return own_name(document, self.client)

    @property
    def model_name(self) -> str:
        """For replies."""
        return self.engine.model[:200] or "server"

    def window(self, text: str) -> str:
        """The end of `text` that the engine sees; its beginning stands still while one types."""
        most = self.settings.context_tokens * _CHARACTERS_PER_TOKEN
        if len(text) <= most:
            return text
        start = -(-(len(text) - most) // _HOP) * _HOP
        blank = text.find(" ", start)
        return text[blank + 1 if 0 <= blank < len(text) - 1 else start :]

    @contextmanager
    def writing(self, request: TextRequest) -> Iterator[TextStream]:
        """The engine's text for `request`; it stops writing when the block is left. Notes how it fared."""
        stream = self.engine.begin(request)
        try:
            yield stream
        except ShadowpenError as error:
            self.health.failed(error)
            raise
        finally:
            stream.close()

    def pieces(self, stream: TextStream) -> Iterator[TextPiece | Await]:
        """What the engine writes, as it comes."""
        while not stream.ended:
            taken = stream.take()
            if taken:
                self.health.answered()
                yield from taken
            elif not stream.ended:
                yield Await(stream.when_ready)


class TextTask(Protocol):
    """One verb; `steps` never waits: it yields `Await` where it has nothing to do, else a reply to send."""

    @property
    def request_type(self) -> type: ...

    def steps(self, request: Any, context: TextContext, deadline_s: float) -> Iterator[Reply | Await | None]: ...
