from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from lsprotocol import types

from shadowpen.daemon.base.errors import ModelMissing, RequestCancelled, ShadowpenError
from shadowpen.daemon.wire.protocol import Complete, Completion, Partial, Suggestion
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text import type_through
from shadowpen.lsp_server.ghost_text.inline import (
    AUTOMATIC_TIMEOUT_S,
    EXPLICIT_TIMEOUT_S,
    Offer,
    Suggester,
    SuggestOptions,
)
from shadowpen.lsp_server.ghost_text.suggestions import Suggestions

from ..fakes import FakeClient


class Desk:
    """A document whose end is the cursor, and a suggester behind it."""

    def __init__(self, text: str = "The quick") -> None:
        self.client = FakeClient()
        self.failures: list[ShadowpenError] = []
        self.limits: list[float] = []
        self.suggestions = Suggestions()
        self.suggester = Suggester(self.suggestions, self.ask, self.failures.append)
        self.document: OpenDocument = Documents().open(types.TextDocumentItem("file:///a.md", "markdown", 1, text))

    async def ask(self, request: Complete, timeout_s: float, on_partial: Callable[[Partial], None]) -> Completion:
        self.limits.append(timeout_s)
        reply = await self.client.request(request, on_partial=on_partial)
        assert isinstance(reply, Completion)
        return reply

    def type(self, text: str) -> None:
        end = self.document.lines.end()
        self.document.lines.replace(end, end, text)
        self.document.revision += 1

    async def suggest(self, **wish: object) -> list[Offer]:
        answer = await self.suggester.suggest(self.document, self.document.lines.end(), SuggestOptions(**wish))  # type: ignore[arg-type]
        return list(answer.offers)

    async def texts(self, **wish: object) -> list[str]:
        return [offer.text for offer in await self.suggest(**wish)]

    async def until_grown(self, text: str) -> None:
        """Until what goes on from `text`, asked for behind an answer, is taken in."""
        record = next(self.suggestions.of(self.document.uri))
        async with asyncio.timeout(20):
            while record.text + record.ahead == text:
                await asyncio.sleep(0)

    @property
    def asked(self) -> list[Complete]:
        return [message for message in self.client.asked if isinstance(message, Complete)]


async def test_the_daemon_is_asked_with_the_text_around_the_cursor() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox")
    assert await desk.texts(deadline_ms=20) == [" brown fox"]
    request = desk.asked[0]
    assert (request.document, request.prefix, request.suffix) == ("file:///a.md", "The quick", "")
    assert (request.version, request.language, request.explicit, request.deadline_ms) == (1, "markdown", False, 20)


async def test_typing_along_needs_no_daemon_and_keeps_the_id() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox jumps over")
    first = await desk.suggest()
    for letter in " bro":
        desk.type(letter)
        again = await desk.suggest()
    assert [offer.text for offer in again] == ["wn fox jumps over"]
    assert again[0].id == first[0].id
    assert len(desk.asked) == 1


async def test_a_text_that_the_deadline_cut_short_grows_under_the_same_id() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox", final=False)
    first = await desk.suggest()
    desk.client.suggests(" fox jumps over the dog")
    desk.type(" brown")
    grown = await desk.suggest()
    assert [offer.text for offer in grown] == [" fox jumps over the dog"]
    assert grown[0].id == first[0].id


async def test_what_a_key_asks_for_is_one_record_while_it_grows_and_when_it_is_whole() -> None:
    desk, grown = Desk(), list[Offer]()
    desk.client.suggests(" brown fox jumps")
    desk.client.partials = [" brown", "", " brown fox"]
    (whole,) = await desk.suggest(explicit=True, extent="sentence", shown=" brown", on_growth=grown.append)
    assert [offer.text for offer in grown] == [" brown", " brown fox"]
    assert {offer.id for offer in grown} == {whole.id} == {record.id for record in desk.suggestions.of("file:///a.md")}
    assert (desk.asked[0].extent, desk.asked[0].shown) == ("sentence", " brown")


async def test_how_far_the_text_goes_is_said_of_what_a_key_asked_for() -> None:
    desk, place = Desk(), Point(0, 9)
    desk.client.answers["Complete"] = lambda request: Completion(
        id=request.id, suggestions=[Suggestion(text=" brown")], model="m", extent="line"
    )
    by_key = await desk.suggester.suggest(desk.document, place, SuggestOptions(explicit=True))
    by_itself = await desk.suggester.suggest(desk.document, place, SuggestOptions())
    assert (by_key.reached, by_itself.reached) == ("line", "")


