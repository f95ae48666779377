"""Every test has a home of its own and leaves no process behind; models are built or found once a session."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support import daemons
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.translation import language
from shadowpen.daemon.wire import lock

_REPOSITORY = Path(__file__).parent.parent
# Read before any test moves it.
_MODELS = Path(os.environ.pop("SHADOWPEN_MODELS", "") or _REPOSITORY / ".cache" / "models")
# Fixtures of a whole module start daemons before any test's own environment is made.
os.environ.pop("SHADOWPEN_HOME", None)
_XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """SHADOWPEN_HOME: fresh, and short enough for a socket; no SHADOWPEN_* or XDG_* of the machine reaches a test.

    Its language does not either. Variables that the code under test sets end with the test.
    """
    before = dict(os.environ)
    folder = Path(tempfile.mkdtemp(prefix="sp-", dir="/tmp" if os.name == "posix" else None))
    for name in [name for name in os.environ if name.startswith("SHADOWPEN_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name, "").startswith("zh"):
            monkeypatch.setenv(name, "C.UTF-8")
    for name in _XDG:
        monkeypatch.setenv(name, str(folder / "xdg" / name.lower()))
    monkeypatch.setenv("SHADOWPEN_HOME", str(folder / "h"))
    layout = store.layout()
    yield folder / "h"
    language.speak(lambda: language.ENGLISH)
    _end_daemons(layout)
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def layout(home: Path) -> store.Layout:
    """The layout below this test's home."""
    return store.layout()


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The models folder that holds the exported default model; set SHADOWPEN_MODELS to it."""
    if not (_MODELS / "default" / "manifest.json").is_file():
        pytest.fail(f"There is no default model below {_MODELS}: run `make model` first.", pytrace=False)
    return _MODELS


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder: `default` recites the lines of tiny.LINES, `tiny` says nonsense, deterministically."""
    import tiny

    folder = tmp_path_factory.mktemp("models")
    tiny.make_tiny_model(folder, "default", recites=" ".join(tiny.LINES))
    tiny.make_tiny_model(folder, "tiny")
    return folder


def _end_daemons(layout: store.Layout) -> None:
    """Kill the daemons a test left in its own home, also those that clients started and that are only coming up."""
    daemons.kill_all()
    if not layout.data.exists():
        return
    assert lock.holder(layout) != os.getpid(), "the test left a daemon in its own process"
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("SHADOWPEN_HOME") == str(layout.data):
                process.kill()
    wait_until(lambda: lock.holder(layout) is None, "the daemons' end")
