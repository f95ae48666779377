"""The daemon's wire thread: greet clients, receive, check and send messages, stop when idle. It owns the sockets.

The worker does whatever needs the model; its replies come back through an outbox and a wake-up byte. A message that
is malformed or too large costs its sender an error and nobody else anything. No model code here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import zmq

from shadowpen.daemon.base import config as settings
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonError, ProtocolMismatch, RequestInvalid, ShadowpenError, StateUnusable
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.learning.conditions.activity import ActivityMark, activity_file
from shadowpen.daemon.learning.watcher import Watcher
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.monitoring.monitor import Monitor
from shadowpen.daemon.serving import events, signals
from shadowpen.daemon.serving.counters import Counters
from shadowpen.daemon.serving.explaining import Explaining
from shadowpen.daemon.serving.model_slot import Model, ModelRequest
from shadowpen.daemon.serving.outbox import Outbox
from shadowpen.daemon.serving.worker import Worker
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.storage import device_record
from shadowpen.daemon.wire.lock import single_instance
from shadowpen.daemon.wire.protocol import (
    PROTOCOL_VERSION,
    Attend,
    AttentionReport,
    Cancel,
    Close,
    Complete,
    Continue,
    Done,
    Event,
    Expand,
    Failure,
    Hello,
    Log,
    Outcome,
    Prepare,
    Record,
    Refused,
    Reload,
    Reply,
    Request,
    RunVerb,
    Shutdown,
    Status,
    Welcome,
    Why,
    decode_request,
    encode,
    request_id,
)
from shadowpen.daemon.wire.reports import ClientReport, DaemonReport, DaemonState, InstalledTask
from shadowpen.daemon.wire.transport import Listener, read_connection

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from shadowpen.daemon.storage.journal import Recorded

LoadModel = Callable[[store.Layout, settings.Config], Model]

_LOCK_WAIT_S = 1.0  # for a daemon that is ending; one that serves is not waited for
_STOP_TIMEOUT_S = 5.0  # for the step under way and a load under way
_RECEIVED_AT_ONCE = 100  # then what waits to be sent has its turn
_LONGEST_SLEEP_S = 30.0  # while paused: the clock that polls wait by stands still while the machine sleeps
_LONGEST_POLL_S = 3600.0  # what ZeroMQ waits must fit an int of milliseconds
_REFUSALS_LOGGED = 100  # of a kind, then every thousandth: whoever sends nonsense sends much of it
_TASKS_HOLD_S = 5.0
_SEE_LOG = "`shadowpen status` shows the path of its log."
_FAREWELL_S = 0.02  # after a connection's end ZeroMQ still takes messages for it, for a moment


class EventSink(Protocol):
    """Stores the events of a Record; see shadowpen.daemon.storage.consented_journal."""

    def record(self, frames: Sequence[msgspec.Raw]) -> Recorded | None:
        """On the disk when this returns, but for what is named as refused."""


@dataclass
class _ClientInfo:
    name: str
    version: str
    active_s: float = field(default_factory=time.monotonic)
    reads: bool = True


def serve(
    layout: store.Layout,
    config: settings.Config,
    load: LoadModel | None = None,
    journal: EventSink | None = None,
    remembering: Remembering | None = None,
    monitor: Monitor | None = None,
) -> None:
    """Be the daemon until told to stop, idle for too long, or signalled; DaemonRunning when there is one.

    `load` obtains the model (default: shadowpen.daemon.serving.text_model.load); it is called again after an unload and
    at Reload, with the settings as they then are. `remembering` is the author's memory, `monitor` counts how
    suggestions fare. Signals are handled when this runs in the main thread.
    """

    def serves(pid: int) -> bool:
        connection = read_connection(layout)
        return connection is not None and connection.pid == pid

    with single_instance(layout, _LOCK_WAIT_S, hopeless=serves):
        server = Server(layout, config, load, journal, remembering, monitor)
        with signals.calling(server.stop_at_signal, server.bell):
            server.run()


def _load_served_model(
    layout: store.Layout,
    config: settings.Config,
    judge: Judge,
    remembering: Remembering,
    hung: Callable[[], object],
) -> Model:
    from shadowpen.daemon.serving.text_model import load  # brings numpy in, while the wire thread binds its sockets

    return load(layout, config, judge, remembering, hung)


class Server:
    """The daemon's server.

    Made while holding the lock; `run` returns when the daemon has ended and cleaned up behind itself.
    """

    def __init__(
        self,
        layout: store.Layout,
        config: settings.Config,
        load: LoadModel | None,
        journal: EventSink | None,
        remembering: Remembering | None = None,
        monitor: Monitor | None = None,
    ) -> None:
        self._layout, self._config, self._journal = layout, config, journal
        self._monitor = monitor or Monitor(layout)
        self._remembering = remembering = remembering or Remembering(layout)
        self._counters = Counters()
        self._peers: dict[bytes, _ClientInfo] = {}
        self._outbox = Outbox()
        self._started_s = self._active_s = time.monotonic()
        self._look_round_s = 0.0  # when to find out who has gone; 0: nobody has
        self._has_more = False  # a request can be received although polling may say nothing
        self._tasks: list[InstalledTask] = []
        self._look_for_tasks_s = 0.0
        self._stopping = self._failed = False
        self._stop_requests: list[tuple[bytes, str]] = []
        self._recorder: ThreadPoolExecutor | None = None
        self._explaining = Explaining(self._outbox.post)
        self._typing = ActivityMark(activity_file(layout))
        self._learning = Watcher(layout, self._outbox.announce, texts_changed=remembering.texts_changed)
        self._version = metadata.version("shadowpen")
        self._attention = Attention(layout.attention, manual_only=config.completion.manual_only)
        judge = Judge(
            layout.trigger,
            self._attention,
            suggestions=remembering.suggestions,
            note=self._monitor.gathered.seen.append,
        )
        own_load = partial(_load_served_model, judge=judge, remembering=remembering, hung=self._fail_fast)
        self._worker = Worker(
            lambda: self._load_model(load or own_load),
            config,
            self._counters,
            judge,
            self._outbox.post,
            self._outbox.announce,
            self._fail_fast,
        )
        self._handlers = self._by_kind()

    def _by_kind(self) -> dict[type, Callable[[bytes, Any], None]]:
        """What handles each kind of message."""
        return {
            Hello: self._hello,
            Complete: self._hand_on,
            Continue: self._hand_on,
            Expand: self._hand_on,
            RunVerb: self._hand_on,
            Prepare: self._hand_on,
            Cancel: lambda client, cancel: self._worker.cancel(client, cancel.id, cancel.target),
            Close: lambda client, close: self._worker.close_document(client, close.id, close.document),
            Reload: lambda client, reload: self._worker.reload(client, reload.id),
            Outcome: self._worker.learn,
            Attend: self._attend,
            Why: lambda client, why: self._worker.explain(client, why, self._explaining.explain),
            Log: lambda client, log: self._worker.log(client, log.id, log.count),
            Record: self._record,
            Status: lambda client, status: self._worker.report(client, status.id, self._report()),
            Shutdown: self._shut_down,
        }

    def stop(self) -> None:
        """Ask the server to end; from any thread."""
        self._stopping = True
        self._outbox.ring()

    def stop_at_signal(self, number: int) -> None:
        LOGGER.info("signal %d", number)
        self._stopping = True

    @property
    def bell(self) -> int:
        """The descriptor that a signal writes to, see `signals.calling`."""
        return self._outbox.bell

    def run(self) -> None:
        """Serve until stopped; raises when the sockets cannot be had or the worker failed."""
        context = zmq.Context()
        try:
            transport = self._config.daemon.transport
            self._serve(Listener(context, self._layout, transport, self._version, self._someone_left))
        finally:
            if not self._worker.stop(_STOP_TIMEOUT_S):
                LOGGER.error("the worker did not end in time")
            self._outbox.close()
            context.destroy()
            if not self._failed:
                device_record.clear(self._layout)
            LOGGER.info("daemon %d ended", os.getpid())
        if self._failed:
            raise DaemonError("The daemon failed and stopped.", f"See its log: {self._layout.log_file}.")

    # --- the loop ----------------------------------------------------------------------------------------

    def _serve(self, listener: Listener) -> None:
        self._listener = listener
        self._publisher = events.Publisher(listener.events, self._state)
        LOGGER.info("daemon %d, version %s, listens on %s", os.getpid(), self._version, listener.transport)
        try:
            self._worker.start()
            self._learning.start()
            self._monitor.start(self._outbox.announce, self._worker.take_up)
            self._loop()
            self._finish()
        finally:
            self._learning.stop()
            self._monitor.stop()
            self._remembering.close()
            self._explaining.close()
            listener.close()

    def _loop(self) -> None:
        poller = zmq.Poller()
        listener = self._listener
        asked, subscribed, *departures = sources = listener.sources
        for source in (*sources, self._outbox.descriptor):
            poller.register(source, zmq.POLLIN)
        while not self._stopping:
            ready = dict(poller.poll(self._patience_ms()))
            if asked in ready or self._has_more:
                self._has_more = self._receive()
            if subscribed in ready:
                self._publisher.greet_subscribers()
            if departures and departures[0] in ready:
                listener.note_departure()
            if self._outbox.descriptor in ready:
                self._outbox.calm()
            self._send_outbox()
            if self._attention.noticed_end():
                self._publisher.publish(Event(kind=events.ATTENTION))
            if self._look_round_s and time.monotonic() >= self._look_round_s:
                self._look_round()
            if self._is_idle():
                LOGGER.info("no request for %.0f s", self._config.daemon.exit_after_s)
                return

    def _finish(self) -> None:
        """Finish: answer what was begun, and read no more requests."""
        self._publisher.publish(Event(kind=events.STOPPING))
        self._worker.stop(_STOP_TIMEOUT_S)
        if self._recorder is not None:
            self._recorder.shutdown()
        self._send_outbox()
        for client, stop_id in self._stop_requests:
            self._send(client, Done(id=stop_id))

    def _patience_ms(self) -> int | None:
        """How long to block without anything happening; None: for ever."""
        if self._has_more:
            return 0
        limit_s = self._config.daemon.exit_after_s
        appointments = [self._active_s + limit_s] if limit_s else []
        if self._look_round_s:
            appointments.append(self._look_round_s)
        if (left_s := self._attention.left_s()) is not None:
            appointments.append(time.monotonic() + min(left_s, _LONGEST_SLEEP_S))
        if not appointments:
            return None
        return max(0, int(min(_LONGEST_POLL_S, min(appointments) - time.monotonic()) * 1000)) + 1

    def _is_idle(self) -> bool:
        limit_s = self._config.daemon.exit_after_s
        if not limit_s or time.monotonic() < self._active_s + limit_s:
            return False
        if self._worker.is_busy:
            self._active_s = time.monotonic()
            return False
        return True

    def _receive(self) -> bool:
        """Take in what has come; whether there may be more of it."""
        for _ in range(_RECEIVED_AT_ONCE):
            try:
                client, *frames = self._listener.requests.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return False
            self._active_s = time.monotonic()
            self._handle(client, frames)
        return True

    def _handle(self, client: bytes, frames: list[bytes]) -> None:
        if len(frames) != 1:
            self._refuse(client, "", RequestInvalid("A message must be one frame.", "Update Shadowpen in the editor."))
            return
        try:
            request: Request = decode_request(frames[0])
            if not isinstance(request, Hello) and client not in self._peers:
                raise ProtocolMismatch("The client sent a request before its hello.", "Update Shadowpen in the editor.")
        except ShadowpenError as error:
            self._refuse(client, request_id(frames[0]), error)
            return
        if client in self._peers:
            self._peers[client].active_s, self._peers[client].reads = self._active_s, True
        self._counters.requests[request.__struct_config__.tag] += 1  # type: ignore[index]
        try:
            self._handlers[type(request)](client, request)
        except zmq.ZMQError:
            raise
        except Exception as fault:  # one message must not end what all others use
            LOGGER.error("a request failed: %s", describe(fault))
            self._refuse(client, request.id, ShadowpenError("The request failed inside the daemon.", _SEE_LOG))

    # --- requests ----------------------------------------------------------------------------------------

    def _hello(self, client: bytes, hello: Hello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            self._refuse(client, hello.id, _mismatch(hello))
            return
        self._peers[client] = _ClientInfo(hello.client[:100], hello.version[:40])
        LOGGER.info("client %s said hello", client.hex())
        self._send(client, Welcome(id=hello.id, version=self._version, events=self._listener.connection.events))

    def _hand_on(self, client: bytes, request: ModelRequest) -> None:
        self._worker.submit(client, request, time.perf_counter())
        if isinstance(request, Complete):
            self._typing.touch()

    def _record(self, client: bytes, record: Record) -> None:
        if self._journal is None:
            self._refuse(client, record.id, StateUnusable("This daemon does not keep a journal.", "Update Shadowpen."))
            return
        if self._recorder is None:
            from concurrent.futures import ThreadPoolExecutor

            # One thread: events reach the disk in the order they came, and a slow disk holds up no answer.
            self._recorder = ThreadPoolExecutor(1, "shadowpen-journal")
        written = self._recorder.submit(self._journal.record, record.events)
        written.add_done_callback(lambda done: self._outbox.post(client, self._recorded(done, record)))

    def _recorded(self, written: Future[Recorded | None], record: Record) -> Reply:
        error = written.exception()
        if error is not None:
            if not isinstance(error, ShadowpenError):
                LOGGER.error("the journal failed: %s", describe(error))
                error = StateUnusable("The journal could not be written.", "Check that the disk is not full.")
            return Failure.of(error, record.id)
        done = written.result()
        refused = done.refused if done is not None else {}
        if refused:
            self._counters.failures["event_refused"] += len(refused)
            LOGGER.warning("%d of %d events were refused", len(refused), len(record.events))
        if refused and len(refused) == len(record.events):
            return Failure.of(next(iter(refused.values())), record.id)
        told = [Refused(place=place, reason=why.message) for place, why in refused.items()]
        return Done(id=record.id, refused=told)

    def _attend(self, client: bytes, wish: Attend) -> None:
        try:
            self._attention.change(wish)
        except ShadowpenError as error:
            self._refuse(client, wish.id, error)
        else:
            self._send(client, AttentionReport(id=wish.id, **msgspec.structs.asdict(self._attention.report())))
        self._publisher.publish(Event(kind=events.ATTENTION))

    def _state(self) -> DaemonState:
        """The state that every event carries."""
        model = msgspec.structs.asdict(self._worker.state())
        return DaemonState(**model, attention=self._attention.report())

    def _shut_down(self, client: bytes, shutdown: Shutdown) -> None:
        self._stop_requests.append((client, shutdown.id))
        self._stopping = True

    def _report(self) -> DaemonReport:
        import psutil

        now = time.monotonic()
        return DaemonReport(
            pid=os.getpid(),
            version=self._version,
            protocol=PROTOCOL_VERSION,
            transport=self._listener.transport,
            uptime_s=round(now - self._started_s, 1),
            rss_mb=round(psutil.Process().memory_info().rss / 2**20, 1),
            clients=[
                ClientReport(name=peer.name, version=peer.version, idle_s=round(now - peer.active_s, 1))
                for peer in self._peers.values()
            ],
            attention=self._attention.report(),
            memory=self._remembering.report(),
            monitoring=self._monitor.report(),
            tasks=self._installed_tasks(now),
            log=str(self._layout.log_file),
            problems=list(self._config.problems),
        )

    def _installed_tasks(self, now: float) -> list[InstalledTask]:
        """As they were a moment ago: looking for them costs more than an answer of the model."""
        if now >= self._look_for_tasks_s:
            self._look_for_tasks_s = now + _TASKS_HOLD_S
            self._tasks = [
                InstalledTask(entry.name, entry.dist.name if entry.dist else "")
                for entry in metadata.entry_points(group="shadowpen.tasks")
            ]
        return self._tasks

    # --- sending -----------------------------------------------------------------------------------------

    def _send_outbox(self) -> None:
        for item in self._outbox.take():
            if isinstance(item, Event):
                self._publisher.publish(item)
            else:
                self._send(*item)

    def _send(self, client: bytes, reply: Reply) -> None:
        try:
            frame = encode(reply)
        except Exception as fault:
            LOGGER.error("an answer cannot be sent: %s", describe(fault))
            frame = encode(Failure.of(ShadowpenError("The answer cannot be sent.", _SEE_LOG), reply.id))
        self._send_frame(client, frame)

    def _send_frame(self, client: bytes, frame: bytes) -> None:
        try:
            self._listener.requests.send_multipart([client, frame], zmq.NOBLOCK)
        except zmq.Again:
            self._full(client)
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            if self._peers.pop(client, None) is not None:
                LOGGER.info("client %s has gone", client.hex())
            self._worker.forget_client(client)

    def _full(self, client: bytes) -> None:
        """Drop the jobs of a client that does not read its answers."""
        peer = self._peers.get(client)
        if peer is not None and peer.reads:
            peer.reads = False
            LOGGER.warning("client %s does not read its answers", client.hex())
            self._worker.forget_client(client)

    def _refuse(self, client: bytes, refused_id: str, error: ShadowpenError) -> None:
        self._counters.failures[error.code] += 1
        count = self._counters.failures[error.code]
        if count <= _REFUSALS_LOGGED or count % 1000 == 0:
            LOGGER.info("client %s was refused: %s (%d so far)", client.hex(), error.code, count)
        self._send(client, Failure.of(error, refused_id))

    def _someone_left(self) -> None:
        self._look_round_s = time.monotonic() + _FAREWELL_S

    def _look_round(self) -> None:
        """Find out who has gone: an empty frame asks nothing, but to a client that left it cannot be sent."""
        self._look_round_s = 0.0
        for client in list(self._peers):
            self._send_frame(client, b"")

    # --- the model ---------------------------------------------------------------------------------------

    def _load_model(self, load: LoadModel) -> tuple[Model, settings.Config]:
        """In the loader's thread: with the settings as they are now, which `models use` may just have changed."""
        config = settings.load(self._layout.config_file)
        try:
            return load(self._layout, config), config
        finally:
            self._remembering.forget()
            self._monitor.forget()

    def _fail_fast(self) -> None:
        self._failed = True
        self.stop()


def _mismatch(hello: Hello) -> ProtocolMismatch:
    message = f"The client speaks protocol {hello.protocol}, the daemon {PROTOCOL_VERSION}."
    if hello.protocol < PROTOCOL_VERSION:
        return ProtocolMismatch(message, "Update Shadowpen where this client runs, then restart the editor.")
    return ProtocolMismatch(
        message, "The daemon is older: stop it with `shadowpen stop`; the next key starts a new one."
    )
