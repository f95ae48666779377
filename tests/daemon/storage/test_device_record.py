"""What is remembered of a device that failed, be it by a crash of the whole process."""

from __future__ import annotations

import subprocess
import sys

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import device_record

_DIES = """
import os
from shadowpen.daemon.base import store
from shadowpen.daemon.storage.device_record import DeviceWork
work = DeviceWork(store.layout(), "cuda")
with work: pass
{last}
"""


def _daemon(last: str) -> None:
    subprocess.run([sys.executable, "-P", "-c", _DIES.format(last=last)], check=False)


def test_what_failed_is_known_until_the_daemon_ends(layout: store.Layout) -> None:
    assert device_record.trouble(layout, "cuda") == ""
    device_record.note(layout, "cuda", "its memory is full")
    assert device_record.trouble(layout, "cuda") == "its memory is full"
    assert device_record.trouble(layout, "openvino") == ""
    device_record.clear(layout)
    assert device_record.trouble(layout, "cuda") == ""


def test_a_process_that_died_at_work_is_remembered(layout: store.Layout) -> None:
    _daemon("work.__enter__(); os.abort()")
    assert "crashed" in device_record.trouble(layout, "cuda")
    device_record.DeviceWork(layout, "cuda")
    assert "crashed" in device_record.trouble(layout, "cuda"), "it is noted, whoever works there next"


def test_a_process_that_was_killed_while_it_was_idle_is_no_crash_of_the_device(layout: store.Layout) -> None:
    _daemon("os.abort()")
    assert device_record.trouble(layout, "cuda") == ""


def test_who_works_is_not_dead(layout: store.Layout) -> None:
    with device_record.DeviceWork(layout, "cuda"):
        assert device_record.trouble(layout, "cuda") == ""
