"""The context of every task: model, window of text, and clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from shadowpen.daemon.base.sections import CompletionSettings, ContinuationSettings, ExpansionSettings
from shadowpen.daemon.engine.session_pool import SessionPool, own_name
from shadowpen.daemon.engine.window import open_window
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.showing.silence.languages import WrittenLanguages
from shadowpen.daemon.tasks.completion.recalling import Remembers
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.wire.protocol import Reply

_ROOM_TOKENS = 256  # for what is generated behind the window


@dataclass(frozen=True)
class Context:
    """The context of a task.

    What a task works with. `model_name` goes into replies; `context_length` is the model's own, in tokens.

    `judge` outlives the model; `client` is who asks; a `thrifty` machine makes nothing that nobody has asked for.
    """

    model_name: str
    language: Language
    sessions: SessionPool
    settings: CompletionSettings
    context_length: int
    judge: Judge = field(default_factory=Judge)
    thrifty: bool = False
    memory: Remembers | None = None
    continuation: ContinuationSettings = field(default_factory=ContinuationSettings)
    expansion: ExpansionSettings = field(default_factory=ExpansionSettings)
    dialect: str = "american"
    languages: WrittenLanguages = field(default_factory=WrittenLanguages)
    client: bytes = b""

    def key(self, document: str) -> str:
        """The name of the caches of `document`, which is the client's own."""
        return own_name(document, self.client)

    @property
    def window_tokens(self) -> int:
        """The most tokens a prompt may have."""
        most = min(self.settings.context_tokens, self.context_length - _ROOM_TOKENS, self.sessions.share_tokens)
        return max(1, most)

    @property
    def begin(self) -> list[int]:
        """What every text that the model reads begins with."""
        bos_id = self.language.tokenizer.bos_id
        return [] if bos_id is None else [bos_id]

    def window(self, key: str, text: str) -> list[int]:
        """Ids of the end of `text` that the model sees, at least one, chosen to fit the cache `key`."""
        tokenizer = self.language.tokenizer
        ids = self.begin + tokenizer.encode(text)
        return open_window(self.sessions, key, ids or tokenizer.encode("\n"), self.window_tokens, self.begin)


class Task(Protocol):
    """A task.

    One verb; `steps` makes at most one model call a `next()` and yields None or a reply to send.

    `deadline_s` is on time.perf_counter()'s clock. After the final reply a task may go on in the background.
    """

    request_type: type

    def steps(self, request: Any, context: Context, deadline_s: float) -> Iterator[Reply | None]: ...


@dataclass
class Clock:
    """How long a request has been worked on, and whether another step still fits before its deadline."""

    deadline_s: float
    started_s: float = field(default_factory=time.perf_counter)
    _last_s: float = field(default_factory=time.perf_counter)
    _step_s: float = 0.0

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, perhaps below 0."""
        return self.deadline_s - time.perf_counter()

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started_s) * 1000

    def must_answer(self) -> bool:
        """Called after each step: whether one more like the slowest of late would pass the deadline."""
        now = time.perf_counter()
        self._step_s = max(now - self._last_s, self._step_s * 0.8)
        self._last_s = now
        return now + self._step_s > self.deadline_s
