"""A separate daemon and language server in a temporary home, with the user's models and settings.

What they use of the machine is read here. Knows processes, not what is asked of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import psutil

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonError, DaemonUnreachable, RequestCancelled
from shadowpen.daemon.typist.editor import Editor
from shadowpen.daemon.wire import launch
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Status, StatusReport
from shadowpen.daemon.wire.reports import DaemonReport
from shadowpen.daemon.wire.transport import read_connection

_SERVER = (sys.executable, "-P", "-m", "shadowpen.lsp_server")
_START_S = 60.0
_STOP_S = 15.0
_REPORT_MS = 30_000
_LOOK_S = 0.01
_REST_S = 0.3
_REST_CPU_S = 0.01  # the kernel's clock ticks so
_REST_WITHIN_S = 60.0
_LOOK_AGAIN_S = 0.2  # each look is a connection of its own
_MEGABYTE = 1 << 20


@dataclasses.dataclass(frozen=True)
class Used:
    """CPU time of the processes under test, in seconds since they began."""

    daemon_s: float
    server_s: float

    def since(self, before: Used) -> Used:
        return Used(round(self.daemon_s - before.daemon_s, 3), round(self.server_s - before.server_s, 3))

    @property
    def total_s(self) -> float:
        return self.daemon_s + self.server_s


@dataclasses.dataclass(frozen=True)
class Resident:
    """Memory of the processes under test, in megabytes."""

    daemon_mb: float
    server_mb: float


class Session:
    """A daemon and a language server in a temporary home; made by `started`."""

    def __init__(
        self, editor: Editor, home: store.Layout, daemon: psutil.Process, servers: list[psutil.Process]
    ) -> None:
        self.editor = editor
        self._home, self._daemon, self._servers = home, daemon, servers

    def used(self) -> Used:
        return Used(cpu_s(self._daemon), sum(map(cpu_s, self._servers)))

    def resident(self) -> Resident:
        return Resident(resident_mb(self._daemon), round(sum(map(resident_mb, self._servers)), 1))

    async def settled(self) -> Used:
        """Wait until the daemon rests: what it reads and prepares behind an answer is a part of what was asked."""
        await at_rest(self._daemon)
        return self.used()

    def report(self) -> DaemonReport:
        """The daemon's status, as in `shadowpen status`."""
        with Client("shadowpen bench", start=False, layout=self._home) as client:
            reply = client.request(Status(id=client.next_id()), timeout_ms=_REPORT_MS)
        assert isinstance(reply, StatusReport), reply
        return reply.report


@contextlib.contextmanager
def fresh_home(author: store.Layout) -> Iterator[store.Layout]:
    """A home that goes with the block: the author's settings and models, nothing else of the author's."""
    with tempfile.TemporaryDirectory(prefix="shadowpen-bench-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        home = store.Layout(root, root, root / "cache", root / "run", root / "logs", author.models)
        if author.config_file.is_file():
            shutil.copyfile(author.config_file, home.config_file)
        yield home


@contextlib.asynccontextmanager
async def started(author: store.Layout) -> AsyncIterator[Session]:
    """Both processes in a fresh home, the model ready; ended with the block, whatever happens in it.

    Raises what the daemon or the server report, and DaemonError when one of them does not come up or dies meanwhile.
    """
    with fresh_home(author) as home:
        environment = _environment(home)
        with _daemon(home, environment) as process:
            await _until_bound(process, home)
            editor, others = Editor(), psutil.Process().children()
            try:
                await editor.start(_SERVER, environment)
                servers = [child for child in psutil.Process().children() if child not in others]
                running = Session(editor, home, psutil.Process(process.pid), servers)
                await _until_served(running)
                yield running
                if process.poll() is not None:
                    raise _died(process, home)
                _require_answers(running.report())
            finally:
                await editor.leave()


def cpu_s(process: psutil.Process) -> float:
    """User and system seconds of a process; DaemonError when it has gone."""
    with _living(process):
        times = process.cpu_times()
        return float(times.user + times.system)


async def at_rest(process: psutil.Process) -> None:
    """Wait until the process computes nothing for a moment, a minute at most."""
    until_s = time.monotonic() + _REST_WITHIN_S
    last_s = cpu_s(process)
    while time.monotonic() < until_s:
        await asyncio.sleep(_REST_S)
        now_s = cpu_s(process)
        if now_s - last_s <= _REST_CPU_S:
            return
        last_s = now_s


def resident_mb(process: psutil.Process) -> float:
    with _living(process):
        return round(process.memory_info().rss / _MEGABYTE, 1)


@contextlib.contextmanager
def _living(process: psutil.Process) -> Iterator[None]:
    try:
        yield
    except psutil.Error as error:
        raise DaemonError(
            f"Process {process.pid} ended while it was measured.", "`shadowpen doctor` looks for the cause."
        ) from error


def _environment(home: store.Layout) -> Mapping[str, str]:
    """The environment of the processes: nothing is kept, and an idle daemon keeps its model."""
    return {
        **os.environ,
        "SHADOWPEN_HOME": str(home.data),
        "SHADOWPEN_MODELS": str(home.models),
        "SHADOWPEN_LEARNING_ENABLED": "off",
        "SHADOWPEN_DAEMON_UNLOAD_AFTER_S": "0",
        "SHADOWPEN_DAEMON_EXIT_AFTER_S": "0",
    }


@contextlib.contextmanager
def _daemon(home: store.Layout, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (store.private_directory(home.logs) / "daemon.out").open("ab") as output:
        process = subprocess.Popen(
            launch.COMMAND, env=dict(environment), cwd=home.data, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until_bound(process: subprocess.Popen[bytes], home: store.Layout) -> None:
    """Wait until the daemon listens, so that the server does not start another one."""
    try:
        async with asyncio.timeout(_START_S):
            while read_connection(home) is None:
                if process.poll() is not None:
                    raise _died(process, home)
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        raise DaemonUnreachable(
            f"The daemon did not come up within {_START_S:.0f} s.", "`shadowpen doctor` looks for the cause."
        ) from None


async def _until_served(running: Session) -> None:
    """Wait until the daemon serves the model; the editor may report ready too early."""
    try:
        async with asyncio.timeout(_START_S):
            while (report := running.report()).model.state == "loading":
                await asyncio.sleep(_LOOK_AGAIN_S)
    except TimeoutError:
        raise DaemonError(f"The model was not loaded within {_START_S:.0f} s.", "Is the machine busy?") from None
    _require_answers(report)


def _require_answers(report: DaemonReport) -> None:
    """Raise what kept the daemon from answering: an empty answer to an editor is no measurement then."""
    if report.model.state == "failed" and report.model.error is not None:
        raise report.model.error.error()
    failed = {code: count for code, count in report.failures.items() if code != RequestCancelled.code}
    if failed:
        counts = ", ".join(f"{code} {count}" for code, count in sorted(failed.items()))
        raise DaemonError(f"The daemon failed to answer: {counts}.", "`shadowpen doctor` looks for the cause.")


def _died(process: subprocess.Popen[bytes], home: store.Layout) -> DaemonError:
    words = (home.logs / "daemon.out").read_text("utf-8", errors="replace").strip().rpartition("\n")[2]
    return DaemonError(
        f"The daemon ended with status {process.returncode}{f': {words}' if words else ''}.",
        "`shadowpen doctor` looks for the cause.",
    )
