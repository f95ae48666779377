"""A real VS Code (code-server) with the plug-in, the language server's command written as an install would write it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import install

HERE = Path(__file__).parent
START_S = 120.0  # on a busy machine
SCRIPTED_SERVER = HERE.parents[1] / "support" / "scripted_server.py"
# At its 40 % it waits until somebody has seen them.
_PROGRAM = f"""
import os, sys, time

def main():
    if sys.argv[1] == "setup":
        print("Downloading: 40%", file=sys.stderr, flush=True)
        deadline = time.monotonic() + 120
        while not os.path.exists(os.path.expanduser("~/seen")) and time.monotonic() < deadline:
            time.sleep(0.02)
    elif sys.argv[1] == "stop":
        open(os.path.expanduser("~/stopped"), "w").close()
    else:
        os.execv(sys.executable, [sys.executable, {str(SCRIPTED_SERVER)!r}, *sys.argv[1:]])
"""

# These tests exist where VS Code was installed for them: `make editors EDITORS="neovim vscode"`.
collect_ignore_glob = ["test_*.py"] if install.missing() else []

# Nothing that asks the network, covers the text, or writes files by itself. On a busy machine the list of snippets that
# Markdown has after a full stop comes so late that it lies over the next sentence and takes its keys.
SETTINGS = {
    "chat.commandCenter.enabled": False,
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
    "editor.suggestOnTriggerCharacters": False,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": "off",
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}


@dataclass(frozen=True)
class Editor:
    """A running code-server: its address and where it keeps what."""

    base: str
    root: Path

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self.root / "text"

    @property
    def machine_settings(self) -> Path:
        return self.root / "user" / "Machine" / "settings.json"


def write(path: Path, content: str | dict[str, Any] | list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def install_plugin(root: Path, command: list[str] | None) -> None:
    """As a writer would: `shadowpen install vscode`; then `command` takes the place of this installation's own.

    Without a command it is as after installing the package that `make vsix` writes, with a stand-in for the server.
    """
    editor = root / "bin" / "code-server"
    folders = f"--user-data-dir={root / 'user'} --extensions-dir={root / 'extensions'}"
    write(editor, f'#!/bin/sh\nexec node {install.ENTRY} {folders} "$@"\n')
    editor.chmod(0o755)
    shadowpen = [str(Path(sys.executable).with_name("shadowpen")), "install", "vscode", "--editor", str(editor)]
    subprocess.run(shadowpen, env=os.environ | _homes(root), check=True, capture_output=True, timeout=START_S)
    (written,) = root.glob("extensions/shadowpen.shadowpen-*/command.json")
    assert json.loads(written.read_text("utf-8"))[1:] == ["lsp"]
    if command is None:
        written.unlink()
        carry_server(written.with_name("server"))
    else:
        write(written, command)


def carry_server(folder: Path, version: str = "9.9") -> None:
    """Lay into `folder` what `make vsix` does: a wheel with the program `shadowpen`, and a list of what it needs."""
    name = f"shadowpen-{version}"
    files = {
        "stand_in.py": _PROGRAM,
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: shadowpen\nVersion: {version}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}.dist-info/entry_points.txt": "[console_scripts]\nshadowpen = stand_in:main\n",
        f"{name}.dist-info/RECORD": "",
    }
    folder.mkdir()
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    (folder / "serve.lock").write_text("# nothing\n", "utf-8")


def _homes(root: Path) -> dict[str, str]:
    """No configuration of the machine's, and no request to an extension gallery."""
    homes = {f"XDG_{name}_HOME": str(root / "home") for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    return homes | {"EXTENSIONS_GALLERY": '{"serviceUrl": "http://127.0.0.1:9"}'}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _command(root: Path, port: int, locale: str) -> list[str]:
    flags = ["telemetry", "update-check", "workspace-trust", "getting-started-override"]
    return [
        "node",
        str(install.ENTRY),
        "--auth=none",
        f"--bind-addr=127.0.0.1:{port}",
        f"--user-data-dir={root / 'user'}",
        f"--extensions-dir={root / 'extensions'}",
        *(f"--disable-{flag}" for flag in flags),
        *([f"--locale={locale}"] if locale else []),
    ]


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/healthz", timeout=5):
            return
        time.sleep(0.05)  # nothing tells when a port is open
    raise AssertionError(f"code-server did not start:\n{log.read_text('utf-8')[-2000:]}")


@contextlib.contextmanager
def editor(root: Path, command: list[str] | None, environment: dict[str, str], locale: str = "") -> Iterator[Editor]:
    """A code-server that keeps all below `root`, ended with all its processes; `command` starts the language server.

    None: there is none, and the extension carries one (see install_plugin).
    """
    assert not install.missing(), f"{install.missing()}: run {sys.executable} {HERE / 'install.py'} first."
    write(root / "user" / "User" / "settings.json", SETTINGS | {"shadowpen.exclude": ["diary/"]})
    write(root / "user" / "Machine" / "settings.json", {})
    install_plugin(root, command)
    port, log = free_port(), root / "code-server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(root, port, locale),
            env=os.environ | _homes(root) | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = Editor(f"http://127.0.0.1:{port}", root)
    try:
        _wait(found.base, process, log)
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # extension host, watchers and language servers with it
        process.wait()


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder with a short name: the paths of sockets in it are limited to about 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="sp-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def screenshots() -> Path:
    """Where a failing step leaves a picture of the window."""
    folder = install.ROOT / ".cache" / "vscode-screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
