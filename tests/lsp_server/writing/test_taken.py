"""A paragraph that was expanded or continued is the user's own once it is taken: kept with its notes, never a paste."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from support.journal.events import as_event, mappings

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.wire.protocol import VerbResult
from shadowpen.lsp_server.ghost_text import edit_reporter
from shadowpen.lsp_server.session.session import EditorSession
from shadowpen.lsp_server.writing.expansion import ExpansionOptions

from ..fakes import FakeClient, FakeEditor

URI = "file:///writing/essay.md"
NOTES = "ferry late again, 40 minutes\nmet Anna at the quay"
PARAGRAPH = (
    "The ferry was late again, this time by a full 40 minutes, so I met Anna at the quay and we talked for a long "
    "while about the winter and everything that it had brought to both of us."
)
CONTINUED = (
    " It was colder than the day before, and nobody on the quay seemed to mind that in the least, not even Anna."
)


class Desk:
    """A session whose author agreed to learning, and what it sends to the journal."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self.session = EditorSession(self.client, config.load(), lambda method, params: None, lambda sentence: None)

    def open(self, text: str) -> None:
        self.session.opened(types.TextDocumentItem(URI, "markdown", 1, text))

    def change(self, first: tuple[int, int], last: tuple[int, int], text: str) -> None:
        span = types.Range(types.Position(*first), types.Position(*last))
        change = types.TextDocumentContentChangePartial(span, text)
        document = types.VersionedTextDocumentIdentifier(version=2, uri=URI)
        self.session.changed(types.DidChangeTextDocumentParams(document, [change]))

    async def expand(self, first: tuple[int, int], last: tuple[int, int], **more: str) -> list[str]:
        span = types.Range(types.Position(*first), types.Position(*last))
        result = await self.session.expand(URI, span, ExpansionOptions(preview=True, **more), FakeEditor())  # type: ignore[arg-type]
        return list(result["candidates"])

    async def events(self) -> list[dict[str, Any]]:
        await self.session.close()
        return self.told()

    def told(self) -> list[dict[str, Any]]:
        return [event for record in self.client.of("Record") for event in mappings(record)]  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def desk(home: Path) -> AsyncIterator[Desk]:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    desk = Desk()
    yield desk
    await desk.session.close()


async def test_a_paragraph_taken_from_a_preview_is_kept_with_its_notes_and_can_be_rated(desk: Desk) -> None:
    desk.client.expands("Another one.", PARAGRAPH)
    desk.open(f"Monday.\n\n{NOTES}\n\nThe end.")
    assert await desk.expand((2, 0), (3, 20)) == ["Another one.", PARAGRAPH]
    desk.change((2, 0), (3, 20), PARAGRAPH)
    assert desk.session.suggestions.rate(5)
    taken, rated, stands = await desk.events()
    assert (taken["type"], taken["taken"], taken["suggested"]) == ("accepted", PARAGRAPH, PARAGRAPH)
    assert (taken["context"], taken["notes"], taken["model"]) == ("Monday.\n\n", NOTES, "m@base")
    assert rated["id"] == taken["id"]
    assert (stands["type"], stands["text"]) == ("kept", PARAGRAPH)
    assert all(as_event(event) for event in (taken, rated, stands))


async def test_an_edit_that_leaves_out_what_both_have_and_one_of_the_whole_text_are_understood(desk: Desk) -> None:
    desk.client.expands("The ferry left at nine.")
    desk.open("The ferry, nine\n\nThe end.\n")
    await desk.expand((0, 0), (0, 15))
    desk.change((0, 9), (0, 15), " left at nine.")
    await desk.expand((2, 0), (2, 8))
    desk.change((0, 0), (3, 0), "The ferry left at nine.\n\nThe ferry\n   left at nine.\n")
    events = await desk.events()
    assert [event["taken"] for event in events if event["type"] == "accepted"] == [
        "The ferry left at nine.",
        "The ferry\n   left at nine.",
    ]
    assert not [event for event in events if event["type"] == "pasted"]


async def test_an_editor_may_put_the_paragraph_in_before_it_takes_the_notes_out(desk: Desk) -> None:
    desk.client.expands(PARAGRAPH)
    desk.open(f"Monday.\n\n{NOTES}\n\nThe end.")
    await desk.expand((2, 0), (3, 20))
    desk.change((3, 20), (3, 20), PARAGRAPH)
    desk.change((2, 0), (3, 20), "")
    taken, stands = await desk.events()
    assert (taken["taken"], taken["context"], taken["notes"]) == (PARAGRAPH, "Monday.\n\n", NOTES)
    assert (stands["type"], stands["text"]) == ("kept", PARAGRAPH)


async def test_a_paragraph_that_was_continued_is_kept(desk: Desk) -> None:
    desk.client.writes(" It was", CONTINUED)
    desk.open("The ferry was late.")
    editor = FakeEditor()
    await desk.session.continue_paragraph(URI, types.Position(0, 19), editor)
    desk.change((0, 19), (0, 19), CONTINUED)
    taken, stands = await desk.events()
    assert (taken["type"], taken["taken"], taken["context"]) == ("accepted", CONTINUED.strip(), "The ferry was late. ")
    assert taken["notes"] == "" and stands["text"] == CONTINUED.strip()


async def test_what_is_pasted_after_all_is_a_paste(desk: Desk) -> None:
    desk.client.expands(PARAGRAPH)
    desk.open(NOTES)
    await desk.expand((0, 0), (1, 20))
    desk.change((1, 20), (1, 20), " And a long sentence that somebody else wrote about it, long before today.")
    assert [event["type"] for event in await desk.events()] == ["pasted"]


