"""Whose process is watched, and what its end brings about."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from shadowpen.lsp_server.editor import parent


def test_the_end_of_the_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_LOOK_EVERY_S", 0.01)
    gone = threading.Event()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        watching = parent.watch(editor.pid, gone.set)
        assert watching is not None
        assert not gone.is_set()

        editor.kill()

        assert gone.wait(60)  # before anybody has waited for it
    watching.join(60)


@pytest.mark.parametrize("process_id", [None, 0, -1, 2**31 - 1, 2**62])
def test_a_process_that_cannot_be_seen_is_not_watched(process_id: int | None) -> None:
    assert parent.watch(process_id, lambda: None) is None
