"""The folder of training runs: one run at a time, and the state that resumes an unfinished one.

    training/run.lock        held by the run that goes on
    training/status.json     how it stands (see status.py)
    training/pending.json    what the unfinished run learns from: origins and hashes, no text
    training/speed.json      how many tokens a second the last run over every weight learned
    training/runs/<job>/     its checkpoint and adapter
    training/replay/<base>/  what the base wrote by itself

Knows neither models nor text.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import TrainingError
from shadowpen.daemon.learning.status import TrainingStatus, read_status, write_status

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.documents import Document

# Learning ends in exporting, which stands above this package: it is started by name, never imported.
COMMAND = (sys.executable, "-P", "-m", "shadowpen.exporters.recipes.process")
LOCK = "run.lock"
_GOING_ON = ("running", "paused")
_A_LOOK_S = 1.0  # `is_running` holds the lock for a moment; nobody may take that for a run
_PENDING_BYTES = 256 << 20  # a line for each text


@contextlib.contextmanager
def only_run(layout: store.Layout) -> Iterator[None]:
    """Hold the lock of training; TrainingError when a run goes on already."""
    store.private_directory(layout.training)
    lock = filelock.FileLock(layout.training / LOCK)
    try:
        lock.acquire(timeout=_A_LOOK_S, poll_interval=0.02)
    except filelock.Timeout as error:
        pid = read_status(layout).pid
        raise TrainingError(
            f"A training run is already in progress (process {pid}).", "`shadowpen train status` shows the progress."
        ) from error
    except OSError as error:
        raise store.unusable(layout.training, error) from error
    try:
        yield
    finally:
        lock.release()


def is_running(layout: store.Layout) -> bool:
    """Whether somebody holds the lock."""
    if not (layout.training / LOCK).exists():
        return False
    lock = filelock.FileLock(layout.training / LOCK)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, OSError):
        return True
    lock.release()
    return False


def status(layout: store.Layout) -> TrainingStatus:
    """How training stands; a run that was killed is "interrupted", whatever it wrote last."""
    found = read_status(layout)
    if found.state in _GOING_ON and not is_running(layout):
        found.state = "interrupted"
        found.message = "The last run was interrupted; the next one resumes it."
    return found


def ask_to_stop(layout: store.Layout) -> bool:
    """Ask the run that goes on to write its checkpoint and end; False when there is none."""
    found = status(layout)
    if found.state not in _GOING_ON or not found.pid:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
        return True
    return False


def start_detached(command: Sequence[str]) -> None:
    """Start a run that outlives this process; what it tells is in the status."""
    detached: dict[str, Any] = {"creationflags": 0x00000208} if os.name == "nt" else {"start_new_session": True}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, **detached)
    # Collects the exit status, so that no zombie stays in a daemon that lives for days.
    threading.Thread(target=process.wait, name="reap-training", daemon=True).start()


# --- what an unfinished run had ----------------------------------------------------------------------


class Pending(msgspec.Struct, frozen=True):
    """An unfinished run.

    (origin, sha256) of every document of the unfinished run, how many tokens it may learn, and its parent.
    """

    documents: list[tuple[str, str]]
    most_tokens: int = 0
    parent: str = ""


def remember(layout: store.Layout, documents: Iterable[Document], most_tokens: int = 0, parent: str = "") -> None:
    pending = Pending([(document.origin, document.sha256) for document in documents], most_tokens, parent)
    store.write_atomic(layout.training / "pending.json", msgspec.json.encode(pending))


def as_pending(
    layout: store.Layout, documents: list[Document], most_tokens: int = 0, parent: str = ""
) -> tuple[list[Document], int]:
    """The documents and the tokens of the unfinished run, if it went on from `parent` and all are there as they were.

    Else all of `documents`, and `most_tokens`.
    """
    try:
        pending = msgspec.json.decode(
            store.read_bounded(layout.training / "pending.json", _PENDING_BYTES), type=Pending
        )
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return documents, most_tokens
    wanted = set(pending.documents)
    same = [document for document in documents if (document.origin, document.sha256) in wanted]
    if pending.parent != parent or len(same) != len(wanted):
        return documents, most_tokens
    return same, pending.most_tokens


# --- how much a run can learn ------------------------------------------------------------------------

_TOKENS_A_SECOND = 80.0  # before a run has measured it
_LEAST_TOKENS_A_RUN = 3_000
_OVERHEAD_MINUTES = 5.0  # loading, choosing the strength, exporting, judging


def tokens_a_run(layout: store.Layout, minutes: float) -> int:
    """How many tokens a run over every weight learns in so many minutes, by the speed of the last one."""
    try:
        speed = float(msgspec.json.decode(store.read_bounded(layout.training / "speed.json", 100), type=float))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        speed = _TOKENS_A_SECOND
    seconds = 60 * max(minutes - _OVERHEAD_MINUTES, 0.5 * minutes)
    return max(_LEAST_TOKENS_A_RUN, int(speed * seconds))


def measured_speed(layout: store.Layout, tokens_a_second: float) -> None:
    """Remember how fast a run learned."""
    if tokens_a_second > 0:
        store.write_atomic(layout.training / "speed.json", msgspec.json.encode(tokens_a_second))


def run_folder(layout: store.Layout, fingerprint: str) -> Path:
    """The folder of a job; those of other jobs go, for they will not be resumed."""
    runs = store.private_directory(layout.training / "runs")
    wanted = runs / fingerprint[:16]
    for other in runs.iterdir():
        if other != wanted:
            shutil.rmtree(other, ignore_errors=True)
    return store.private_directory(wanted)


def finish(layout: store.Layout) -> None:
    """The run has come to its end: nothing of it is left but its version."""
    (layout.training / "pending.json").unlink(missing_ok=True)
    shutil.rmtree(layout.training / "runs", ignore_errors=True)


class StatusKeeper:
    """Keeps training/status.json up to date with what a run tells; `before` is how the last one ended."""

    def __init__(self, layout: store.Layout, before: TrainingStatus) -> None:
        self.before = before
        self._layout = layout
        self._status = TrainingStatus(
            state="running",
            pid=os.getpid(),
            started=time.time(),
            tokens=before.tokens,
            edits=before.edits,
            rated_until=before.rated_until,
            ratings_run=before.ratings_run,
        )

    def progress(self, phase: str, done: float, total: float) -> None:
        self._status.phase, self._status.done, self._status.total = phase, done, total
        self._write()

    def paused(self, paused: bool) -> None:
        self._status.state = "paused" if paused else "running"
        self._write()

    def started_by_ratings(self) -> None:
        """Ratings started this run: the next such run has to wait, however this one ends."""
        self._status.ratings_run = self._status.started

    def learned_from(self, tokens: int, edits: int) -> None:
        """A run that was judged: from now on only what comes on top of so much, or is rated later, is new."""
        self._status.tokens, self._status.edits = tokens, edits
        self._status.rated_until = self._status.started

    def ended(self, state: str, message: str, hint: str = "", version: str = "") -> None:
        self._status.state, self._status.message, self._status.hint = state, message, hint
        self._status.version, self._status.pid = version, 0
        self._write()

    def _write(self) -> None:
        write_status(self._layout, self._status)
