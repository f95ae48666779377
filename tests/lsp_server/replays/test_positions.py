"""Every path that carries a place, at every character of texts in which clients and servers miscount."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.wire.protocol import Complete, Continue, Expand, Explanation, Prepare, Why

from .driver import URI, Client

TEXTS = {
    "emoji": "Ein 🥸 Tag 👩‍👩‍👧‍👦 b 🏳️‍🌈\n👍🏽 🇩🇪🇫🇷 e\u0301 प्र",
    "cjk-and-tabs": "\t你好,世界。\n\t- 再见 𠀀\t\t友 \t",
    "right-to-left": "שלום 🥸\nمرحبا بال\u200f\u202bאב\u202c",
    "crlf": "one\r\ntwo é\r\n\r\nthree 🥸\r\n",
    "lone-cr-and-all-others": "one\rtwo é\r\rb\r\nd\n\re\r\r\nf\u2028g\x85h\x0ci 🥸\r",
}
ENCODINGS = ("utf-8", "utf-16", "utf-32")
GHOST = " 👩‍👧 你好 שלום\n\tEnde"


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def as_in(text: str, ghost: str) -> str:
    """What an editor puts in for `ghost`: line ends become those of the document."""
    return ghost.replace("\n", "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n")


def offsets(text: str) -> list[int]:
    """Every place in a text; between \\r and \\n is none."""
    return [at for at in range(len(text) + 1) if text[max(0, at - 1) : at + 1] != "\r\n"]


@pytest_asyncio.fixture(params=ENCODINGS)
async def client(request: pytest.FixtureRequest, home: object) -> AsyncIterator[Client]:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    client = Client()
    client.daemon.suggests(GHOST)
    await client.start(encoding=request.param)
    assert client.encoding == request.param
    yield client


@pytest.fixture(params=TEXTS.values(), ids=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


def asked(client: Client) -> Complete:
    request = client.daemon.of("Complete")[-1]
    assert isinstance(request, Complete)
    return request


async def test_ghost_text_is_asked_for_and_shown_at_the_very_place(client: Client, text: str) -> None:
    client.open(text)
    for offset in offsets(text):
        (item,) = await client.ask(offset)
        assert (asked(client).prefix, asked(client).suffix) == (plain(text[:offset]), plain(text[offset:]))
        assert item["range"] == client.span(offset, offset)
        assert client.after(item, offset) == text[:offset] + GHOST + text[offset:]


async def test_a_popup_has_a_word_selected(client: Client, text: str) -> None:
    client.open(text)
    for offset in offsets(text):
        start = max(at for at in offsets(text) if at <= max(offset - 2, 0))
        if "\n" in plain(text[start:offset]):
            continue
        selected = text[start:offset] + GHOST[:2]
        (item,) = await client.ask(offset, popup={"range": client.span(start, offset), "text": selected})
        assert client.covered(item, offset) == (start, offset)
        assert client.after(item, offset) == text[:offset] + GHOST + text[offset:]


@pytest.mark.parametrize("by_command", [True, False])
async def test_what_is_taken_is_seen_and_kept(client: Client, text: str, by_command: bool) -> None:
    put = as_in(text, GHOST)
    for offset in offsets(text):
        client.open(text)
        (item,) = await client.ask(offset)
        client.edit(offset, offset, put)
        if by_command:
            await client.command("shadowpen.accept", *item["command"]["arguments"])
        client.edit(0, 0, "🥸\n")  # what was taken moves
        client.shut()
    expected = [(plain(text[:offset]), GHOST) for offset in offsets(text)]
    counts = await client.counts()
    await client.leave()
    assert [(event["context"], event["taken"]) for event in client.journal("accepted")] == expected
    assert [event["text"] for event in client.journal("kept")] == [GHOST] * len(expected)
    assert (counts["accepted"], counts["accepted_characters"]) == (len(expected), len(expected) * len(GHOST))


async def test_taken_piece_by_piece_with_lengths_as_copilots_client_counts_them(client: Client, text: str) -> None:
    """Characters after which GHOST has a word's end: an emoji counts two in UTF-16, whatever places are counted in."""
    for offset in offsets(text):
        client.open(text)
        (item,) = await client.ask(offset)
        at = offset
        for taken in (" 👩‍👧", " 👩‍👧 你好", " 👩‍👧 你好 שלום"):
            piece = taken[at - offset :]
            client.edit(at, at, piece)
            at += len(piece)
            length = len(taken.encode("utf-16-le")) // 2
            client.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": length})
        client.shut()
    await client.leave()
    assert {event["taken"] for event in client.journal("accepted")} == {" 👩‍👧 你好 שלום"}
    assert [event["context"] for event in client.journal("accepted")] == [plain(text[:at]) for at in offsets(text)]


