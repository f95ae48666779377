"""Watch the journal and the user's folders, start automatic runs, and report their progress.

Lives in the daemon as one thread that sleeps; whether there is enough new text is found out by the run's own process
(`--if-ready`), so that reading folders never delays a key. Knows neither models nor sockets.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import power, store
from shadowpen.daemon.base.logs import Retried
from shadowpen.daemon.formats import table
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.learning.conditions.activity import activity_file, idle_s
from shadowpen.daemon.privacy.paths import is_prose_file
from shadowpen.daemon.storage import expansion_thread
from shadowpen.daemon.wire.protocol import Event
from shadowpen.daemon.wire.reports import DaemonState, TrainingNews

EVENT = "training"
_LOOK_EVERY_S = 30.0
_ASK_AGAIN_AFTER_S = 900.0  # a run that finds too little text reads all folders for it
_AFTER_FAILURE_S = 6 * 3600.0  # nobody is there to mend what failed in the night
_NEWS_S = 3600.0
_QUIET_AFTER = ("failed", "stopped")


class Watcher:
    """Starts automatic runs and reports their progress.

    `announce` gets an Event of kind "training" whenever a run's state changes.

    `texts_changed` is told of every change of a text in the folders. The rest is for tests.
    """

    def __init__(
        self,
        layout: store.Layout,
        announce: Callable[[Event], None],
        load_config: Callable[[], configuration.Config] | None = None,
        start_run: Callable[[Sequence[str]], None] = runs.start_detached,
        on_battery: Callable[[], bool] = power.on_battery,
        clock: Callable[[], float] = time.monotonic,
        texts_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._texts_changed = texts_changed
        self._layout, self._announce, self._start_run, self._clock = layout, announce, start_run, clock
        self._load_config = load_config or (lambda: configuration.load(layout.config_file))
        self._on_battery = on_battery
        self._changed = True  # while nobody watched anything may have
        self._blind = False  # the system cannot tell of changes
        self._asked_s = float("-inf")
        self._told = TrainingNews()
        self._wake, self._ending = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="training-watcher", daemon=True)
        self._observer: Any = None
        self._observed: tuple[str, ...] = ()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the watching; runs go on."""
        self._ending = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self._unwatch()

    def _run(self) -> None:
        retried = Retried("watching for texts to learn")
        while not self._ending:
            with retried:  # a disk that is full now, a folder that vanished
                self.look()
            self._wake.wait(_LOOK_EVERY_S)
            self._wake.clear()

    def look(self) -> None:
        """One look at everything: watch what is to be watched, tell what changed, start what may start.

        Text that was kept for an hour alone is deleted too.
        """
        expansion_thread.expire(self._layout)
        learning = self._load_config().learning
        if learning.enabled != "on":
            self._unwatch()
            return
        self._watch(learning.folders)
        self._tell()
        if learning.automatic and (self._changed or self._blind) and self._may_start(learning.idle_s):
            self._changed, self._asked_s = False, self._clock()
            self._start_run([*runs.COMMAND, "--if-ready"])

    def changed(self, path: str) -> None:
        """Something was written at `path`: text to learn from, or how a run stands."""
        if Path(path).parent == self._layout.training:
            self._wake.set()
        elif is_prose_file(path) or table.is_read(path):
            self._changed = True
            self._texts_changed()
        elif path.endswith(".jsonl"):
            self._changed = True

    def _may_start(self, needed_idle_s: float) -> bool:
        since = self._clock() - self._asked_s
        if since < _ASK_AGAIN_AFTER_S or idle_s(activity_file(self._layout)) < needed_idle_s or self._on_battery():
            return False
        if packages.missing():
            return False
        status = runs.status(self._layout)
        if status.state in _QUIET_AFTER and 0 <= time.time() - status.updated < _AFTER_FAILURE_S:  # or a clock set back
            return False
        return status.state not in ("running", "paused")

    def _tell(self) -> None:
        status = runs.status(self._layout)
        if status.state == "rolled_back" and time.time() - status.updated > _NEWS_S:
            return  # it was told: editors show it to the user
        told = msgspec.convert(status, TrainingNews, from_attributes=True)
        if status.state != "none" and told != self._told:
            self._told = told
            self._announce(Event(kind=EVENT, data=DaemonState(training=told)))

    # --- watching ------------------------------------------------------------------------------------

    def _watch(self, folders: Sequence[str]) -> None:
        """Have the system tell of changes; where it cannot (too many folders), everything counts as changed."""
        # Of those that are there: one on a disk that is mounted later is watched from then on.
        wanted = tuple(sorted({str(folder) for folder in map(store.expanded, folders) if store.is_folder(folder)}))
        if self._observer is not None and self._observed == wanted:
            return
        self._unwatch()
        from watchdog.observers import Observer  # only where something is learned: it costs a daemon 3 MB

        places = [(store.private_directory(self._layout.training), False)]
        places += [(store.private_directory(self._layout.edits), False)]
        places += [(Path(folder), True) for folder in wanted]
        self._observer, self._observed = Observer(), wanted  # not before all that may fail: it would seem to watch
        handler = _handler(self.changed)
        try:
            for place, deep in places:
                self._observer.schedule(handler, str(place), recursive=deep)
            self._observer.start()
            self._blind = False
        except OSError:
            self._blind = True
        self._changed = True

    def _unwatch(self) -> None:
        if self._observer is not None:
            with contextlib.suppress(RuntimeError, OSError):
                self._observer.stop()
                self._observer.join(5)
            self._observer = None


def _handler(changed: Callable[[str], None]) -> Any:
    """Tells of what was written, created, moved or deleted; not of what was merely read."""
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        """The handler of an event of the file system."""

        def on_any_event(self, event: Any) -> None:
            if not event.is_directory and event.event_type in ("created", "modified", "moved", "deleted"):
                for path in (event.src_path, event.dest_path):
                    if path:
                        changed(str(path))

    return Handler()
