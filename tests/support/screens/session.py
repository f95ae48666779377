"""One editor in a terminal, the scripted server it talks to, and its own answers: what tests of both editors share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .happenings import Happenings
from .remote import Remote
from .scripted import Server
from .terminal import Terminal


class Desk:
    """The sockets of one test, and what it starts; `close` ends all of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sp-"))  # Unix socket paths are limited to about 100 bytes
        self.happenings = Happenings()
        self.script = self.folder / "script"
        self.server = Server(self.script, self.happenings)
        self.sessions: list[Session] = []

    def start(self, command: Sequence[str], read_lines: str) -> Session:
        """Start an editor, which connects to `remote`; `read_lines` is its expression for the lines of its buffer."""
        session = Session(Terminal(command, self.happenings), self.server, self._remotes.pop(), read_lines)
        self.sessions.append(session)
        return session

    _remotes: list[Remote]

    def remote(self) -> Path:
        """A socket for the next editor."""
        path = self.folder / f"remote-{len(self.sessions)}"
        self._remotes = [Remote(path)]
        return path

    def close(self) -> None:
        for session in self.sessions:
            session.screen.close()
            session.remote.close()
        self.server.close()
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()


class Session:
    """One editor and its server; expectations that a test reads as sentences."""

    def __init__(self, screen: Terminal, server: Server, remote: Remote, read_lines: str) -> None:
        self.screen, self.server, self.remote = screen, server, remote
        self._read_lines = read_lines

    def keys(self, keys: str) -> None:
        self.screen.type(keys)

    def ready(self) -> None:
        """Wait until the server holds the document."""
        self.server.wait("textDocument/didOpen")
        self.server.settle()

    def quiet(self) -> None:
        """Wait until editor and server have nothing more to tell each other."""
        self.remote.ask("1")
        self.server.settle()
        self.remote.ask("1")

    @property
    def buffer(self) -> list[str]:
        return list(self.remote.ask(self._read_lines))

    def wait_buffer(self, *lines: str) -> None:
        self.wait_buffer_where(lambda buffer: buffer == list(lines), f"not {list(lines)}")

    def wait_buffer_where(self, fits: Callable[[list[str]], bool], what: str = "which does not fit") -> None:
        """Until the buffer's lines fit; looked at once a drawing, as a change of text always makes one."""
        while True:
            seen, buffer = len(self.screen.drawings), self.buffer
            if fits(buffer):
                return
            self.screen.happenings.wait(
                lambda seen=seen: len(self.screen.drawings) > seen,
                f"another buffer than {buffer}, {what}",
                lambda: self.screen.text,
            )

    def wait_value(self, expression: str, value: Any) -> None:
        """Until the editor's `expression` has that value; looked at whenever something is drawn or arrives."""
        self.screen.happenings.wait(
            lambda: self.remote.ask(expression) == value, f"{expression} to be {value!r}", lambda: self.screen.text
        )

    def wait_copy(self, text: str) -> None:
        """Until the server's copy of the document is `text`."""

        def copy() -> Any:
            changes = self.server.all("textDocument/didChange")
            return changes and changes[-1].get("text") == text

        self.server.happenings.wait(copy, f"the copy {text!r}", lambda: str(self.server.events[-3:]))
