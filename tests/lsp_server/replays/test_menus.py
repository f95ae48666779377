"""Clients that have only a menu: each puts an item into the text in its own way, and it is noticed once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.wire.protocol import Complete
from shadowpen.lsp_server.ghost_text import edit_reporter

from .driver import URI, Client, Item

TEXT = "Ein 🥸 sat do"
GHOSTS = (
    "wn.",
    "wn by the river 🥸 and",
    "wn by the river\nand wrote",
    "wn by the river, where nobody" + " had ever been" * 4,
)


@dataclass(frozen=True)
class Menu:
    """`put` replaces the text by what it is given, step by step, and tells of it; `says` that it was taken."""

    label: str
    name: str
    encoding: str
    put: Callable[[Client, int, int, Item], None]
    says: bool = False

    def __str__(self) -> str:
        return self.label


def at_once(client: Client, start: int, end: int, item: Item) -> None:
    client.edit(start, end, item["textEdit"]["newText"])


def as_a_whole_text(client: Client, start: int, end: int, item: Item) -> None:
    client.make(start, end, item["textEdit"]["newText"])
    client.changes([{"text": client.text[URI]}])


def gathered_by_eglot(client: Client, start: int, end: int, item: Item) -> None:
    """As eglot 1.9 sent it from Emacs 28: the word out, the label in, all but the word's length out, and so on."""
    label, word = item["label"], end - start
    changes = [
        client.make(start, end, ""),
        client.make(start, start, label),
        client.make(start + word, start + len(label), ""),
        client.make(start, end, ""),
        client.make(start, start, item["textEdit"]["newText"]),
    ]
    client.changes(
        [change for change in changes if change["text"] or change["range"]["start"] != change["range"]["end"]]
    )


def step_by_step(client: Client, start: int, end: int, item: Item) -> None:
    """As lsp-mode 8.0 sent it from Emacs 28: the word out, the label in and out, the word in and out, the text in."""
    label, word = item["label"], client.text[URI][start:end]
    for last, text in ((end, ""), (start, label), (start + len(label), ""), (start, word), (end, "")):
        if text or last != start:
            client.edit(start, last, text)
    client.edit(start, start, item["textEdit"]["newText"])


MENUS = (
    Menu("helix", "helix", "utf-8", at_once),
    Menu("neovim", "Neovim", "utf-16", at_once, says=True),
    Menu("kakoune", "kakoune-lsp", "utf-8", as_a_whole_text),
    Menu("eglot", "Emacs", "utf-16", gathered_by_eglot),
    Menu("lsp-mode", "emacs", "utf-16", step_by_step, says=True),
)


@pytest.fixture(autouse=True)
def kept(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    monkeypatch.setattr(edit_reporter, "_NOTICED_MS", 0)
    yield


@pytest.fixture(params=MENUS, ids=str)
def menu(request: pytest.FixtureRequest) -> Menu:
    found: Menu = request.param
    return found


@pytest_asyncio.fixture
async def client(menu: Menu, kept: None) -> AsyncIterator[Client]:
    client = Client()
    await client.start(menu.name, menu.encoding)
    yield client


async def items(client: Client, offset: int) -> list[Item]:
    place = {"textDocument": {"uri": URI}, "position": client.place(offset)}
    found: dict[str, Any] = await client.request("textDocument/completion", {**place, "context": {"triggerKind": 1}})
    return list(found["items"])


async def take(client: Client, menu: Menu, offset: int) -> Item:
    (item,) = await items(client, offset)
    span = item["textEdit"]["range"]
    menu.put(client, client.offset(span["start"]), client.offset(span["end"]), item)
    if menu.says:
        await client.command("shadowpen.accept", *item["command"]["arguments"])
    return item


@pytest.mark.parametrize("ghost", GHOSTS, ids=len)
@pytest.mark.parametrize("behind", ["", "\n\nAnother paragraph.\n"], ids=["end", "middle"])
@pytest.mark.parametrize("text", [TEXT, "Ein 🥸 sat "], ids=["word", "blank"])
async def test_what_is_chosen_is_taken_once(client: Client, menu: Menu, text: str, behind: str, ghost: str) -> None:
    client.daemon.suggests(ghost)
    client.open(text + behind)
    await take(client, menu, len(text))
    assert client.text[URI] == client.believed() == text + ghost + behind
    assert (await client.counts())["accepted"] == 1
    assert (await client.counts())["accepted_characters"] == len(ghost)
    client.daemon.suggests(" and")
    await items(client, len(text + ghost))
    asked = client.daemon.of("Complete")[-1]
    assert isinstance(asked, Complete) and asked.last_edit == "typed", "neither a paste nor an undo"
    await client.leave()
    (accepted,) = client.journal("accepted")
    assert (accepted["context"], accepted["taken"]) == (text, ghost)
    assert ("taken", len(ghost)) in client.outcomes()
    assert client.journal("pasted") == []


async def test_what_is_typed_along_is_not_taken(client: Client, menu: Menu) -> None:
    client.daemon.suggests("wn by the river")
    client.open(TEXT)
    await items(client, len(TEXT))
    letters = [client.make(len(TEXT) + at, len(TEXT) + at, letter) for at, letter in enumerate("wn by")]
    client.changes(letters)
    assert (await client.counts())["accepted"] == 0
    await client.leave()
    assert client.journal("accepted") == []


async def test_a_slip_mended_within_a_notification_is_typing(client: Client, menu: Menu) -> None:
    client.daemon.suggests("wn by the river")
    client.open(TEXT)
    await items(client, len(TEXT))
    end = len(TEXT)
    client.changes(
        [
            client.make(end, end, "w"),
            client.make(end + 1, end + 1, "m"),
            client.make(end + 1, end + 2, ""),
            client.make(end + 1, end + 1, "n"),
        ]
    )
    assert client.believed() == TEXT + "wn"
    await client.leave()
    assert client.journal("accepted") == []


@pytest.mark.parametrize("order", [("shadowpen.manual", "on"), ("shadowpen.pause", 15)], ids=["manual", "paused"])
async def test_who_asks_again_at_a_place_gets_something_where_nothing_comes_by_itself(
    client: Client, menu: Menu, order: tuple[str, object]
) -> None:
    await client.command(*order)
    client.daemon.suggests("wn by the river")
    client.open(TEXT)
    assert await items(client, len(TEXT)) == [], "as at every key"
    await take(client, menu, len(TEXT))
    assert client.believed() == TEXT + "wn by the river"
    assert (await client.counts())["accepted"] == 1
    assert await items(client, len(client.text[URI])) == []
    await client.leave()


async def test_a_client_that_says_null_has_a_menu_and_is_not_refused(kept: None) -> None:
    """As lsp-mode 9.0 says of ghost text, which it asks for nevertheless."""
    client = Client()
    known = {"general": {"positionEncodings": ["utf-16"]}, "textDocument": {"inlineCompletion": None}}
    answer = await client.request("initialize", {"processId": None, "capabilities": known})
    assert answer["capabilities"]["completionProvider"]["triggerCharacters"] == [" "]
    client.notify("initialized", {})
    client.daemon.suggests(" dog")
    client.open("The quick")
    assert await client.texts(9) == [" dog"]
    await client.leave()
