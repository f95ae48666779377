"""One user has one daemon, whatever the environment of the session that asks; with real processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import daemons, fake_daemon
from support.command_line import Process
from support.models import fake_model

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable, StateUnusable
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Status, StatusReport


def _pid(client: Client) -> int:
    reply = client.request(Status(id=client.next_id()))
    assert isinstance(reply, StatusReport)
    return reply.report.pid


def test_desktop_and_ssh_share_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.delenv("SHADOWPEN_HOME")
    session = home.parent / "session"
    session.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    process = daemons.start(store.layout())
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with Client(command=("/nonexistent",)) as client:
        assert _pid(client) == process.pid
    assert not list(session.iterdir())
    daemons.stop(store.layout(), process)


def test_a_runtime_folder_of_somebody_else_matters_to_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.delenv("SHADOWPEN_HOME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc/1")
    process = daemons.start(store.layout())
    assert daemons.stop(store.layout(), process) == 0


def test_one_with_other_models_is_named_by_all_but_stop(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch, process: Process, tmp_path: Path
) -> None:
    fake_model.install(layout)
    running = daemons.start(layout)
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path))
    with pytest.raises(DaemonUnreachable, match=rf"process {running.pid}\) has its models in .* instead of {tmp_path}"):
        Client(command=fake_daemon.COMMAND)
    asked = process("complete", stdin=b"The harbour")
    assert asked.returncode and b"instead of" in asked.stderr and b"shadowpen stop" in asked.stderr
    status = process("status")
    assert status.returncode == 0 and b"instead of" in status.stdout
    assert process("stop").returncode == 0
    assert running.wait(20) == 0


def test_a_false_daemon_in_a_folder_of_somebody_else_hears_nothing(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = daemons.start(layout)
    another = os.geteuid() + 1
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: another)
        with pytest.raises(StateUnusable, match="belongs to another user"):
            Client(command=fake_daemon.COMMAND)
    daemons.kill(process)