async def test_with_the_last_word_what_comes_after_it_is_asked_for_behind_the_answer() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox")
    await desk.suggest()
    desk.client.suggests(" fox jumps over")
    desk.type(" brown")
    assert await desk.texts() == [" fox"]
    await desk.until_grown(" brown fox")
    desk.type(" f")
    assert await desk.texts() == ["ox"]
    desk.type("ox")
    assert await desk.texts() == [" jumps over"]


async def test_a_daemon_that_is_slow_to_grow_it_does_not_hold_the_answer_up() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox", final=False)
    await desk.suggest()
    desk.client.gate.clear()
    desk.type(" brown")
    desk.client.suggests(" fox jumps over")
    assert await desk.texts() == [" fox"]
    desk.client.gate.set()
    await desk.until_grown(" brown fox")
    desk.type(" f")
    assert await desk.texts() == ["ox jumps over"]


async def test_another_opinion_later_does_not_change_what_is_read() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox")
    await desk.suggest()
    desk.client.suggests(" bear")
    desk.type(" brown")
    assert await desk.texts() == [" fox"]


async def test_an_answer_for_text_that_moved_on_is_not_shown_but_remembered() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox jumps")
    desk.client.gate.clear()
    late = asyncio.ensure_future(desk.suggest())
    await desk.client.wait_for("Complete")
    desk.type(" b")
    desk.client.gate.set()
    assert await late == []
    assert await desk.texts() == ["rown fox jumps"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\t"])
def test_blanks_are_never_shown(text: str) -> None:
    async def run() -> None:
        desk = Desk()
        desk.client.suggests(text)
        assert await desk.suggest() == []

    asyncio.run(run())


async def test_a_rest_of_blanks_asks_anew() -> None:
    desk = Desk()
    desk.client.suggests(" brown ")
    await desk.suggest()
    desk.client.suggests(" fox")
    desk.type(" brown")
    assert await desk.texts() == [" fox"]


async def test_a_failure_is_reported_and_nothing_is_shown() -> None:
    desk = Desk()
    error = desk.client.answers["Complete"] = ModelMissing("No model is installed.")
    assert await desk.suggest() == []
    assert desk.failures == [error]


async def test_a_request_dropped_for_a_newer_one_is_no_failure() -> None:
    desk = Desk()
    desk.client.answers["Complete"] = RequestCancelled("superseded")
    assert await desk.suggest() == []
    assert desk.failures == []


async def test_cancelling_reaches_the_daemons_client() -> None:
    desk = Desk()
    task = asyncio.ensure_future(desk.suggest())
    request = await desk.client.wait_for("Complete")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.client.cancelled == [request]


async def test_on_the_users_word_the_daemon_is_asked_and_waited_for() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox")
    await desk.suggest()
    assert await desk.texts(explicit=True) == [" brown fox"]
    assert [request.explicit for request in desk.asked] == [False, True]
    assert desk.limits == [AUTOMATIC_TIMEOUT_S, EXPLICIT_TIMEOUT_S]


async def test_a_single_line_if_the_editor_wants_it() -> None:
    desk = Desk("Dear Mrs")
    desk.client.suggests(". Smith,\n\nThank you")
    assert await desk.texts(single_line=True) == [". Smith,"]


async def test_of_several_suggestions_the_best_is_shown_and_the_others_can_be_typed_along() -> None:
    desk = Desk()
    desk.client.answers["Complete"] = lambda request: Completion(
        id=request.id, suggestions=[Suggestion(text=" brown"), Suggestion(text=" red")], model="m"
    )
    (best,) = await desk.suggest()
    assert best.text == " brown"
    desk.type(" r")
    (other,) = await desk.suggest()
    assert other.text == "ed"
    assert other.id != best.id


async def test_nothing_yet_at_the_deadline_is_asked_for_once_more() -> None:
    desk = Desk()
    replies = iter([Completion(id="1", final=False), Completion(id="2", suggestions=[Suggestion(text=" brown fox")])])
    desk.client.answers["Complete"] = lambda request: next(replies)
    assert await desk.texts() == [" brown fox"]
    assert [request.deadline_ms for request in desk.asked] == [None, 500]


async def test_nothing_at_all_is_not_asked_for_again() -> None:
    desk = Desk()
    desk.client.suggests("")
    assert await desk.texts() == []
    assert len(desk.asked) == 1


async def test_a_daemon_that_was_not_told_cannot_bring_back_what_was_dismissed() -> None:
    desk = Desk()
    desk.client.suggests(" brown fox")
    (offer,) = await desk.suggest()
    type_through.dismiss(desk.suggestions, desk.document.uri, offer.id)
    assert await desk.texts() == []
    assert len(desk.asked) == 2, "the daemon said it again"
    assert await desk.texts(explicit=True) == [" brown fox"]
