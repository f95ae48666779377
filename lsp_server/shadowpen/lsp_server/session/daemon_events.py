"""Handle the daemon's events: its state, and the user's pause and manual mode.

Events become the editor's status. A failure of the daemon is reported as status too. This file knows neither documents
nor suggestions.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable, ShadowpenError
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.protocol import Attend, AttentionReport, Event, PauseWish, Status, StatusReport
from shadowpen.daemon.wire.reports import DaemonReport, ErrorDetails, ModelState, TrainingNews
from shadowpen.lsp_server.session.daemon_link import DaemonLink, StillWaiting
from shadowpen.lsp_server.session.pause import MANUAL, Pause
from shadowpen.lsp_server.session.settings import LiveSettings
from shadowpen.lsp_server.session.status import ServerState, StatusParams, StatusReporter, Training

_WARM_UP_S = 60.0  # the first start loads the model
_REPORT_S = 2.0


class DaemonEvents:
    """Keeps `status` in step with the daemon. `on_model_changed` is called when another model answers."""

    def __init__(
        self,
        link: DaemonLink,
        status: StatusReporter,
        settings: LiveSettings,
        on_model_changed: Callable[[], None],
    ) -> None:
        self.pause = Pause(self.show_attention)
        self._link, self._status, self._settings = link, status, settings
        self._on_model_changed = on_model_changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Find or start the daemon in the background, and listen to it."""
        for work in (self._listen(), self._warm_up()):
            self._begin(work)

    async def close(self) -> None:
        """Listen no more."""
        self.pause.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def failed(self, error: ShadowpenError) -> None:
        """Report that the daemon did not do what was asked of it."""
        if isinstance(error, StillWaiting):
            self._status.waiting(error.message)
        else:
            self._status.failed(error)

    def attend(self, pause: PauseWish | None = None, manual: bool | None = None) -> StatusParams:
        """Pause, resume, or turn manual mode on or off, in every editor; the status as it is now.

        It holds here at once, and for the others as soon as a daemon can be told; one that starts finds it kept.
        """
        self.pause.order(pause, manual)
        if self._link.connected:
            self._tell_attention()
        else:
            with contextlib.suppress(ShadowpenError):
                Attention(store.layout().attention).change(Attend(id=uuid.uuid4().hex, pause=pause, manual=manual))
        return self._status.now.params()

    def show_attention(self) -> None:
        """Report the pause, the manual mode and the editor's own switch, of which any may have changed."""
        self._status.manual(MANUAL if self.pause.manual else "")
        if not self._settings.options.enabled:
            self._status.off(ServerState.INACTIVE, "Suggestions are turned off in this editor.")
        elif self.pause.active:
            self._status.off(ServerState.PAUSED, self.pause.sentence, self.pause.until)
        else:
            self._status.on()

    async def report(self) -> DaemonReport | None:
        """What the daemon says of itself; None: it does not answer."""
        try:
            reply = await self._link.ask(Status(id=uuid.uuid4().hex), _REPORT_S)
        except ShadowpenError:
            return None
        return reply.report if isinstance(reply, StatusReport) else None

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it in the background, until the session ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _warm_up(self) -> None:
        try:
            reply = await self._link.ask(Status(id=uuid.uuid4().hex), _WARM_UP_S)
        except ShadowpenError as error:
            self.failed(error)
        else:
            if isinstance(reply, StatusReport):
                self._apply_state(reply.report.model)

    async def _listen(self) -> None:
        async for event in self._link.events():
            self._apply(event)

    def _apply(self, event: Event) -> None:
        if event.kind == "model_swapped":
            self._on_model_changed()
        if event.kind == "training":
            told = event.data.training
            self._status.training(_training(told))
            if told is not None and told.state == "rolled_back":
                self._status.tell(told.message)
        for alarm in event.data.alarms:
            self._status.tell(alarm)
        if self.pause.untold and event.kind != "disconnected":
            self._tell_attention()
        self.pause.heed(event.data.attention)
        if event.kind == "disconnected":
            self._status.waiting("The daemon is not running; it starts with the next key.")
        else:
            self._apply_state(event.data)

    def _apply_state(self, told: ModelState) -> None:
        """Take over what the daemon says of its model."""
        match told.state:
            case "ready":
                self._status.ready(told.model)
            case "loading":
                self._status.waiting("The model is being loaded.")
            case "failed":
                self.failed((told.error or ErrorDetails()).error())
            case _ if self._status.now.state is ServerState.STARTING:
                self._status.ready()

    def _tell_attention(self) -> None:
        """Tell the daemon what was ordered here; one telling at a time, so that the last word is the last one."""
        if self._telling is None or self._telling.done():
            self._telling = self._begin(self._tell_all_attention())

    async def _tell_all_attention(self) -> None:
        while untold := self.pause.untold:
            pause, manual = self.pause.wish()
            reply = None
            try:
                reply = await self._link.ask(Attend(id=uuid.uuid4().hex, pause=pause, manual=manual), _REPORT_S)
            except DaemonUnreachable:
                return  # told when it is heard of again
            except ShadowpenError as error:
                self._status.tell(f"{error.message} {error.hint}".strip())
            if self.pause.untold is untold:  # nothing else was ordered meanwhile
                self.pause.untold = frozenset()
            if isinstance(reply, AttentionReport):
                self.pause.heed(reply)


def _training(told: TrainingNews | None) -> Training | None:
    """A run as the daemon tells of it; None when it has ended."""
    if told is None or told.state not in ("running", "paused"):
        return None
    if told.state == "paused":
        return Training("Waiting until nobody types")
    return Training(told.phase, round(min(1.0, told.done / told.total), 2) if told.total > 0 else None)
