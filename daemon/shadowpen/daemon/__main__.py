"""Entry point of the daemon process: `python -m shadowpen.daemon`, also behind `shadowpen daemon`.

Exit codes: 0 ended as asked, 75 another daemon runs, 2 a wrong command line, else the `exit_status` of the error
whose sentence is the last line written.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from shadowpen.daemon.base import config, limits, logs, store
from shadowpen.daemon.base.errors import DaemonRunning, ShadowpenError
from shadowpen.daemon.base.translation import language
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.monitoring.monitor import Monitor
from shadowpen.daemon.serving.server import EventSink, LoadModel, serve
from shadowpen.daemon.storage.consented_journal import ConsentedJournal
from shadowpen.daemon.wire.journal_events import JournalEvent
from shadowpen.daemon.wire.launch import ALREADY_RUNNING_STATUS

_USAGE = "usage: python -m shadowpen.daemon   (settings: see `shadowpen config`)"


def main(arguments: Sequence[str], load: LoadModel | None = None, journal: EventSink | None = None) -> int:
    """Serve until stopped; returns the exit code. `load` and `journal` as in `serve`."""
    if arguments:
        print(_USAGE, file=sys.stderr)
        return 0 if arguments[0] in ("-h", "--help") else 2
    os.umask(0o077)
    limits.no_core_dumps()
    limits.more_descriptors()
    layout = store.layout()
    try:
        settings = config.load(layout.config_file)
        language.speak(lambda: language.chosen(settings.interface.language))  # for notices of the desktop
        logs.configure(layout, settings.daemon.log_level)
        logs.guard_reports()
        remembering = Remembering(layout)
        monitor = Monitor(layout)

        def kept(events: list[JournalEvent]) -> None:
            remembering.kept(events)
            monitor.gathered.journalled(events)

        keeping = ConsentedJournal(layout, on_kept=kept, on_produced=monitor.produced_texts.produced)
        serve(layout, settings, load, journal or keeping, remembering, monitor)
    except DaemonRunning as error:
        print(error.message, file=sys.stderr)
        return ALREADY_RUNNING_STATUS
    except ShadowpenError as error:
        logs.LOGGER.error("the daemon ended: %s", error.code)
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return error.exit_status
    return 0


def leave(status: int) -> NoReturn:
    """End the process, at once if a thread hangs in native code: Python's own end would crash it there."""
    if any(thread.name.startswith("shadowpen-") for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
