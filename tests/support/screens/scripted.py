"""The test's end of scripted language servers (scripted_server.py): what arrived there, and orders to them."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

from .happenings import Happenings

SERVER = Path(__file__).parents[1] / "scripted_server.py"

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
