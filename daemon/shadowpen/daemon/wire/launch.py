"""Find the daemon's connection, or start a daemon.

`Search` holds the policy and no waiting: both clients, the blocking and the asynchronous one, ask it for the
next candidate, try it, and sleep in their own way. Knows processes and files, no sockets.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.wire.transport import Connection, folders_of, read_connection

# -P: never import from the folder the process happens to stand in.
COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon")
START_TIMEOUT_S = 30.0  # a cold disk, or a machine that is busy, takes half of it
HELLO_TIMEOUT_S = 5.0
PAUSE_S = 0.015  # between two looks at the connection file
ALREADY_RUNNING_STATUS = 75  # the exit status of a daemon that found another one (EX_TEMPFAIL)

_OUTPUT_BYTES = 256 * 1024
_MOST_OUTPUT_BYTES = 64 << 20


class Search:
    """One attempt to reach a daemon, from the first look at the connection file until `timeout_s` have passed.

    A daemon with other settings or models than `layout` names is refused in words, unless `any_folders` will do.
    """

    def __init__(
        self,
        layout: store.Layout,
        *,
        start: bool = True,
        command: Sequence[str] = COMMAND,
        timeout_s: float = START_TIMEOUT_S,
        any_folders: bool = False,
    ) -> None:
        self._layout, self._start, self._command, self._any_folders = layout, start, command, any_folders
        self._until = time.monotonic() + timeout_s
        self._rejected: Connection | None = None
        self._error: DaemonUnreachable | None = None
        self._child: Child | None = None

    def candidate(self) -> Connection | None:
        """A connection to try, or None: look again after PAUSE_S. DaemonUnreachable when there is no hope left."""
        found = read_connection(self._layout)
        if found is not None and found != self._rejected:
            if not self._any_folders and (why := elsewhere(found, self._layout)):
                raise DaemonUnreachable(why, "Stop it with `shadowpen stop`, or use the same environment for both.")
            return found
        if not self._start:
            raise self._nobody()
        if self._child is None:
            self._child = self._started()
        status = self._child.exit_status()
        if status == ALREADY_RUNNING_STATUS:
            # Another daemon holds the lock: it is starting (its file will come), ending (ours must try again), or hung.
            self._child = None
        elif status is not None:
            raise self._failed(self._child.last_words())
        if time.monotonic() > self._until:
            raise self._unanswered() or self._late()
        return None

    def reject(self, connection: Connection, error: DaemonUnreachable) -> None:
        """Note that `connection` was tried and does not answer."""
        self._rejected, self._error = connection, error

    def _started(self) -> Child:
        try:
            return Child(self._command, self._layout)
        except OSError as error:
            raise self._failed(f"{self._command[0]}: {error.strerror}") from error

    def _nobody(self) -> DaemonUnreachable:
        hint = "Start one with `shadowpen daemon`, or open an editor."
        return self._unanswered() or DaemonUnreachable("No daemon is running.", hint)

    def _unanswered(self) -> DaemonUnreachable | None:
        """Why the daemon that does run could not be spoken to; None when none runs."""
        from shadowpen.daemon.wire.lock import holder  # only on the way to an error: it costs a command 30 ms

        return self._error if self._error is not None and holder(self._layout) is not None else None

    def _late(self) -> DaemonUnreachable:
        hint = f"The machine may be busy: try again in a moment. The daemon's log is {self._layout.log_file}."
        return DaemonUnreachable("The daemon is still starting and does not answer yet.", hint)

    def _failed(self, why: str) -> DaemonUnreachable:
        hint = f"Its log is {self._layout.log_file}; `shadowpen doctor` looks for the cause."
        return DaemonUnreachable(f"The daemon could not be started: {why.rstrip('.')}.", hint)


class Child:
    """A daemon started detached: it outlives its client, and its output goes to the log folder."""

    def __init__(self, command: Sequence[str], layout: store.Layout) -> None:
        store.private_directory(layout.data)
        self._output = store.private_directory(layout.logs) / "daemon.out"
        try:
            handle = store.open_for_appending(self._output)
        except OSError as error:
            raise store.unusable(self._output, error) from error
        with os.fdopen(handle, "ab") as output:
            if os.fstat(handle).st_size > _OUTPUT_BYTES:
                output.truncate(0)
            self._offset = os.fstat(handle).st_size
            self._process = self._spawn(command, layout, output.fileno())
        # Collects the exit status, so that no zombie stays in an editor that lives for days.
        threading.Thread(target=self._process.wait, name="reap-shadowpen", daemon=True).start()

    def _spawn(self, command: Sequence[str], layout: store.Layout, output: int) -> subprocess.Popen[Any]:
        detached: dict[str, Any] = {"creationflags": 0x00000208} if os.name == "nt" else {"start_new_session": True}
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=layout.data,
            **detached,
        )

    def exit_status(self) -> int | None:
        return self._process.poll()

    def last_words(self) -> str:
        """The last line that the process wrote."""
        try:
            written = store.read_bounded(self._output, _MOST_OUTPUT_BYTES)
        except OSError:
            written = b""
        lines = written[self._offset :].decode(errors="replace").split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        return spoken[-1] if spoken else f"it exited with status {self.exit_status()}"


def elsewhere(connection: Connection, layout: store.Layout) -> str:
    """Which other folders a daemon that runs has, in a sentence; "" if they are those of `layout`."""
    ours = folders_of(layout)
    others = [
        f"{name} in {connection.folders[name]} instead of {mine}"
        for name, mine in ours.items()
        if connection.folders.get(name, mine) != mine
    ]
    if not others:
        return ""
    from shadowpen.daemon.wire.lock import holder  # what a daemon left that was killed is no obstacle

    if holder(layout) is None:
        return ""
    return f"The running daemon (process {connection.pid}) has its {' and its '.join(others)}."


def lost() -> DaemonUnreachable:
    return DaemonUnreachable("The connection to the daemon was lost.", "Try again; the daemon is restarted.")


def silent(connection: Connection) -> DaemonUnreachable:
    return DaemonUnreachable(
        f"The daemon (process {connection.pid}) does not answer.", "Stop it with `shadowpen stop`, then try again."
    )


def too_late(timeout_ms: float) -> DaemonUnreachable:
    return DaemonUnreachable(
        f"The daemon did not answer within {timeout_ms:.0f} ms.",
        "Try again; `shadowpen status` shows whether it is running.",
    )
