"""Send the editor Shadowpen's state, each change once.

Sent as `shadowpen/status` and, for clients that know it, `didChangeStatus`; an error also as one
`window/showMessage` for each distinct sentence, never one a key. This file knows neither pygls nor
the daemon: it is given a way to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NotRequired, TypedDict

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.showing import naming

STATUS_METHOD = "shadowpen/status"
STATUS_CHANGE_METHOD = "didChangeStatus"


class ServerState(StrEnum):
    """The state that an editor shows."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    INACTIVE = "inactive"
    PAUSED = "paused"
    ERROR = "error"


_KINDS = {ServerState.INACTIVE: "Inactive", ServerState.PAUSED: "Inactive", ServerState.ERROR: "Error"}
_WORKING = (ServerState.STARTING, ServerState.BUSY)


class TrainingParams(TypedDict):
    """A `Training` on the wire."""

    message: str
    fraction: float | None


class DocumentParams(TypedDict):
    """Whether a document is served, and if not, why."""

    uri: str
    state: str
    reason: str


class StatusParams(TypedDict):
    """The parameters of `shadowpen/status`, and what commands answer that change the status."""

    state: str
    message: str
    hint: str
    model: str
    modelName: str
    training: TrainingParams | None
    pausedUntil: float | None
    manual: bool
    question: str
    code: str
    documentState: NotRequired[DocumentParams]


class StatusChangeParams(TypedDict):
    """The parameters of `didChangeStatus`."""

    busy: bool
    message: str
    kind: str


@dataclass(frozen=True)
class Training:
    """A training run that goes on: its phase as a sentence's beginning, and how far it is (0 to 1; None: unknown)."""

    message: str
    fraction: float | None = None

    def params(self) -> TrainingParams:
        return {"message": translated(self.message), "fraction": self.fraction}


@dataclass(frozen=True)
class StatusSnapshot:
    """The state with its sentence, what to do about it, the model that answered last, and a training run if any.

    `code` is that of an error (see base.errors), "" otherwise. Clients are also told the model's name in words.

    `paused_until` is in epoch seconds, None without an end; `manual`: ghost text comes by a key only. `question` is
    one that the user has not answered yet.
    """

    state: ServerState
    message: str = ""
    hint: str = ""
    model: str = ""
    training: Training | None = None
    paused_until: float | None = None
    manual: bool = False
    question: str = ""
    code: str = ""

    def params(self) -> StatusParams:
        return {
            "state": str(self.state),
            "message": translated(self.message),
            "hint": translated(self.hint),
            "model": self.model,
            "modelName": translated(naming.spoken(self.model)),
            "training": self.training.params() if self.training else None,
            "pausedUntil": self.paused_until,
            "manual": self.manual,
            "question": translated(self.question),
            "code": self.code,
        }

    def change_params(self) -> StatusChangeParams:
        """The same in the form of `didChangeStatus`."""
        message = translated(f"{self.message} {self.hint}".strip())
        return {"busy": self.state in _WORKING, "message": message, "kind": _KINDS.get(self.state, "Normal")}


class StatusReporter:
    """Keeps the state and sends what changes of it.

    `send` takes a method and its parameters; `show` puts a sentence before the user's eyes.
    """

    def __init__(
        self, send: Callable[[str, StatusParams | StatusChangeParams], None], show: Callable[[str], None]
    ) -> None:
        self._send = send
        self._show = show
        self._told: set[str] = set()
        self._now = StatusSnapshot(ServerState.STARTING, "The daemon is starting.")
        self._sent: StatusSnapshot | None = None
        self._manual = ""
        self._off: tuple[ServerState, str] | None = None
        self._reasons: dict[str, str] = {}

    @property
    def now(self) -> StatusSnapshot:
        return self._now

    def waiting(self, message: str = "The daemon is starting.") -> None:
        """No answer yet; that alone does not undo an error the user was told of."""
        if self._now.state is ServerState.READY:
            self._set(ServerState.STARTING, message)

    def ready(self, model: str = "") -> None:
        """The daemon answered."""
        if self._now.state not in (ServerState.BUSY, ServerState.PAUSED, ServerState.INACTIVE):
            state, message = self._off or (ServerState.READY, "")
            self._set(state, message, model=model)

    def failed(self, error: ShadowpenError) -> None:
        self._set(ServerState.ERROR, error.message, error.hint, code=error.code)
        self.tell(f"{error.message} {error.hint}".strip())

    def training(self, run: Training | None) -> None:
        """A training run goes on, or (None) no longer does; it changes nothing of the rest."""
        self._now = replace(self._now, training=run)
        self._publish()

    def off(self, state: ServerState, message: str, until: float | None = None) -> None:
        """Inactive or paused, on the user's word, until `on`, or until that time (epoch seconds) at the latest."""
        self._off = state, message
        self._now = replace(self._now, paused_until=until)
        self._set(state, message)

    def on(self) -> None:
        """No longer inactive or paused."""
        self._off = None
        if self._now.state in (ServerState.PAUSED, ServerState.INACTIVE):
            self._now = replace(self._now, paused_until=None)
            self._set(ServerState.READY)

    def manual(self, message: str) -> None:
        """Ghost text comes by a key only, which `message` says; "": it comes by itself."""
        self._manual = message
        self._now = replace(self._now, manual=bool(message))
        if self._now.state is ServerState.READY:
            self._set(ServerState.READY)
        else:
            self._publish()

    def ask(self, question: str) -> None:
        """The user has this to answer; "": no longer."""
        self._now = replace(self._now, question=question)
        self._publish()

    @contextmanager
    def busy(self, message: str) -> Iterator[None]:
        """Busy for the time of the block, then what it was before unless something else was reported."""
        before = self._now
        self._set(ServerState.BUSY, message)
        try:
            yield
        finally:
            if self._now.state is ServerState.BUSY:
                self._now = replace(before, training=self._now.training, question=self._now.question)
                self._publish()

    def tell(self, sentence: str) -> None:
        """Show a sentence to the user, the first time it comes up."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._show(sentence)

    def document(self, uri: str, reason: str) -> None:
        """Whether a document is served ("" as reason) or why not; sent when that changes."""
        if self._reasons.get(uri, "") == reason:
            return
        self._reasons[uri] = reason
        state = ServerState.INACTIVE if reason else ServerState.READY
        about: DocumentParams = {"uri": uri, "state": str(state), "reason": translated(reason)}
        self._send(STATUS_METHOD, {**self._now.params(), "documentState": about})

    def forget(self, uri: str) -> None:
        self._reasons.pop(uri, None)

    def _set(self, state: ServerState, message: str = "", hint: str = "", model: str = "", code: str = "") -> None:
        if state is ServerState.READY:
            message = self._manual
        model = model or self._now.model
        self._now = replace(self._now, state=state, message=message, hint=hint, model=model, code=code)
        self._publish()

    def _publish(self) -> None:
        if self._now == self._sent:
            return
        self._sent = self._now
        self._send(STATUS_METHOD, self._now.params())
        self._send(STATUS_CHANGE_METHOD, self._now.change_params())
