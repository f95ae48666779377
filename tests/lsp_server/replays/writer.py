"""A writer at one of the clients of the table: each deed becomes what that client sends for it."""

from __future__ import annotations

from typing import Any

from . import clients
from .driver import AUTOMATIC, URI, Client, Item


class Writer:
    """At `cursor`, an offset in the only document that is looked at."""

    def __init__(self, client: clients.Client) -> None:
        self.client = client
        self.wire = Client()
        self.cursor = 0
        self.item: Item | None = None
        self.taken = 0  # characters of the item, typed or taken
        self._gathered: list[dict[str, Any]] = []

    @property
    def text(self) -> str:
        return self.wire.text[URI]

    @property
    def left(self) -> str:
        """What is not yet taken of the ghost text."""
        assert self.item is not None
        text: str = self.item["insertText"]
        return text[self.taken :]

    async def start(self, text: str = "The quick") -> None:
        await self.wire.start(self.client.name, self.client.encoding)
        self.open(text)

    def open(self, text: str) -> None:
        self.wire.open(text)
        self.cursor, self.item = len(text), None

    def close(self) -> None:
        self.flush()
        self.wire.shut()

    async def ask(self, kind: int = AUTOMATIC) -> list[str]:
        """Wait for ghost text; the first item is what the screen shows then."""
        self.flush()
        items = await self.wire.ask(self.cursor, kind=kind)
        for item in items:
            assert ("range" in item) == self.client.ranged
            assert self.wire.covered(item, self.cursor) == (self.cursor, self.cursor)
        self.item, self.taken = (items or [None])[0], 0
        if self.item is not None:
            await self._send(self.client.shown, "")
        return [item["insertText"] for item in items]

    def type(self, text: str) -> None:
        """Letter by letter, along the ghost text or against it."""
        for letter in text:
            if self.item is not None and self.left.startswith(letter):
                self.taken += 1
            else:
                self.item = None
            self._change(letter, "change")

    def erase(self, characters: int) -> None:
        """With the backspace key, or by an undo: one edit."""
        start = self.cursor - characters
        self._tell(self.wire.make(start, self.cursor, ""))
        self.cursor, self.item = start, None

    async def take(self) -> str:
        """All that is left of the ghost text."""
        return await self._take(self.left, self.client.whole)

    async def take_word(self) -> str:
        blanks = len(self.left) - len(self.left.lstrip())
        word = self.left[: blanks + len(self.left[blanks:].split(" ", 1)[0])]
        return await self._take(word, self.client.last if word == self.left else self.client.piece)

    async def take_popup(self, item: Item) -> None:
        """An item with a range of its own, over what is before the cursor."""
        start, end = self.wire.covered(item, self.cursor)
        text: str = item["insertText"]
        self._tell(self.wire.make(start, end, text))
        self.cursor, self.item = start + len(text), item
        await self._send(tuple(event for event in self.client.whole if event == "accept"), text)

    async def dismiss(self) -> None:
        await self._send(self.client.dismissed, "")
        self.item = None

    async def turn(self) -> None:
        """Away from the document and back."""
        await self._send(self.client.turned, "")

    def flush(self) -> None:
        if self._gathered:
            self.wire.changes(self._gathered)
            self._gathered = []

    async def leave(self) -> None:
        self.flush()
        await self.wire.counts()
        await self.wire.leave()

    async def _take(self, piece: str, events: clients.Events) -> str:
        await self._send(events, piece)
        return piece

    async def _send(self, events: clients.Events, piece: str) -> None:
        for event in events:
            if event.startswith("change"):
                self.taken += len(piece)
                self._change(piece, event)
                continue
            self.flush()
            match event:
                case "accept":
                    await self.wire.command("shadowpen.accept", *self._arguments())
                case "dismiss":
                    await self.wire.command("shadowpen.dismiss", self._arguments()[0])
                case "show":
                    self.wire.notify("textDocument/didShowCompletion", {"item": self.item})
                case "length":
                    assert self.item is not None
                    all_taken = self.item["insertText"][: self.taken + (len(piece) if events[0] == event else 0)]
                    length = len(all_taken.encode("utf-16-le")) // 2
                    told = {"item": self.item, "acceptedLength": length}
                    self.wire.notify("textDocument/didPartiallyAcceptCompletion", told)
                case "focus":
                    here = {"textDocument": {"uri": URI}, "position": self.wire.place(self.cursor)}
                    self.wire.notify("textDocument/didFocus", {})
                    self.wire.notify("textDocument/didFocus", here)

    def _arguments(self) -> list[str]:
        assert self.item is not None
        arguments: list[str] = self.item["command"]["arguments"]
        return arguments

    def _change(self, piece: str, how: str) -> None:
        text, start, end = self.text, self.cursor, self.cursor
        if how == "change, line":
            start, end = text.rfind("\n", 0, start) + 1, (text + "\n").find("\n", end)
        change = self.wire.make(start, end, text[start : self.cursor] + piece + text[self.cursor : end])
        self._tell({"text": self.text} if how == "change, text" else change)
        self.cursor += len(piece)

    def _tell(self, change: dict[str, Any]) -> None:
        if self.client.gathers:
            self._gathered.append(change)
        else:
            self.wire.changes([change])