async def test_taken_somewhere_else_or_without_consent_it_is_not_kept(desk: Desk) -> None:
    desk.client.expands(PARAGRAPH)
    desk.open(f"{NOTES}\n\nThe end.")
    await desk.expand((0, 0), (1, 20))
    config_file.write(store.layout().config_file, "learning", "enabled", "off")
    desk.change((0, 0), (1, 20), PARAGRAPH)
    await asyncio.sleep(0)
    assert not desk.session.suggestions.rate(5)
    assert await desk.events() == []


async def test_what_was_changed_by_a_turn_is_kept_once_whole_and_with_what_it_had_to_mention(desk: Desk) -> None:
    desk.client.expands(PARAGRAPH)
    desk.open(f"{NOTES}\n\nThe end.")
    await desk.expand((0, 0), (1, 20))
    longer = f"{PARAGRAPH} The gulls were loud."
    desk.client.expands(longer)
    await desk.expand((0, 0), (1, 20), turn="Mention that the gulls were loud.", shown=PARAGRAPH)
    desk.change((0, 0), (1, 20), longer)
    desk.change((0, 0), (0, 0), "So ")
    assert not await desk.expand((0, 0), (0, 20), turn="shorter", shown=longer)  # the thread ended
    taken, *looks = [event for event in await desk.events() if event["type"] != "kept"]
    assert (taken["type"], taken["taken"], looks) == ("accepted", longer, [])
    assert taken["notes"] == f"{NOTES}\nthe gulls were loud"


async def test_of_the_same_paragraph_offered_twice_one_is_kept(desk: Desk) -> None:
    desk.client.expands(PARAGRAPH)
    desk.open(NOTES)
    await desk.expand((0, 0), (1, 20))
    await desk.expand((0, 0), (1, 20))
    desk.change((0, 0), (1, 20), PARAGRAPH)
    desk.change((0, len(PARAGRAPH)), (0, len(PARAGRAPH)), " More.")
    assert [event["type"] for event in await desk.events()] == ["accepted", "kept"]


async def test_the_text_of_a_verb_is_neither_taken_nor_pasted(desk: Desk) -> None:
    summary = f"{PARAGRAPH} {CONTINUED}"
    desk.client.answers["RunVerb"] = VerbResult(id="", text=summary)
    desk.open("One.\n\nTwo.")
    at = types.Position(2, 0)
    await desk.session.run_verb(URI, types.Range(at, types.Position(2, 4)), "summarize", {}, FakeEditor())
    desk.change((2, 0), (2, 0), f"{summary}\n\n")
    assert await desk.events() == []


async def _verb(desk: Desk, verb: str, text: str, made: str) -> None:
    desk.client.answers["RunVerb"] = VerbResult(id="", text=made, model="m@base")
    desk.open(text)
    span = types.Range(types.Position(0, 0), types.Position(0, len(text)))
    await desk.session.run_verb(URI, span, verb, {"preview": True}, FakeEditor())


async def _produced(desk: Desk) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while not (told := [event for event in desk.told() if event["type"] == "produced"]):
            await asyncio.sleep(0)
    return told[0]


async def test_what_becomes_of_a_verbs_text_is_told_after_ten_minutes_and_nothing_else_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.0), ("10min", 0.0)))
    await _verb(desk, "correct", "It was was teh end of it.", "It was the end of it.")
    desk.change((0, 6), (0, 10), "")  # by two small changes, of which the first only takes out
    desk.change((0, 7), (0, 10), "the")
    desk.change((0, 18), (0, 20), "everything")

    told = await _produced(desk)

    assert (told["task"], told["model"], told["document"]) == ("correct", "m@base", URI)
    assert (told["offered"], told["text"]) == ("It was the end of it.", "It was the end of everything.")
    assert [event["type"] for event in await desk.events()] == ["produced"]


async def test_so_is_what_becomes_of_an_expansion(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.0), ("10min", 0.0)))
    desk.client.expands(PARAGRAPH)
    desk.open(NOTES)
    await desk.expand((0, 0), (1, 20))
    desk.change((0, 0), (1, 20), PARAGRAPH)
    told = await _produced(desk)
    assert (told["task"], told["offered"], told["text"]) == ("expand", PARAGRAPH, PARAGRAPH)


async def test_a_summary_that_the_text_begins_with_is_not_taken_for_taken(desk: Desk) -> None:
    await _verb(desk, "summarize", "It rained. Then it snowed.", "It rained.")
    desk.change((0, 26), (0, 26), " A")
    await asyncio.sleep(0)
    assert not desk.session.suggestions._records.get("m") and await desk.events() == []
    assert all(record.taken_text is None for record in desk.session.suggestions._records.of(URI))


async def test_what_stands_is_looked_at_after_two_and_ten_minutes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.0), ("10min", 0.0)))
    desk.client.expands(PARAGRAPH)
    desk.open(NOTES)
    await desk.expand((0, 0), (1, 20))
    desk.change((0, 0), (1, 20), PARAGRAPH)
    desk.change((0, 0), (0, 3), "A")
    while len(told := [event for event in desk.told() if event["type"] == "kept"]) < 2:
        await asyncio.sleep(0)
    assert [(event["when"], event["text"]) for event in told] == [
        ("2min", "A" + PARAGRAPH[3:]),
        ("10min", "A" + PARAGRAPH[3:]),
    ]
