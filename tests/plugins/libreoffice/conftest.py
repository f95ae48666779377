"""A real headless LibreOffice with the extension as it is installed, driven by keys and menus."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.screens.happenings import Happenings
from support.screens.scripted import SERVER, Server
from support.waiting import wait_until

from .install import LIBREOFFICE

DRIVER = Path(__file__).with_name("driver.py")
SHADOWPEN = Path(sys.executable).with_name("shadowpen")
# Extensions run in Debian's Python, and so does what drives the office.
PYTHON = "/usr/bin/python3"
CONTROL, CONTROL_ALT = 2, 6
NOBODY = 65534

Start = Callable[..., "Writer"]


class Writer:
    """One office with one document in it."""

    def __init__(self, profile: Path, environment: Mapping[str, str]) -> None:
        command = [PYTHON, str(DRIVER), str(profile)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, env={**os.environ, **environment}, **pipes)
        self._reply()

    def ask(self, name: str, *arguments: Any) -> Any:
        """What the driver's order of that name returns."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def _reply(self) -> Any:
        assert self._process.stdout is not None
        reply = json.loads(self._process.stdout.readline())
        assert "error" not in reply, reply["error"]
        return reply["value"]

    @property
    def paragraphs(self) -> list[str]:
        return list(self.ask("paragraphs"))

    def key(self, name: str, modifiers: int = 0) -> None:
        self.ask("key", name, modifiers)

    def command(self, name: str) -> None:
        self.ask("command", f"vnd.shadowpen:{name}")

    def wait_grey(self, text: str) -> None:
        wait_until(lambda: self.ask("grey") == text, f"the grey text {text!r}", timeout_s=60)

    def wait_paragraphs(self, fits: Callable[[list[str]], bool], what: str) -> list[str]:
        wait_until(lambda: fits(self.paragraphs), what, timeout_s=60)
        return self.paragraphs

    def wait_told(self, words: str) -> None:
        wait_until(lambda: words in self.ask("sentence"), f"a sentence with {words!r}", timeout_s=60)

    def close(self) -> None:
        """Have the office end as the writer would end it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def office() -> None:
    """Skip the tests where there is no office, but not in CI."""
    missing = LIBREOFFICE.missing()
    if not missing and subprocess.run([PYTHON, "-c", "import uno"], check=False, capture_output=True).returncode:
        missing = "There is no bridge from Debian's Python to LibreOffice: apt install python3-uno."
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    assert not missing, missing


@pytest.fixture(scope="session")
def installed(office: None) -> Iterator[Path]:
    """A profile in which LibreOffice's own command has installed the package that `shadowpen install` writes."""
    folder = Path(tempfile.mkdtemp(prefix="sp-office-"))
    package = folder / "shadowpen.oxt"
    home = folder / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    environment["SHADOWPEN_HOME"] = str(folder / "shadowpen")
    written = [str(SHADOWPEN), "install", "libreoffice", "--oxt", str(package)]
    subprocess.run(written, env=environment, check=True, capture_output=True, timeout=60)
    # It does nothing for root, who is who runs CI.
    other: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if other:
        folder.chmod(0o755)
        package.chmod(0o644)
        shutil.chown(home, NOBODY, NOBODY)
    add = ["unopkg", "add", "--suppress-license", str(package)]
    subprocess.run(add, env=environment, check=True, capture_output=True, timeout=60, cwd=home, **other)
    yield home / ".config/libreoffice/4"
    shutil.rmtree(folder)


def start_writer(installed: Path, folder: Path, command: list[str] | None, environment: Mapping[str, str]) -> Writer:
    """An office with a copy of the installed profile; `command` is what the extension starts, None: as installed."""
    profile = folder / "profile"
    shutil.copytree(installed, profile)
    if command is not None:
        (stored,) = profile.glob("user/uno_packages/cache/uno_packages/*/*/command.json")
        stored.write_text(json.dumps(command), "utf-8")
    return Writer(profile, environment)


@pytest.fixture
def start(installed: Path, tmp_path: Path) -> Iterator[Start]:
    """Start an office: `start(command, NAME=value)`."""
    writers: list[Writer] = []

    def run(command: list[str] | None = None, **environment: str) -> Writer:
        writers.append(start_writer(installed, tmp_path, command, environment))
        return writers[-1]

    yield run
    for writer in writers:
        writer.close()


class Scripted:
    """An office whose language server answers from a table, for all tests of a module."""

    def __init__(self, writer: Writer, server: Server) -> None:
        self.writer, self.server = writer, server


TABLE = [["The harbour", " lay still"], ["She wrote", " a letter"]]


@pytest.fixture(scope="module")
def module_office(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    folder = tmp_path_factory.mktemp("office")
    sockets = Path(tempfile.mkdtemp(prefix="sp-"))  # Unix socket paths are limited to about 100 bytes
    server = Server(sockets / "script", Happenings())
    answers = {"shadowpen.learn": {"learning": "on", "keep": "accepted"}}
    script = json.dumps({"socket": str(sockets / "script"), "table": TABLE, "held": [], "answers": answers})
    writer = start_writer(installed, folder, [sys.executable, str(SERVER)], {"SHADOWPEN_SCRIPT": script})
    yield Scripted(writer, server)
    writer.close()
    server.close()
    shutil.rmtree(sockets)


@pytest.fixture
def scripted(module_office: Scripted) -> Iterator[Scripted]:
    """The module's office with a new document."""
    module_office.server.events.clear()
    module_office.writer.ask("open")
    yield module_office
    module_office.writer.ask("close")
