"""The interface of an engine that takes and returns text, as a server does.

Such an engine works in threads of its own. What it made waits in a `TextStream`, which is read without waiting: a task
that has nothing to read yields `Await` and is called again when there is something. It knows nothing of documents.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shadowpen.daemon.base.errors import ShadowpenError


@dataclass(frozen=True)
class ChatMessage:
    """One turn of a chat; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class TextRequest:
    """What to write: on from a `prompt`, or an answer to a chat, in at most `max_tokens` tokens and `limit_s` seconds.

    `temperature` 0 takes the likeliest text. `stop` ends the text before one of these strings. `probabilities` asks for
    those of every token, which not every engine gives.
    """

    prompt: str | tuple[ChatMessage, ...]
    max_tokens: int
    limit_s: float
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    probabilities: bool = False


@dataclass(frozen=True)
class ProbableToken:
    """A token's text and log-probability, and the likeliest tokens in its place, itself among them or not."""

    text: str
    log_probability: float
    rivals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class TextPiece:
    """Some text; `tokens` spell it out with their probabilities, and are empty where the engine gives none."""

    text: str
    tokens: tuple[ProbableToken, ...] = ()


Item = TypeVar("Item")


class Stream(Generic[Item]):
    """What is on its way from a thread that makes it to a task; the one puts in, the other takes out.

    `close` tells the engine that nobody reads on. What is put in after that, or after the end, is dropped.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._wake: Callable[[], None] | None = None
        self._error: ShadowpenError | None = None
        self._ended = self._closed = False
        self._on_close: Callable[[], object] | None = None

    # --- the maker's side ----------------------------------------------------------------------------------

    def on_close(self, stop: Callable[[], object]) -> None:
        """Have `stop` called when nobody reads on; at once if that is so already."""
        with self._lock:
            self._on_close = stop
            closed = self._closed
        if closed:
            stop()

    def put(self, item: Item) -> None:
        self._change(lambda: self._items.append(item))

    def finish(self) -> None:
        """All was said."""
        self._change(self._end)

    def fail(self, error: ShadowpenError) -> None:
        """No more will come, for this reason; what came before is still read first."""
        self._change(lambda: self._end(error))

    # --- the task's side -----------------------------------------------------------------------------------

    def take(self) -> list[Item]:
        """What came since the last time. Raises the maker's error where nothing did, and nothing will."""
        with self._lock:
            items, self._items = self._items, []
            if not items and self._error is not None:
                raise self._error
            return items

    @property
    def ended(self) -> bool:
        """Whether all was said and taken."""
        with self._lock:
            return self._ended and not self._items and self._error is None

    def when_ready(self, wake: Callable[[], None]) -> None:
        """Have `wake` called once, from any thread, when there is something to take or an end to see."""
        with self._lock:
            ready = bool(self._items) or self._ended
            self._wake = None if ready else wake
        if ready:
            wake()

    def close(self) -> None:
        with self._lock:
            self._closed, stop = True, self._on_close
            self._items, self._wake = [], None
        if stop is not None:
            stop()

    def _end(self, error: ShadowpenError | None = None) -> None:
        self._ended, self._error = True, error

    def _change(self, change: Callable[[], None]) -> None:
        with self._lock:
            if self._ended or self._closed:
                return
            change()
            wake, self._wake = self._wake, None
        if wake is not None:
            wake()


class TextStream(Stream[TextPiece]):
    """Text on its way from an engine to a task."""


@dataclass(frozen=True)
class Await:
    """What a task yields that has nothing to do until `subscribe`'s callback is called.

    From any thread, or until `until_s` on time.perf_counter()'s clock. It may be called again without a reason.
    """

    subscribe: Callable[[Callable[[], None]], None]
    until_s: float = math.inf


class TextEngine(Protocol):
    """What writes text by itself, on this machine or another."""

    model: str

    def begin(self, request: TextRequest) -> TextStream:
        """Begin to write, without waiting for anything; a failure comes out of the stream."""
        ...

    def close(self) -> None:
        """End what is being written, and free what is held."""
        ...
