"""A client that says in its handshake what it can do, for tests of what is offered to whom."""

from __future__ import annotations

import json
from typing import Any

from .replays.driver import URI, Client

GHOST = " 👩‍👧 你好 שלום\n\tEnde"
DYNAMIC = {"dynamicRegistration": True}


class Abled(Client):
    """A client that says in its handshake what it can do; `requested` are the server's requests and their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.requested: list[tuple[str, Any]] = []

    async def shake(
        self, encoding: str = "utf-16", options: Any = None, locale: str = "en", **capabilities: Any
    ) -> dict[str, Any]:
        general = {"positionEncodings": [encoding]}
        told = {"general": general, **capabilities}
        params = {"processId": None, "capabilities": told, "initializationOptions": options, "locale": locale}
        offered: dict[str, Any] = (await self.request("initialize", params))["capabilities"]
        self.encoding = offered["positionEncoding"]
        self.notify("initialized", {})
        return offered

    async def menu(self, offset: int, kind: int = 1) -> list[dict[str, Any]]:
        """The items of the completion menu; each list says that it is not all."""
        place = {"textDocument": {"uri": URI}, "position": self.place(offset)}
        answer = await self.request("textDocument/completion", {**place, "context": {"triggerKind": kind}})
        assert answer["isIncomplete"] is True
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def hover(self, offset: int) -> Any:
        return await self.request("textDocument/hover", {"textDocument": {"uri": URI}, "position": self.place(offset)})

    async def actions(self, start: int, end: int) -> list[dict[str, Any]]:
        params = {"textDocument": {"uri": URI}, "range": self.span(start, end), "context": {"diagnostics": []}}
        found: list[dict[str, Any]] = await self.request("textDocument/codeAction", params)
        return found

    def write(self, data: bytes) -> None:
        message = json.loads(data)
        if "method" in message and "id" in message:
            self.requested.append((message["method"], message["id"]))
        super().write(data)

    def unregistered(self) -> list[str]:
        """Methods the server asked to be forgotten; each by an id that it had registered under that method."""
        told = [params for method, params in self.heard if method == "client/registerCapability"]
        known = {(each["id"], each["method"]) for params in told for each in params["registrations"]}
        asked = [params["unregisterations"] for method, params in self.heard if method == "client/unregisterCapability"]
        gone = [(each["id"], each["method"]) for batch in asked for each in batch]
        assert known.issuperset(gone) and len(set(gone)) == len(gone)
        return [method for _, method in gone]

    async def configure(self, **settings: Any) -> None:
        self.notify("workspace/didChangeConfiguration", {"settings": {"shadowpen": settings}})
        await self.command("shadowpen.status")

    def registered(self) -> dict[str, Any]:
        """Methods the server asked to be registered, each once, with their options."""
        asked = [params["registrations"] for method, params in self.heard if method == "client/registerCapability"]
        found = {each["method"]: each.get("registerOptions") for batch in asked for each in batch}
        assert len(found) == sum(map(len, asked))
        return found
