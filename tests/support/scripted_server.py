"""A language server that answers from a table and does what the test tells it: no model, no daemon, no clock.

Standard library only, so that it starts at once. Everything that arrives is reported to the test as one JSON line on
a Unix socket; the test's lines come back on the same socket: {"send": message} is passed to the editor as it is,
{"exit": code} ends the process. The script (environment variable SHADOWPEN_SCRIPT) is JSON:

    socket    path to connect to
    table     [[text before the cursor, ghost text], ...]; a beginning of the ghost may have been typed already
    held      [text, ...]: requests whose text ends so get no answer but the test's
    deaf      whether a cancelled request stays unanswered, so that the test may still answer it
    range     "absent" (default) or "cursor": whether an item carries an empty range at the cursor
    answers   {command: result}; a command that is not in it gets null
    encoding  "utf-16" (default) or "utf-8"

As `SCRIPT status --json` it stands in for the command line of the same name.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from typing import Any

Message = dict[str, Any]

REQUEST_CANCELLED = -32800
WRITING = ("shadowpen.continue", "shadowpen.expand", "shadowpen.verb")  # commands that get no answer but the test's


class Server:
    def __init__(self, script: Message) -> None:
        self.script = script
        self.documents: dict[str, str] = {}
        self.waiting: set[Any] = set()
        self.writing = threading.Lock()
        self.test = socket.socket(socket.AF_UNIX)
        self.test.connect(script["socket"])

    # --- the test ------------------------------------------------------------------------------------

    def report(self, message: Message, **more: Any) -> None:
        line = json.dumps({"pid": os.getpid(), "message": message, **more}) + "\n"
        self.test.sendall(line.encode())

    def obey(self) -> None:
        for line in self.test.makefile("r", encoding="utf-8"):
            order = json.loads(line)
            if "exit" in order:
                os._exit(order["exit"])
            self.waiting.discard(order["send"].get("id"))
            self.send(order["send"])

    # --- the editor ----------------------------------------------------------------------------------

    def send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self.writing:
            sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            sys.stdout.buffer.flush()

    def receive(self) -> Message | None:
        length = 0
        while line := sys.stdin.buffer.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(sys.stdin.buffer.read(length)) if length else None

    def run(self) -> None:
        while message := self.receive():
            name = message.get("method", "").replace("/", "_").replace("$", "")
            handler = getattr(self, name, None)
            noted, reply = handler(message.get("params") or {}, message.get("id")) if handler else ({}, None)
            self.report(message, **noted)
            if reply:
                self.send(reply)
            if name == "exit":
                return

    # Every handler returns what the report says beside the message, and the reply.

    def initialize(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        capabilities = {
            "positionEncoding": self.script.get("encoding", "utf-16"),
            "textDocumentSync": {"openClose": True, "change": 2, "save": True},
            "inlineCompletionProvider": {},
            "executeCommandProvider": {"commands": ["shadowpen.accept", *WRITING]},
        }
        return {}, {"id": request, "result": {"capabilities": capabilities}}

    def shutdown(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        return {}, {"id": request, "result": None}

    def textDocument_didOpen(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        self.documents[params["textDocument"]["uri"]] = params["textDocument"]["text"]
        return {}, None

    def textDocument_didChange(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        uri = params["textDocument"]["uri"]
        for change in params["contentChanges"]:
            if "range" not in change:
                self.documents[uri] = change["text"]
                continue
            span = change["range"]
            start, end = self.offset(uri, span["start"]), self.offset(uri, span["end"])
            self.documents[uri] = self.documents[uri][:start] + change["text"] + self.documents[uri][end:]
        return {"text": self.documents[uri]}, None

    def textDocument_inlineCompletion(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        uri = params["textDocument"]["uri"]
        before = self.documents[uri][: self.offset(uri, params["position"])]
        if any(before.endswith(held) for held in self.script["held"]):
            self.waiting.add(request)
            return {"before": before}, None
        return {"before": before}, {"id": request, "result": {"items": self.items(before, params["position"])}}

    def workspace_executeCommand(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        answered = params["command"] not in WRITING
        result = self.script.get("answers", {}).get(params["command"])
        return {}, {"id": request, "result": result} if answered else None

    def _cancelRequest(self, params: Message, request: Any) -> tuple[Message, Message | None]:
        if params["id"] not in self.waiting or self.script.get("deaf"):
            return {}, None
        self.waiting.discard(params["id"])
        return {}, {"id": params["id"], "error": {"code": REQUEST_CANCELLED, "message": "Cancelled."}}

    # --- the table -----------------------------------------------------------------------------------

    def items(self, before: str, position: Message) -> list[Message]:
        for number, (key, ghost) in enumerate(self.script["table"]):
            for typed in range(len(ghost)):
                if before.endswith(key + ghost[:typed]):
                    return [self.item(f"ghost-{number}", ghost[typed:], position)]
        return []

    def item(self, name: str, text: str, position: Message) -> Message:
        item: Message = {
            "insertText": text,
            "command": {"title": "accepted", "command": "shadowpen.accept", "arguments": [name, text]},
        }
        if self.script.get("range") == "cursor":
            item["range"] = {"start": position, "end": position}
        return item

    def offset(self, uri: str, position: Message) -> int:
        """The index into the text of an LSP position in the script's encoding."""
        lines = self.documents[uri].split("\n")
        row = min(position["line"], len(lines))
        start = sum(len(line) + 1 for line in lines[:row])
        encoding = self.script.get("encoding", "utf-16")
        line = lines[row] if row < len(lines) else ""
        units = line.encode("utf-16-le" if encoding == "utf-16" else "utf-8")
        width = 2 if encoding == "utf-16" else 1
        ahead = units[: position["character"] * width].decode("utf-16-le" if encoding == "utf-16" else "utf-8")
        return min(start + len(ahead), len(self.documents[uri]))


def main() -> None:
    script = json.loads(os.environ["SHADOWPEN_SCRIPT"])
    if sys.argv[1:] == ["status", "--json"]:
        print(json.dumps(script.get("status", {"running": True})))
        return
    server = Server(script)
    threading.Thread(target=server.obey, daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()
