"""Clients that send what they should not, too much, or too little: each gets what can be had, and none ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shadowpen.daemon.base import config_file, store

from .driver import INVOKED, URI, Client, Refused

OTHER = "file:///writing/other.md"
FOX = " brown fox"


@pytest_asyncio.fixture
async def client(home: object) -> AsyncIterator[Client]:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    client = Client()
    client.daemon.suggests(FOX)
    await client.start()
    yield client
    await client.leave()


def prefix(client: Client) -> str:
    """What the model was last asked to go on from."""
    prefix: str = client.daemon.of("Complete")[-1].prefix  # type: ignore[union-attr]
    return prefix


async def pending(client: Client, offset: int, uri: str = URI) -> asyncio.Future[Any]:
    """A request on which the daemon works until `gate` is set."""
    client.daemon.gate.clear()
    asked = len(client.daemon.of("Complete"))
    future = client.begin("textDocument/inlineCompletion", client.asking(offset, uri))
    await client.daemon.wait_for("Complete", asked + 1)
    return future


async def answered(client: Client, future: asyncio.Future[Any]) -> list[str]:
    client.daemon.gate.set()
    return [item["insertText"] for item in (await future)["items"]]


# --- versions ------------------------------------------------------------------------------------------


async def test_no_versions_at_all() -> None:
    client = Client()
    client.daemon.suggests(FOX)
    await client.start()
    client.text[URI] = "The quick"
    client.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "text": "The quick"}})
    assert await client.texts(9) == [FOX]
    change = client.make(9, 9, FOX)
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [change]})
    assert (await client.counts())["accepted"] == 1
    future = await pending(client, 19)
    assert prefix(client) == "The quick brown fox"
    change = client.make(19, 19, "!")
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [change]})
    assert await answered(client, future) == [], "an answer for text that moved on, though no version says so"
    await client.leave()


@pytest.mark.parametrize(
    ("answer", "applied"),
    [
        (None, True),
        ({}, True),
        ("ok", True),
        ({"applied": False}, False),
        ({"applied": True, "failedChange": {}}, False),
    ],
)
async def test_an_edit_that_is_answered_amiss_is_not_waited_for(client: Client, answer: Any, applied: bool) -> None:
    client.answers["workspace/applyEdit"] = answer
    client.daemon.writes(" It goes on.")
    client.open("A lead.")
    told = await client.command("shadowpen.continue", URI, client.place(7))
    assert told["applied"] is applied and bool(told["reason"]) is not applied


async def test_text_written_without_versions_is_not_put_over_text_that_changed(client: Client) -> None:
    client.answers["workspace/applyEdit"] = {"applied": True}
    client.daemon.writes(" It goes on.")
    client.open("A lead.", version=None)
    assert (await client.command("shadowpen.continue", URI, client.place(7)))["applied"]
    (edit,) = [params for method, params in client.heard if method == "workspace/applyEdit"]
    assert edit["edit"]["documentChanges"][0]["textDocument"].get("version") is None
    client.daemon.gate.clear()
    future = client.begin(
        "workspace/executeCommand", {"command": "shadowpen.continue", "arguments": [URI, client.place(7)]}
    )
    await client.daemon.wait_for("Continue", 2)
    client.changes([client.make(0, 0, "Before. ")], version=None)
    client.daemon.gate.set()
    assert not (await future)["applied"]


@pytest.mark.parametrize("versions", [(5, 4, 3), (7, 7, 7), (0, -1, None)])
async def test_versions_that_stand_still_or_go_back(client: Client, versions: tuple[Any, ...]) -> None:
    client.open("The quick", version=versions[0])
    for version in versions[1:]:
        future = await pending(client, len(client.text[URI]))
        client.changes([client.make(0, 0, "Oh. ")], version=version)
        assert await answered(client, future) == []
    assert await client.texts(len(client.text[URI])) == [FOX]
    assert prefix(client) == "Oh. Oh. The quick"


# --- documents that are not there, or twice -----------------------------------------------------------


async def test_a_change_before_the_document_is_open(client: Client) -> None:
    client.text[URI] = "The quick"
    client.changes([client.make(9, 9, " red")])
    assert await client.texts(13) == []
    client.open("The quick")
    assert await client.texts(9) == [FOX]
    assert prefix(client) == "The quick"


async def test_what_is_not_open_is_closed(client: Client) -> None:
    client.shut()
    client.open("The quick")
    client.shut()
    client.shut()
    client.text[URI] = "The quick"
    assert await client.texts(9) == []


async def test_the_same_file_is_opened_twice(client: Client) -> None:
    client.open("The quick")
    (item,) = await client.ask(9)
    client.edit(9, 9, FOX)
    client.open("Another text altogether, in the same file")
    client.daemon.suggests(" that is open")
    assert await client.texts(len(client.text[URI])) == [" that is open"]
    assert prefix(client) == client.text[URI]
    client.edit(0, 0, item["insertText"])
    await client.counts()
    assert [event["text"] for event in client.journal("kept")] == [FOX], "read off the text that was there then"
    client.shut()
    client.text[URI] = "x"
    assert await client.texts(1) == [], "once closed it is closed"


async def test_a_request_runs_while_the_file_is_opened_again(client: Client) -> None:
    client.open("The quick")
    future = await pending(client, 9)
    client.open("The quick")
    assert await answered(client, future) == []
    assert await client.texts(9) == [FOX]


async def test_a_file_is_renamed_while_a_request_runs(client: Client) -> None:
    client.open("The quick")
    future = await pending(client, 9)
    client.shut()
    client.open("The quick", OTHER)
    assert await answered(client, future) == [], "for a document that is gone"
    assert await client.texts(9, OTHER) == [FOX]
    client.edit(9, 9, FOX, OTHER)
    await client.counts()
    assert [event["document"] for event in client.journal("accepted")] == [OTHER]
    client.text[URI] = "The quick"
    assert await client.texts(9) == []


async def test_a_document_is_closed_while_a_paragraph_is_written(client: Client) -> None:
    client.daemon.writes(" It goes on.")
    client.open("A lead.")
    client.daemon.gate.clear()
    arguments = [URI, client.place(7)]
    future = client.begin("workspace/executeCommand", {"command": "shadowpen.continue", "arguments": arguments})
    await client.daemon.wait_for("Continue")
    client.shut()
    client.daemon.gate.set()
    assert not (await future)["applied"]
    assert "workspace/applyEdit" not in [method for method, _ in client.heard]


# --- the handshake -------------------------------------------------------------------------------------


async def test_a_second_handshake_is_refused_and_the_first_one_holds(client: Client) -> None:
    client.open("🥸 quick")
    params = {"capabilities": {"general": {"positionEncodings": ["utf-8"]}}, "processId": None}
    with pytest.raises(Refused, match="initialized already"):
        await client.request("initialize", params)
    client.notify("initialized", {})
    assert await client.texts(7) == [FOX]
    assert prefix(client) == "🥸 quick", "counted in UTF-16 as before"
    client.open("é", OTHER)
    await client.texts(1, OTHER)
    assert prefix(client) == "é"


async def test_being_ready_twice_starts_nothing_twice(home: object) -> None:
    client = Client()
    await client.start(options={"deadlineMs": "soon"})
    await client.daemon.wait_for("Status")
    for _ in range(3):
        client.notify("initialized", {})
    await client.counts()
    assert len(client.daemon.of("Status")) == 2, "one at the start, and the one just now"
    assert len(client.messages()) == 1
    await client.leave()


@pytest.mark.parametrize("encodings", [None, [], ["utf-7"], ["latin-1", "utf-32"]])
async def test_encodings_nobody_knows(home: object, encodings: list[str] | None) -> None:
    client = Client()
    client.daemon.suggests(FOX)
    general = {} if encodings is None else {"general": {"positionEncodings": encodings}}
    capabilities = (await client.request("initialize", {"processId": None, "capabilities": general}))["capabilities"]
    client.encoding = capabilities["positionEncoding"]
    assert client.encoding == ("utf-32" if encodings and "utf-32" in encodings else "utf-16")
    client.notify("initialized", {})
    client.open("🥸 quick")
    await client.texts(7)
    assert prefix(client) == "🥸 quick"
    await client.leave()


async def test_a_client_that_answers_nothing(home: object) -> None:
    """Progress and edits are asked of it and never answered; what needs no answer goes on beside them."""
    client = Client()
    client.daemon.suggests(FOX)
    client.daemon.writes(" It goes on.")
    offered = {"window": {"workDoneProgress": True}, "workspace": {"configuration": True, "applyEdit": True}}
    await client.request("initialize", {"processId": None, "capabilities": offered})
    client.notify("initialized", {})
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.open("The quick")
    arguments = [URI, client.place(9)]
    writing = client.begin("workspace/executeCommand", {"command": "shadowpen.continue", "arguments": arguments})
    await client.daemon.wait_for("Continue")
    assert await client.texts(9) == [FOX]
    client.edit(9, 9, FOX)
    assert (await client.counts())["accepted"] == 1
    await client.leave()
    assert not writing.done() or writing.exception() is not None


# --- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"deadlineMs": "soon"}, {"enabled": 1}, {"exclude": 7}, {"languagesOff": [3]}, 5])
async def test_a_setting_of_the_wrong_type_keeps_its_default_and_is_told_once(client: Client, wrong: Any) -> None:
    client.open("The quick")
    for _ in range(3):
        client.notify("workspace/didChangeConfiguration", {"settings": {"shadowpen": wrong}})
    assert await client.texts(9) == [FOX]
    assert len(client.messages()) == 1


@pytest.mark.parametrize("settings", [None, 5, "x", [], {}, {"other": {"enabled": False}}])
async def test_settings_that_are_not_ours(client: Client, settings: Any) -> None:
    client.open("The quick")
    client.notify("workspace/didChangeConfiguration", {"settings": settings})
    assert await client.texts(9) == [FOX]
    assert client.messages() == []


# --- ranges --------------------------------------------------------------------------------------------


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (at(9, 0), at(12, 5), "one\ntwoX"),  # behind the end
        (at(0, 99), at(0, 200), "oneX\ntwo"),  # behind the line's end
        (at(0, 1), at(7, 7), "oX"),
        (at(1, 3), at(0, 0), "X"),  # the wrong way round
        (at(0, 99), at(0, 1), "oX\ntwo"),
        (at(-1, -1), at(0, 1), "Xne\ntwo"),
        (at(1, 4_294_967_295), at(2**40, 0), "one\ntwoX"),
    ],
)
async def test_ranges_outside_the_text_and_the_wrong_way_round(
    client: Client, start: dict[str, int], end: dict[str, int], expected: str
) -> None:
    client.open("one\ntwo")
    client.changes([{"range": {"start": start, "end": end}, "rangeLength": -3, "text": "X"}])
    client.text[URI] = expected
    await client.texts(len(expected))
    assert prefix(client) == expected


@pytest.mark.parametrize("wrong", [{"range": "x", "text": "y"}, {"text": None}, {}, "x"])
async def test_a_change_that_cannot_be_read_closes_the_document(client: Client, wrong: Any) -> None:
    """Served on, every place in it would be wrong."""
    client.open("The quick")
    client.changes([wrong])
    assert await client.texts(9) == []
    client.edit(9, 9, " red")
    assert await client.texts(9) == []
    client.open("The quick")
    assert await client.texts(9) == [FOX]


@pytest.mark.parametrize("place", [at(0, -1), at(-1, 0), {"line": 0}, None, "x", {"line": "0", "character": []}])
async def test_a_place_that_is_none_is_refused(client: Client, place: Any) -> None:
    client.open("The quick")
    asked = {**client.asking(9), "position": place}
    with pytest.raises(Refused):
        await client.request("textDocument/inlineCompletion", asked)
    assert await client.texts(9) == [FOX]


async def test_a_place_beyond_the_text_is_its_end(client: Client) -> None:
    client.open("The quick")
    for place in (at(0, 500), at(40, 0)):
        answer = await client.request("textDocument/inlineCompletion", {**client.asking(9), "position": place})
        assert [item["range"]["start"] for item in answer["items"]] == [at(0, 9)]


@pytest.mark.parametrize("context", [None, {}, {"triggerKind": 0}, {"triggerKind": "x"}])
async def test_who_does_not_say_why_it_asks(client: Client, context: Any) -> None:
    client.open("The quick")
    answer = await client.request("textDocument/inlineCompletion", {**client.asking(9), "context": context})
    assert [item["insertText"] for item in answer["items"]] == [FOX]


# --- text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff", "\ud83e", "tail \udd78\ud83e"])
async def test_lone_surrogates(client: Client, text: str) -> None:
    sane = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    client.open(text)
    client.text[URI] = sane
    assert await client.texts(len(sane)) == [FOX]
    assert prefix(client) == sane
    client.edit(len(sane), len(sane), " \ud83e!")
    client.text[URI] = sane + " \ufffd!"
    await client.texts(len(client.text[URI]))
    assert prefix(client) == sane + " \ufffd!"


async def test_an_emoji_that_is_sent_in_halves_and_deleted_by_half(client: Client) -> None:
    client.open("a🥸b")
    halved = {"range": {"start": at(0, 2), "end": at(0, 3)}, "text": ""}
    client.changes([halved])
    client.text[URI] = "a\ufffdb"
    await client.texts(3)
    assert prefix(client) == "a\ufffdb", "the rest of the line is counted as the client counts it"
    client.changes([{"range": {"start": at(0, 1), "end": at(0, 2)}, "text": "\ud83e"}])
    client.changes([{"range": {"start": at(0, 2), "end": at(0, 2)}, "text": "\udd78"}])
    client.text[URI] = "a\ufffd\ufffdb"
    await client.texts(4)
    assert prefix(client) == "a\ufffd\ufffdb"


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b\x00", "line\x00\r\n\x00", "\x1b[31m\x07\x0b\x0c\x85\u2028\u2029\ufeff"]
)
async def test_control_characters_are_text(client: Client, text: str) -> None:
    client.open(text)
    (item,) = await client.ask(len(text))
    assert prefix(client) == text.replace("\r\n", "\n")
    client.edit(len(text), len(text), item["insertText"])
    assert (await client.counts())["accepted"] == 1


async def test_an_empty_document(client: Client) -> None:
    client.open("")
    client.changes([])
    await client.ask(0, kind=INVOKED)
    client.changes([{"text": ""}])
    client.edit(0, 0, "The quick")
    assert await client.texts(9) == [FOX]


async def test_a_huge_document_is_not_read_until_it_shrinks(client: Client) -> None:
    text = "A line of it, with some words in it.\n" * 60_000
    client.open(text)
    assert await client.texts(5) == []
    for _ in range(50):
        client.changes([{"range": {"start": at(30_000, 3), "end": at(30_000, 3)}, "text": "x"}])
    client.changes([{"range": {"start": at(1, 0), "end": at(60_000, 0)}, "text": "The quick"}])
    client.text[URI] = "A line of it, with some words in it.\nThe quick"
    assert await client.texts(46) == [FOX]
    assert prefix(client) == client.text[URI]


async def test_one_line_of_a_million_characters(client: Client) -> None:
    client.open("word " * 190_000)
    for offset in (0, 475_000, 950_000):
        assert await client.texts(offset) == [FOX]
        client.edit(offset, offset, "x")
    assert len(prefix(client)) <= 8_000


@pytest.mark.parametrize(
    "uri", ["", "x", "untitled:Untitled-1", "file:///", "file:///a%20b/%C3%A9.md", "no scheme at all"]
)
async def test_names_of_all_kinds(client: Client, uri: str) -> None:
    client.open("The quick", uri)
    assert isinstance(await client.texts(9, uri), list)
    client.shut(uri)


@pytest.mark.parametrize("method", ["didOpen", "didChange", "didClose", "didFocus", "didShowCompletion", "didSave"])
@pytest.mark.parametrize("params", [None, [], 5, {}, {"textDocument": None}, {"textDocument": {"uri": None}}])
async def test_notifications_of_any_shape(client: Client, method: str, params: Any) -> None:
    client.open("The quick")
    client.notify(f"textDocument/{method}", params)
    assert await client.texts(9) == [FOX]


@pytest.mark.parametrize(
    "params",
    [
        {"acceptedLength": 99},
        {"acceptedLength": -1},
        {"acceptedLength": True},
        {"acceptedLength": 1.5},
        {"acceptedLength": 3, "item": {"insertText": FOX}},
        {"acceptedLength": 3, "item": {"insertText": FOX, "command": {"arguments": ["no such id"]}}},
    ],
)
async def test_partial_acceptances_that_make_no_sense(client: Client, params: dict[str, Any]) -> None:
    client.open("The quick")
    (item,) = await client.ask(9)
    client.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, **params})
    assert (await client.counts())["accepted"] == 0, "the document does not hold it"


# --- much that is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", ["x" * 100_000, [None] * 100_000])
async def test_of_much_that_is_wrong_the_first_is_enough(client: Client, changes: Any) -> None:
    """A reader that accounts for each of them is deaf for minutes."""
    client.open("The quick")
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": changes})
    client.open("The quick", OTHER)
    assert await client.texts(9, OTHER) == [FOX]
