"""A session: a real Neovim with the plugin, and the scripted language server it talks to."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .install import EDITORS
from .screen import Happenings, Screen

HERE = Path(__file__).parent
PLUGIN = HERE.parents[2] / "plugins" / "neovim"
SERVER = HERE.parents[1] / "support" / "scripted_server.py"

Message = dict[str, Any]


class Server:
    """The test's end of the scripted servers' socket: what arrived there, and orders to the newest of them."""

    def __init__(self, path: Path, happenings: Happenings) -> None:
        self.happenings = happenings
        self.events: list[Message] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._newest: socket.socket | None = None
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        self._settled = 0

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._newest = connection
            reader = threading.Thread(target=self._read, args=(connection,), daemon=True)
            self._threads.append(reader)
            reader.start()

    def _read(self, connection: socket.socket) -> None:
        with connection, connection.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                with self.happenings.changed:
                    self.events.append(json.loads(line))
                    self.happenings.changed.notify_all()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    # --- what arrived --------------------------------------------------------------------------------

    def all(self, method: str) -> list[Message]:
        """The events of `method`, oldest first; each has "message" and what the server made of it."""
        return [event for event in self.events if event["message"].get("method") == method]

    def params(self, method: str) -> list[Message]:
        return [event["message"]["params"] for event in self.all(method)]

    def wait(self, method: str, count: int = 1) -> Message:
        """The `count`th event of `method`."""
        self.happenings.wait(lambda: len(self.all(method)) >= count, f"{count} {method}", lambda: str(self.events[-5:]))
        return self.all(method)[count - 1]

    def wait_request(self, before: str) -> Message:
        """The newest request for ghost text behind a text that ends in `before`."""

        def found() -> list[Message]:
            requests = self.all("textDocument/inlineCompletion")
            return [event for event in requests if event["before"].endswith(before)]

        self.happenings.wait(found, f"a request behind {before!r}", lambda: str(self.events[-5:]))
        return found()[-1]["message"]

    def wait_command(self, name: str) -> Message:
        def found() -> list[Message]:
            commands = self.all("workspace/executeCommand")
            return [event["message"] for event in commands if event["message"]["params"]["command"] == name]

        return self.happenings.wait(found, f"the command {name}", lambda: str(self.events[-5:]))[-1]

    # --- orders --------------------------------------------------------------------------------------

    def order(self, **order: Any) -> None:
        assert self._newest is not None, "no server is connected"
        self._newest.sendall((json.dumps(order) + "\n").encode())

    def notify(self, method: str, **params: Any) -> None:
        self.order(send={"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Message:
        """Send a request to the editor and return its reply."""
        self._settled += 1
        name = f"test-{self._settled}"

        def reply() -> list[Message]:
            return [event["message"] for event in self.events if event["message"].get("id") == name]

        self.order(send={"id": name, "method": method, "params": params})
        return self.happenings.wait(reply, f"the reply to {method}")[0]

    def settle(self) -> None:
        """Return when the editor has dealt with everything sent to it before."""
        self.ask("workspace/configuration", items=[])

    def answer(self, request: Message, *texts: str) -> None:
        """Answer a held request with items of these texts."""
        items = [
            {"insertText": text, "command": {"title": "", "command": "shadowpen.accept", "arguments": ["held", text]}}
            for text in texts
        ]
        self.order(send={"id": request["id"], "result": {"items": items}})


class Session:
    """One Neovim and its server; `type` and the expectations a test reads as sentences."""

    def __init__(self, screen: Screen, server: Server, file: Path) -> None:
        self.screen, self.server, self.file = screen, server, file

    def keys(self, keys: str) -> None:
        self.screen.keys(keys)

    def ready(self) -> None:
        """Wait until the server holds the document."""
        self.server.wait("textDocument/didOpen")
        self.server.settle()

    def quiet(self) -> None:
        """Wait until editor and server have nothing more to tell each other, and the screen shows it."""
        self.screen.lua("return 1")
        self.server.settle()
        self.screen.command("redraw")


Start = Callable[..., Session]


@pytest.fixture(params=sorted(EDITORS))
def neovim(request: pytest.FixtureRequest) -> Path:
    """The program of each Neovim the plugin is tested in."""
    editor = EDITORS[request.param]
    assert editor.program.exists(), f"Run {sys.executable} {HERE / 'install.py'} first."
    return editor.program


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which an editor finds no configuration but the test's."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("VIMINIT", raising=False)
    return tmp_path


@pytest.fixture
def start(neovim: Path, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a session: `start(table={...}, options="lua table fields", before="lua before setup", text="...")`."""
    sockets = Path(tempfile.mkdtemp(prefix="sp-"))  # Unix socket paths are limited to about 100 bytes
    happenings = Happenings()
    server = Server(sockets / "script", happenings)
    screens: list[Screen] = []

    def run(
        table: dict[str, str] | None = None,
        *,
        held: list[str] | None = None,
        options: str = "",
        before: str = "",
        init: str | None = None,
        name: str = "text.md",
        text: str = "",
        wait: bool = True,
        **script: Any,
    ) -> Session:
        script |= {"socket": str(sockets / "script"), "table": list((table or {}).items()), "held": held or []}
        monkeypatch.setenv("SHADOWPEN_SCRIPT", json.dumps(script))
        file = sandbox / name
        file.write_text(text, encoding="utf-8")
        configuration = sandbox / "init.lua"
        configuration.write_text(init or init_lua(options, before), encoding="utf-8")
        screen = Screen(neovim, configuration, file, happenings)
        screens.append(screen)
        session = Session(screen, server, file)
        if wait:
            session.ready()
        return session

    yield run
    for screen in screens:
        screen.close()
    server.close()
    shutil.rmtree(sockets)


def init_lua(options: str = "", before: str = "") -> str:
    """A configuration with the plugin and the scripted server; a request for every key, unless `options` say else."""
    return f"""
vim.opt.runtimepath:prepend("{PLUGIN}")
vim.o.swapfile = false
vim.o.showmode = false
vim.o.ruler = false
{before}
require("shadowpen").setup({{
  cmd = {{ "{sys.executable}", "{SERVER}", "lsp" }},
  throttle_ms = 0,
  {options}
}})
"""


os.environ.setdefault("NVIM_LOG_FILE", os.devnull)
