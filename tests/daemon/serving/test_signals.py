"""daemon/serving/signals.py: signals become a call and a byte, and what was before comes back."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading

from shadowpen.daemon.serving import signals


def test_a_signal_calls_and_rings() -> None:
    caught: list[int] = []
    bell, ear = socket.socketpair()
    bell.setblocking(False)
    before = signal.getsignal(signal.SIGTERM)
    with bell, ear:
        with signals.calling(caught.append, bell.fileno()):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(os.getpid(), number)
            assert select.select([ear], [], [], 10)[0]
        assert caught == [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    assert signal.getsignal(signal.SIGTERM) == before
    assert signal.set_wakeup_fd(-1) == -1


def test_outside_the_main_thread_nothing_is_touched() -> None:
    before = signal.getsignal(signal.SIGTERM)
    inside: list[object] = []

    def run() -> None:
        with signals.calling(lambda number: None, -1):
            inside.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert inside == [before]