async def test_typed_along(client: Client, text: str) -> None:
    typed = "".join(GHOST.split("\n")[0])
    for offset in offsets(text)[:: max(1, len(text) // 6)]:
        client.open(text)
        await client.ask(offset)
        for step, letter in enumerate(typed, 1):
            client.edit(offset + step - 1, offset + step - 1, letter)
            (item,) = await client.ask(offset + step)
            assert item["insertText"] == GHOST[step:]
            assert item["range"] == client.span(offset + step, offset + step)
        client.shut()
    assert (await client.counts())["accepted"] == 0


async def test_dismissed(client: Client, text: str) -> None:
    for offset in offsets(text):
        client.open(text)
        (item,) = await client.ask(offset)
        await client.command("shadowpen.dismiss", item["command"]["arguments"][0])
        before = len(client.daemon.of("Complete"))
        await client.ask(offset)
        assert len(client.daemon.of("Complete")) == before + 1, "what was dismissed is not in the memory"
        client.shut()


async def test_a_hover_is_over_ghost_text_or_beside_it(client: Client, text: str) -> None:
    client.daemon.answers["Why"] = Explanation(id="", reason="offered", probability=0.5, model="m@base")
    client.open(text)
    places = offsets(text)
    for at, offset in enumerate(places):
        (item,) = await client.ask(offset)
        for over in places[max(0, at - 1) : at + 2]:
            where = {"textDocument": {"uri": URI}, "position": client.place(over)}
            assert (await client.request("textDocument/hover", where) is not None) == (over == offset)
        asked = client.daemon.of("Why")[-1]
        assert isinstance(asked, Why)
        assert asked.of == item["command"]["arguments"][0]


async def test_the_cursor_rests_somewhere(client: Client, text: str) -> None:
    client.open(text)
    for offset in offsets(text)[1:]:
        client.notify("textDocument/didFocus", {"textDocument": {"uri": URI}, "position": client.place(offset)})
        await client.counts()
        prepared = client.daemon.of("Prepare")[-1]
        assert isinstance(prepared, Prepare)
        assert prepared.prefix == plain(text[:offset])


def applied(client: Client) -> dict[str, Any]:
    """The one edit that the server last had made."""
    edits = [params for method, params in client.heard if method == "workspace/applyEdit"]
    (change,) = edits[-1]["edit"]["documentChanges"]
    (edit,) = change["edits"]
    found: dict[str, Any] = edit
    return found


async def test_a_paragraph_is_continued(client: Client, text: str) -> None:
    client.daemon.writes(GHOST)
    client.answers["workspace/applyEdit"] = {"applied": True}
    client.open(text)
    for offset in offsets(text):
        result = await client.command("shadowpen.continue", URI, client.place(offset))
        request = client.daemon.of("Continue")[-1]
        assert isinstance(request, Continue)
        assert request.prefix == plain(text[:offset])
        if result["applied"]:
            assert applied(client) == {"range": client.span(offset, offset), "newText": result["text"]}


async def test_a_selection_is_expanded(client: Client, text: str) -> None:
    client.daemon.expands(GHOST)
    client.answers["workspace/applyEdit"] = {"applied": True}
    client.open(text)
    places = offsets(text)
    for start, end in [(0, len(text)), *zip(places, places[3:], strict=False)]:
        notes = text[start:end].strip()
        for span in (client.span(start, end), {"start": client.place(end), "end": client.place(start)}):
            result = await client.command("shadowpen.expand", URI, span)
            assert result["applied"] == bool(notes)
            if notes:
                first = text.index(notes, start)
                request = client.daemon.of("Expand")[-1]
                assert isinstance(request, Expand)
                assert request.notes == plain(notes)
                assert applied(client) == {"range": client.span(first, first + len(notes)), "newText": GHOST}


async def test_edits_anywhere_keep_the_text_in_step(client: Client, text: str) -> None:
    client.open(text)
    for offset in reversed(offsets(text)):
        client.edit(offset, offset, "🥸é\r\n")
        for end in [at for at in offsets(client.text[URI]) if at > offset][:2]:
            client.edit(offset, end, "")
            await client.ask(offset)
            assert asked(client).prefix + asked(client).suffix == plain(client.text[URI])
            client.edit(offset, offset, "x\ty")
