"""`shadowpen daemon` and `shadowpen stop`: start and stop the daemon by hand.

Usually neither is needed: clients start it, and it ends when idle. This file knows processes and the lock, no requests
but Shutdown.
"""

from __future__ import annotations

import time

import click

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import DaemonError, DaemonUnreachable, ProtocolMismatch

_GRACE_S = 15.0  # a running step ends, the journal is closed
_LOOK_S = 0.02


@click.command()
@click.option("--detach", is_flag=True, help="Return as soon as the daemon answers; it keeps running.")
@terminal.json_option
def daemon(detach: bool, as_json: bool) -> None:
    """Run the daemon in the foreground, or start it in the background with --detach.

    Editors and `shadowpen complete` start it automatically; one daemon serves them all. Ctrl-C stops it.
    """
    if not detach:
        from shadowpen.daemon.__main__ import leave, main

        leave(main([]))
    layout = store.layout()
    before = _holder(layout)
    from shadowpen.daemon.wire.blocking_client import Client

    Client(name="shadowpen daemon", layout=layout).close()
    pid = _holder(layout)
    if as_json:
        terminal.print_json({"pid": pid, "started": pid != before, "log": str(layout.log_file)})
    else:
        terminal.say(
            f"The daemon {'is already up' if pid == before else 'is running'}: process {pid}, log {layout.log_file}."
        )


@click.command()
@click.option("--force", is_flag=True, help="Kill a daemon that does not answer; its unfinished work is lost.")
@terminal.json_option
def stop(force: bool, as_json: bool) -> None:
    """Stop the daemon. Open editors start a new one at the next key."""
    stopped = stop_running(store.layout(), force=force)
    if as_json:
        terminal.print_json({"stopped": stopped})
    else:
        terminal.say("The daemon has stopped." if stopped else "No daemon is running.")


def stop_running(layout: store.Layout, *, force: bool = False) -> bool:
    """Ask the daemon to end and wait until it has; False when none runs.

    DaemonUnreachable when it stays. One of another version is ended by signal: it does not understand us.
    """
    pid = _holder(layout)
    if pid is None:
        return False
    try:
        _ask_to_end(layout)
    except ProtocolMismatch:
        _signal(pid, hard=False)
    except DaemonError:
        if force:
            _signal(pid, hard=True)
    if not _ended(layout, pid):
        if not force:
            sentence = f"The daemon (process {pid}) does not stop."
            raise DaemonUnreachable(sentence, "`shadowpen stop --force` kills it; unfinished work is lost.")
        _signal(pid, hard=True)
        _ended(layout, pid)
    return True


def _ask_to_end(layout: store.Layout) -> None:
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Shutdown

    with Client(name="shadowpen stop", start=False, layout=layout, any_folders=True) as client:
        client.request(Shutdown(id=client.next_id()), timeout_ms=_GRACE_S * 1000)


def _holder(layout: store.Layout) -> int | None:
    """The process id of the daemon, 0 if it cannot be told, None when none runs."""
    from shadowpen.daemon.wire.lock import holder
    from shadowpen.daemon.wire.transport import read_connection

    pid = holder(layout)
    if pid == 0 and (connection := read_connection(layout)) is not None:  # its file was damaged or removed
        return connection.pid
    return pid


def _signal(pid: int, *, hard: bool) -> None:
    import psutil

    if pid <= 0:  # to a signal 0 means everything that runs with this command
        raise DaemonUnreachable("The daemon's process is not known.", "Try again in a moment.")
    try:
        process = psutil.Process(pid)
        process.kill() if hard else process.terminate()
    except psutil.Error as error:
        raise DaemonUnreachable(f"Process {pid} cannot be stopped: {error}.", f"Try: kill -9 {pid}") from error


def _ended(layout: store.Layout, pid: int) -> bool:
    """Wait until the lock is free, or another daemon holds it."""
    until = time.monotonic() + _GRACE_S
    while time.monotonic() < until:
        holder = _holder(layout)
        if holder is None or (pid and holder != pid):
            return True
        time.sleep(_LOOK_S)
    return False
