"""A client without an editor: the real language server in this process, spoken to in the protocol's own messages.

Everything goes through JSON both ways. The client keeps its own text and counts its own positions, by other means
than the server, so that either would notice the other's mistake.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from support.journal.events import mappings

from shadowpen.daemon.wire.protocol import Outcome, Record
from shadowpen.lsp_server.serve import assemble
from shadowpen.lsp_server.session.daemon_link import DaemonClient

from ..fakes import FakeClient

URI = "file:///writing/essay.md"
AUTOMATIC, INVOKED = 2, 1
_UNIT = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_LINE_END = re.compile("\r\n|\r|\n")
_LIMIT_S = 60

Point = dict[str, int]
Span = dict[str, Point]
Item = dict[str, Any]


class Refused(Exception):
    """The server answered a request with an error."""


class Client:
    """One client and its server; `text` holds what the client believes to be in each of its documents."""

    def __init__(self, daemon: DaemonClient | None = None) -> None:
        self.daemon = FakeClient()
        self.text: dict[str, str] = {}
        self.version = 0
        self.encoding = "utf-16"
        self.heard: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {}  # to the server's requests, by method; others stay without an answer
        self.on_answer: Callable[[int, Any], None] = lambda id, result: None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._server = assemble(lambda name: daemon or self.daemon)
        self._server.protocol.set_writer(self, include_headers=False)
        self._asked = 0

    # --- messages ------------------------------------------------------------------------------------

    def send(self, message: dict[str, Any]) -> None:
        """One message, as its text on the wire."""
        protocol = self._server.protocol
        wire = json.dumps({"jsonrpc": "2.0", **message})
        protocol.handle_message(json.loads(wire, object_hook=protocol.structure_message))

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any) -> asyncio.Future[Any]:
        """Send a request; the future holds its result."""
        self._asked += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._asked] = future
        self.send({"id": self._asked, "method": method, "params": params})
        return future

    @property
    def next_id(self) -> int:
        """The id that the next request will have."""
        return self._asked + 1

    async def request(self, method: str, params: Any) -> Any:
        return await asyncio.wait_for(self.begin(method, params), _LIMIT_S)

    def write(self, data: bytes) -> None:
        """What the server sends comes here."""
        message = json.loads(data)
        if "method" in message:
            self.heard.append((message["method"], message.get("params")))
            if "id" in message and message["method"] in self.answers:
                self.send({"id": message["id"], "result": self.answers[message["method"]]})
            return
        self.on_answer(message["id"], message.get("result"))
        future = self._waiting.pop(message["id"])
        if "error" in message:
            future.set_exception(Refused(message["error"]["message"]))
        else:
            future.set_result(message.get("result"))

    def close(self) -> None:
        """The server closes what it writes to when it leaves."""

    # --- life ----------------------------------------------------------------------------------------

    async def start(self, name: str = "test", encoding: str = "utf-16", options: Any = None) -> dict[str, Any]:
        """Shake hands; the server's capabilities."""
        offered = {"general": {"positionEncodings": [encoding]}} if encoding else {}
        params = {
            "processId": None,
            "clientInfo": {"name": name},
            "capabilities": offered,
            "initializationOptions": options,
        }
        capabilities: dict[str, Any] = (await self.request("initialize", params))["capabilities"]
        self.encoding = capabilities["positionEncoding"]
        self.notify("initialized", {})
        return capabilities

    async def leave(self) -> None:
        """Shut down: what the server holds back it tells now."""
        await self.request("shutdown", None)

    # --- the text ------------------------------------------------------------------------------------

    def open(self, text: str, uri: str = URI, **item: Any) -> None:
        """Open a document; `item` replaces what is sent with it."""
        self.version += 1
        self.text[uri] = text
        known = {"uri": uri, "languageId": "markdown", "version": self.version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": {**known, **item}})

    def shut(self, uri: str = URI) -> None:
        self.text.pop(uri, None)
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def believed(self, uri: str = URI) -> str | None:
        """What the server believes to be in a document; None for one that is not open there."""
        document = self._server.session.documents.get(uri)
        return None if document is None else document.lines.text()

    def place(self, offset: int, uri: str = URI) -> Point:
        """The position of a character, counted as agreed."""
        *before, line = _LINE_END.split(self.text[uri][:offset])
        codec, unit = _UNIT[self.encoding]
        return {"line": len(before), "character": len(line.encode(codec)) // unit}

    def offset(self, place: Point, uri: str = URI) -> int:
        """The character at a position that the server sent; none inside a character or behind its line's end."""
        text, start = self.text[uri], 0
        for _ in range(place["line"]):
            found = _LINE_END.search(text, start)
            assert found is not None, "a line behind the last"
            start = found.end()
        line = _LINE_END.split(text[start:], maxsplit=1)[0]
        codec, unit = _UNIT[self.encoding]
        head = line.encode(codec)[: place["character"] * unit]
        assert len(head) == place["character"] * unit, "a place behind the line's end"
        return start + len(head.decode(codec))

    def span(self, start: int, end: int, uri: str = URI) -> Span:
        return {"start": self.place(start, uri), "end": self.place(end, uri)}

    def edit(self, start: int, end: int, text: str, uri: str = URI) -> None:
        """Replace the characters from `start` to `end`, and tell the server."""
        self.changes([self.make(start, end, text, uri)], uri)

    def make(self, start: int, end: int, text: str, uri: str = URI) -> dict[str, Any]:
        """Replace the characters from `start` to `end`; the change that tells of it."""
        change = {"range": self.span(start, end, uri), "text": text}
        self.text[uri] = self.text[uri][:start] + text + self.text[uri][end:]
        return change

    def changes(self, changes: list[dict[str, Any]], uri: str = URI, **document: Any) -> None:
        self.version += 1
        known = {"uri": uri, "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": {**known, **document}, "contentChanges": changes})

    # --- suggestions ---------------------------------------------------------------------------------

    def asking(
        self, offset: int, uri: str = URI, kind: int = AUTOMATIC, popup: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context: dict[str, Any] = {"triggerKind": kind}
        if popup is not None:
            context["selectedCompletionInfo"] = popup
        return {"textDocument": {"uri": uri}, "position": self.place(offset, uri), "context": context}

    async def ask(
        self, offset: int, uri: str = URI, kind: int = AUTOMATIC, popup: dict[str, Any] | None = None
    ) -> list[Item]:
        """The items for a place; never null and never a bare list."""
        answer = await self.request("textDocument/inlineCompletion", self.asking(offset, uri, kind, popup))
        assert isinstance(answer, dict)
        items: list[Item] = answer["items"]
        return items

    async def texts(self, offset: int, uri: str = URI, kind: int = AUTOMATIC) -> list[str]:
        return [item["insertText"] for item in await self.ask(offset, uri, kind)]

    def after(self, item: Item, offset: int, uri: str = URI) -> str:
        """The text as it is once the client has taken all of `item`, shown at `offset`."""
        start, end = self.covered(item, offset, uri)
        return self.text[uri][:start] + item["insertText"] + self.text[uri][end:]

    def covered(self, item: Item, offset: int, uri: str = URI) -> tuple[int, int]:
        """The characters that `item` takes the place of: none at the cursor, where it has no range."""
        if item.get("range") is None:
            return offset, offset
        return self.offset(item["range"]["start"], uri), self.offset(item["range"]["end"], uri)

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    # --- what came of it -----------------------------------------------------------------------------

    async def counts(self) -> dict[str, int]:
        found: dict[str, int] = (await self.command("shadowpen.status"))["counts"]
        return found

    def journal(self, kind: str) -> list[dict[str, Any]]:
        """The recorded events of a kind as a journal keeps them: of each id the last one."""
        found = [event for record in self.daemon.of("Record") for event in _events(record) if event["type"] == kind]
        return list({event["id"]: event for event in found}.values())

    def outcomes(self) -> list[tuple[str, int]]:
        """What the daemon was told of its suggestions: kind and characters."""
        return [(told.kind, told.characters) for told in self.daemon.of("Outcome") if isinstance(told, Outcome)]

    def messages(self) -> list[str]:
        """What was put before the user's eyes."""
        return [params["message"] for method, params in self.heard if method == "window/showMessage"]


def _events(record: Any) -> list[dict[str, Any]]:
    assert isinstance(record, Record)
    return mappings(record)
