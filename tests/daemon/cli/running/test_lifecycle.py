"""`shadowpen daemon`, `stop` and `status`, on the daemon's real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from support.command_line import Shadowpen
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.running import lifecycle
from shadowpen.daemon.wire import lock, protocol


@pytest.fixture
def foreground(layout: store.Layout, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`shadowpen daemon` in a process of its own, answering."""
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "daemon"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as running:
        wait_until(layout.connection_file.exists, "the daemon")
        yield running
        running.kill()


def test_in_the_foreground_it_serves_until_ctrl_c(
    foreground: subprocess.Popen[bytes], shadowpen: Shadowpen, layout: store.Layout
) -> None:
    assert lock.holder(layout) == foreground.pid
    assert shadowpen("status", "--json").json["pid"] == foreground.pid
    foreground.send_signal(signal.SIGINT)
    assert foreground.wait(20) == 0
    assert lock.holder(layout) is None


def test_a_second_one_is_told_of_the_first(foreground: subprocess.Popen[bytes], tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "daemon"]
    second = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert second.returncode == 75
    assert f"process {foreground.pid}" in second.stderr.decode()


def test_detached_it_goes_on_until_stopped(shadowpen: Shadowpen, layout: store.Layout) -> None:
    started = shadowpen("daemon", "--detach", "--json").json
    pid = lock.holder(layout)
    assert pid is not None and started == {"pid": pid, "started": True, "log": str(layout.log_file)}
    assert shadowpen("daemon", "--detach", "--json").json["started"] is False
    assert "has stopped" in shadowpen("stop").out
    assert lock.holder(layout) is None
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "the process's end")


def test_stopping_nothing_is_no_error(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert shadowpen("stop").out == "No daemon is running.\n"
    assert shadowpen("stop", "--json").json == {"stopped": False}
    assert not layout.runtime.exists()


def test_one_that_hangs_is_ended_by_force_only(
    foreground: subprocess.Popen[bytes], shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_GRACE_S", 0.3)
    monkeypatch.setattr("shadowpen.daemon.wire.launch.HELLO_TIMEOUT_S", 0.3)
    os.kill(foreground.pid, signal.SIGSTOP)
    refused = shadowpen("stop")
    assert refused.status == 6 and f"process {foreground.pid}" in refused.err and "--force" in refused.err
    assert foreground.poll() is None
    assert "has stopped" in shadowpen("stop", "--force").out
    assert foreground.wait(20) == -signal.SIGKILL


def test_one_of_another_version_is_ended_all_the_same(
    foreground: subprocess.Popen[bytes], shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hello_of_the_future(*arguments: object, **fields: object) -> protocol.Hello:
        return _hello(*arguments, **{**fields, "protocol": protocol.PROTOCOL_VERSION + 1})

    _hello = protocol.Hello
    monkeypatch.setattr("shadowpen.daemon.wire.blocking_client.Hello", hello_of_the_future)
    assert shadowpen("status").status == 6
    assert "has stopped" in shadowpen("stop").out
    assert foreground.wait(20) == 0


def test_status_starts_none_and_says_where_the_log_is(shadowpen: Shadowpen, layout: store.Layout) -> None:
    done = shadowpen("status")
    assert done.status == 0 and "No daemon is running" in done.out and str(layout.log_file) in done.out
    told = shadowpen("status", "--json").json
    assert told.pop("own")["version"] == "base"
    assert told == {
        "running": False,
        "log": str(layout.log_file),
        "home": str(layout.data),
    }
    assert lock.holder(layout) is None and not layout.runtime.exists()


@pytest.mark.usefixtures("with_model")
def test_status_tells_model_memory_latency_and_clients(shadowpen: Shadowpen, layout: store.Layout) -> None:
    shadowpen("complete", "--words", "3", stdin=b"She wrote a letter")
    report = shadowpen("status", "--json").json
    assert report["running"] and report["model"]["state"] == "ready"
    assert report["rss_mb"] > 10 and report["requests"]["continue"] == 1
    shown = shadowpen("status").out
    places = str(layout.log_file), str(layout.data)
    for words in ("the default model", " MB", "continue 1", "no completions yet", *places):
        assert words in shown


def test_status_tells_what_is_wrong_with_the_model(shadowpen: Shadowpen) -> None:
    shadowpen("complete", stdin=b"She wrote a letter")
    shown = shadowpen("status").out
    assert "No model is installed" in shown and "shadowpen setup" in shown


@pytest.mark.usefixtures("with_model")
def test_status_names_both_models(shadowpen: Shadowpen, layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_WRITING_MODEL", "tiny")
    assert "tiny, not in memory; loaded when a paragraph is asked for" in shadowpen("status").out
    shadowpen("complete", "--words", "3", stdin=b"She wrote a letter")
    lines = shadowpen("status").out.splitlines()
    assert any(line.startswith("model") and "the default model" in line for line in lines)
    assert any(line.startswith("writing") and "the model tiny, int8 on cpu" in line for line in lines)


def test_one_whose_id_is_nowhere_written_is_sent_no_signal(
    shadowpen: Shadowpen, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`kill 0` would end whatever runs beside this command."""
    monkeypatch.setattr(lifecycle, "_GRACE_S", 0.1)
    with lock.single_instance(layout):
        lock.pid_file(layout).write_text("half a li")
        refused = shadowpen("stop", "--force")
    assert refused.status == 6 and "The daemon's process is not known." in refused.err and "kill" not in refused.err


def test_one_whose_id_is_damaged_is_known_by_its_connection(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shadowpen.daemon.wire.transport.read_connection", lambda _: SimpleNamespace(pid=4321))
    with lock.single_instance(layout):
        lock.pid_file(layout).unlink()
        assert lifecycle._holder(layout) == 4321
