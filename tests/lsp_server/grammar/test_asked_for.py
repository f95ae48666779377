"""What an editor gets that asks for diagnostics: the same mistakes, no sooner, never twice, and nothing unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from lsprotocol import types
from support.waiting import until

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import own_words
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.grammar.diagnostics import MOST_CHARACTERS

from .desk import URI, Desk

Full = types.RelatedFullDocumentDiagnosticReport
Unchanged = types.RelatedUnchangedDocumentDiagnosticReport


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    return desks(pulls=True)


async def full(desk: Desk, document: OpenDocument | None, known_as: str | None = None) -> Full:
    report = await desk.grammar.report(document, known_as)
    assert isinstance(report, Full), report
    return report


def begin(desk: Desk, document: OpenDocument) -> asyncio.Task[types.DocumentDiagnosticReport]:
    return asyncio.ensure_future(desk.grammar.report(document, None))


async def test_who_asks_is_answered_and_never_sent_anything(desk: Desk) -> None:
    document = desk.open("A mixtake here.")
    (found,) = (await full(desk, document)).items
    assert (found.range.start.character, found.range.end.character) == (2, 9)
    desk.type(document, 0, 0, "x")
    assert len((await full(desk, document)).items) == 2
    desk.grammar.configure(allowed=False, documents=[document])
    desk.grammar.closed(URI)
    assert desk.published == []


async def test_nothing_is_checked_that_nobody_asks_for(desk: Desk) -> None:
    document = desk.open("A mixtake here.")
    await asyncio.sleep(0.02)
    assert desk.rule.read == []
    await full(desk, document)
    assert desk.rule.read == ["A mixtake here."]


async def test_what_is_the_same_is_not_said_again(desk: Desk) -> None:
    document = desk.open("A mixtake here.")
    name = (await full(desk, document)).result_id
    assert await desk.grammar.report(document, name) == Unchanged(result_id=str(name))
    desk.type(document, 0, 15, " More.")
    assert await desk.grammar.report(document, name) == Unchanged(result_id=str(name))
    desk.type(document, 0, 0, "So: ")
    moved = await full(desk, document, name)
    assert moved.result_id != name and moved.items[0].range.start.character == 6


async def test_an_answer_is_right_for_the_text_as_it_is_then_and_all_who_ask_get_it(desk: Desk) -> None:
    desk.rule.gate.clear()
    document = desk.open("A mixtake.")
    first = begin(desk, document)
    await until(lambda: desk.rule.read, "the check")
    desk.type(document, 0, 0, "So: ")
    second = begin(desk, document)
    desk.rule.gate.set()
    answers = await asyncio.gather(first, second)
    assert answers[0] == answers[1] and isinstance(answers[0], Full)
    assert answers[0].items[0].range.start.character == 6
    assert desk.rule.read == ["A mixtake.", "So: A mixtake."]


async def test_an_answer_waits_until_the_keys_rest(desks: Callable[..., Desk]) -> None:
    desk = desks(pulls=True, rest_s=3600)
    document = desk.open("A mixtake.")
    asked = begin(desk, document)
    await asyncio.sleep(0.02)
    assert not asked.done() and desk.rule.read == []
    desk.grammar.closed(URI)
    assert await asked == Full([], result_id="nothing")


async def test_who_gives_up_is_not_worked_for(desk: Desk) -> None:
    desk.rule.gate.clear()
    document = desk.open("Onex.\n\nTwox.\n\nThreex.")
    asked = begin(desk, document)
    await until(lambda: desk.rule.read, "the check")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    desk.rule.gate.set()
    other = desk.open("xy", "file:///other.md")
    await full(desk, other)
    assert desk.rule.read == ["Onex.\n", "xy"]
    assert len((await full(desk, document)).items) == 3
    assert desk.rule.read[2:] == ["Twox.\n", "Threex."], "what was read is known"


async def test_one_who_gives_up_takes_nothing_from_another(desk: Desk) -> None:
    desk.rule.gate.clear()
    document = desk.open("A mixtake.")
    first, second = begin(desk, document), begin(desk, document)
    await until(lambda: desk.rule.read, "the check")
    first.cancel()
    desk.rule.gate.set()
    report = await second
    assert isinstance(report, Full) and len(report.items) == 1


async def test_nobody_is_kept_waiting_for_a_long_document_but_its_reading_goes_on_when_asked_again(
    desks: Callable[..., Desk],
) -> None:
    desk = desks(pulls=True, answer_s=0.01)
    desk.rule.gate.clear()
    document = desk.open("A mixtake.")
    with pytest.raises(TimeoutError):
        await desk.grammar.report(document, None)
    desk.rule.gate.set()
    while True:
        try:
            assert len((await full(desk, document)).items) == 1
            break
        except TimeoutError:
            continue
    assert desk.rule.read == ["A mixtake."]


async def test_nothing_for_what_is_never_read(desk: Desk) -> None:
    nothing = Full([], result_id="nothing")
    assert await desk.grammar.report(None, None) == nothing
    assert await desk.grammar.report(desk.open("xy = 1", "file:///a.py", "python"), None) == nothing
    assert await desk.grammar.report(desk.open("x" + " " * MOST_CHARACTERS, "file:///long.md"), None) == nothing
    desk.inactive = "The document is excluded."
    document = desk.open("xy")
    assert await desk.grammar.report(document, None) == nothing
    assert await desk.grammar.report(document, "nothing") == Unchanged(result_id="nothing")
    assert desk.rule.read == []


async def test_a_document_that_is_set_apart_shows_nothing_any_more(desk: Desk) -> None:
    document = desk.open("xy")
    await full(desk, document)
    desk.inactive = "The document is excluded."
    desk.grammar.configure(allowed=True, documents=[document])
    assert desk.bid == 1
    assert (await full(desk, document)).items == []


async def test_what_is_excluded_while_somebody_waits_is_nothing_until_it_is_not(desk: Desk) -> None:
    desk.rule.gate.clear()
    document = desk.open("A mixtake.\n\nAnother mixtake.")
    asked = begin(desk, document)
    await until(lambda: desk.rule.read, "the check")
    desk.inactive = "The document is excluded."
    desk.rule.gate.set()
    assert await asked == Full([], result_id="nothing")
    assert desk.rule.read == ["A mixtake.\n"]
    desk.inactive = ""
    assert len((await full(desk, document)).items) == 2
    desk.inactive = "The document is excluded."
    assert (await full(desk, document)).items == []


async def test_settings_and_words_that_change_bid_the_editor_to_ask_anew(desk: Desk) -> None:
    document = desk.open("xylo yx")
    assert len((await full(desk, document)).items) == 2
    assert desk.bid == 0
    assert desk.grammar.add_word("xylo")
    assert desk.bid == 1
    assert len((await full(desk, document)).items) == 1
    desk.grammar.configure(allowed=False, documents=[document])
    assert (desk.bid, (await full(desk, document)).items) == (2, [])
    desk.grammar.configure(allowed=True, documents=[document])
    assert (desk.bid, len((await full(desk, document)).items)) == (3, 1)
    own_words.added(store.layout()).unlink()
    own_words.added(store.layout()).mkdir()
    assert not desk.grammar.add_word("yx")
    assert desk.bid == 3


async def test_switched_off_by_the_author_nobody_is_bid_to_ask(desks: Callable[..., Desk]) -> None:
    desk = desks(pulls=True, enabled=False)
    document = desk.open("xy")
    desk.grammar.configure(allowed=True, documents=[document])
    assert desk.bid == 0 and (await full(desk, document)).items == []


async def test_fixes_are_those_of_the_last_answer(desk: Desk) -> None:
    document = desk.open("A mixtake.")
    assert desk.fixes(5) == []
    await full(desk, document)
    assert desk.fixes(5)[0].title == "Replace with “mistake”"


async def test_an_editor_that_does_not_ask_after_all_is_sent_what_is_found(desk: Desk) -> None:
    document = desk.open("A mixtake.")
    desk.grammar.push([document])
    assert len((await desk.next()).diagnostics) == 1
    assert desk.bid == 0


async def test_whoever_waits_is_answered_when_the_server_leaves(desk: Desk) -> None:
    desk.rule.gate.clear()
    asked = begin(desk, desk.open("A mixtake."))
    await until(lambda: desk.rule.read, "the check")
    await desk.grammar.close()
    assert await asked == Full([], result_id="nothing")
