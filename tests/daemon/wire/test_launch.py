"""daemon/wire/launch.py: the search for a daemon, without one."""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec
import pytest
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.wire import launch, lock
from shadowpen.daemon.wire.transport import Connection

CONNECTION = Connection(
    requests="tcp://127.0.0.1:1",
    events="tcp://127.0.0.1:1",
    pid=1,
    server_key="s" * 40,
    client_key="c" * 40,
    client_secret="x" * 40,
)


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


SLEEPER = _python("import time; time.sleep(600)")


def _write(layout: store.Layout, connection: Connection) -> None:
    store.write_atomic(layout.connection_file, msgspec.json.encode(connection))


def _until_it_gives_up(search: launch.Search) -> DaemonUnreachable:
    def given_up() -> DaemonUnreachable | None:
        try:
            assert search.candidate() is None
        except DaemonUnreachable as error:
            return error
        return None

    return wait_until(given_up)  # type: ignore[return-value]


def test_what_the_file_names_comes_first(layout: store.Layout) -> None:
    _write(layout, CONNECTION)
    search = launch.Search(layout, command=("/nonexistent",))
    assert search.candidate() == CONNECTION


def test_without_starting_nobody_is_there(layout: store.Layout) -> None:
    search = launch.Search(layout, start=False)
    with pytest.raises(DaemonUnreachable, match="No daemon is running"):
        search.candidate()


def test_a_rejected_one_is_not_tried_again_but_its_successor_is(layout: store.Layout) -> None:
    _write(layout, CONNECTION)
    search = launch.Search(layout, command=_python(""))
    search.reject(CONNECTION, DaemonUnreachable("gone"))
    assert search.candidate() is None
    newer = msgspec.structs.replace(CONNECTION, pid=2)
    _write(layout, newer)
    assert search.candidate() == newer


def test_a_rejected_one_that_still_runs_is_what_is_wrong(layout: store.Layout) -> None:
    _write(layout, CONNECTION)
    search = launch.Search(layout, start=False)
    search.reject(CONNECTION, DaemonUnreachable("It is silent."))
    with lock.single_instance(layout), pytest.raises(DaemonUnreachable, match="It is silent"):
        search.candidate()


def test_a_daemon_with_other_folders_is_named(layout: store.Layout) -> None:
    _write(layout, msgspec.structs.replace(CONNECTION, folders={"models": "/elsewhere/models", "settings": "/c"}))
    with lock.single_instance(layout):
        with pytest.raises(
            DaemonUnreachable, match=r"process 1.*settings in /c.*models in /elsewhere/models"
        ) as caught:
            launch.Search(layout).candidate()
        assert "shadowpen stop" in caught.value.hint and str(layout.models) in caught.value.message
        assert launch.Search(layout, any_folders=True).candidate() is not None


def test_other_folders_of_a_daemon_that_was_killed_are_no_obstacle(layout: store.Layout) -> None:
    _write(layout, msgspec.structs.replace(CONNECTION, folders={"models": "/elsewhere"}))
    assert launch.Search(layout).candidate() is not None


def test_a_daemon_that_cannot_start_says_why(layout: store.Layout) -> None:
    store.private_directory(layout.logs)
    (layout.logs / "daemon.out").write_text("an older complaint\n")
    search = launch.Search(layout, command=_python("print('first'); raise SystemExit('The disk is full.')"))
    error = _until_it_gives_up(search)
    assert error.message == "The daemon could not be started: The disk is full."
    assert str(layout.log_file) in error.hint


def test_a_daemon_that_ends_silently(layout: store.Layout) -> None:
    error = _until_it_gives_up(launch.Search(layout, command=_python("raise SystemExit(3)")))
    assert "exited with status 3" in error.message


def test_a_command_that_is_none(layout: store.Layout) -> None:
    with pytest.raises(DaemonUnreachable, match="could not be started"):
        launch.Search(layout, command=("/nonexistent/python",)).candidate()


def test_one_that_finds_another_is_tried_again(layout: store.Layout) -> None:
    count = layout.data / "count"
    code = f"open({str(count)!r}, 'a').write('x'); raise SystemExit({launch.ALREADY_RUNNING_STATUS})"
    search = launch.Search(layout, command=_python(code))

    def started_twice() -> bool:
        assert search.candidate() is None
        return count.exists() and len(count.read_text()) >= 2

    wait_until(started_twice)


def test_time_is_limited(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[launch.Child] = []
    monkeypatch.setattr(launch, "Child", lambda *arguments: started.append(_child(*arguments)) or started[-1])
    error = _until_it_gives_up(launch.Search(layout, command=SLEEPER, timeout_s=0.05))
    assert error.message == "The daemon is still starting and does not answer yet."
    assert "try again in a moment" in error.hint
    assert len(started) == 1
    started[0]._process.kill()


def test_the_output_is_private_and_bounded(layout: store.Layout) -> None:
    output = store.private_directory(layout.logs) / "daemon.out"
    output.write_bytes(b"x" * 300_000)
    child = _child(_python("print('hello')"), layout)
    wait_until(lambda: child.exit_status() == 0)
    assert child.last_words() == "hello"
    assert output.read_text() == "hello\n"
    output.unlink()
    wait_until(lambda: _child(_python(""), layout).exit_status() is None)
    assert output.stat().st_mode & 0o777 == 0o600


def test_the_child_stands_apart(layout: store.Layout) -> None:
    code = "import os; print(os.getcwd(), os.getsid(0) == os.getpid())"
    child = _child(_python(code), layout)
    wait_until(lambda: child.exit_status() == 0)
    assert child.last_words() == f"{layout.data} True"


_child: Callable[..., launch.Child] = launch.Child
