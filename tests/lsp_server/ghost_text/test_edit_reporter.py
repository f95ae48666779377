from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.journal.events import as_event, mappings

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DaemonUnreachable, RequestInvalid
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.wire.protocol import Done, Record, Refused
from shadowpen.lsp_server.documents.documents import DocumentEdit, Documents
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text import edit_reporter
from shadowpen.lsp_server.ghost_text.edit_reporter import EditReporter
from shadowpen.lsp_server.ghost_text.suggestions import Display, End, SuggestionRecord, Suggestions

from .records import a_record

URI = "file:///essay.md"


class Desk:
    """A reporter in front of a daemon that acknowledges, or fails as often as told."""

    def __init__(self, learning: str = "on", **settings: Any) -> None:
        self.documents = Documents()
        self.document = self.documents.open(types.TextDocumentItem(URI, "markdown", 1, "The quick brown fox"))
        self.failures: list[Exception] = []
        self.stored: list[dict[str, Any]] = []
        self.tries = 0
        self.most_at_once = 1000
        self.questions = 0
        config = Config(learning=LearningSettings(enabled=learning, **settings))
        self.suggestions = Suggestions()
        self.reporter = EditReporter(self.documents, self.suggestions, self._ask, self._question, lambda: config)

    async def _ask(self, record: Record, timeout_s: float) -> Done:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        if len(record.events) > self.most_at_once:
            raise RequestInvalid("The message is too large.")
        told = mappings(record)
        bad = [place for place, event in enumerate(told) if event["id"] == "bad"]
        if bad and len(bad) == len(told):
            raise RequestInvalid("malformed")
        self.stored.extend(event for event in told if event["id"] != "bad")
        return Done(id=record.id, refused=[Refused(place=place, reason="malformed") for place in bad])

    def _question(self) -> None:
        self.questions += 1

    def accept(
        self,
        id: str = "g",
        uri: str = URI,
        language: str = "markdown",
        columns: tuple[int, int] = (4, 9),
    ) -> None:
        start, end = Point(0, columns[0]), Point(0, columns[1])
        context = self.document.lines.before(start, 1_000)
        record = self.suggestions.add(a_record(id, "quick", uri=uri, language=language))
        record.display = Display(end, "", context, "", begun=start, passed="quick")
        self.reporter.accepted(record)

    def type(self, start: int, end: int, text: str) -> DocumentEdit:
        span = types.Range(types.Position(0, start), types.Position(0, end))
        edit = self.document.apply(types.TextDocumentContentChangePartial(range=span, text=text))
        self.reporter.changed(URI, edit)
        return edit

    def shown(self, seen_s: float = 2.0) -> SuggestionRecord:
        """What was suggested at the end of the first sentence."""
        record = self.suggestions.add(a_record("d", " jumps over", "The quick brown fox", uri=URI))
        record.display = Display(Point(0, 19), record.text, "The quick brown fox", "", time.time() - seen_s)
        return record

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "_RETRY_S", 0)


async def test_it_is_sent_again_until_the_daemon_has_it() -> None:
    desk = Desk()
    desk.failures = [DaemonUnreachable("gone"), DaemonUnreachable("gone")]
    desk.accept()
    await desk.until(lambda: bool(desk.stored))
    assert desk.tries == 3
    assert [event["id"] for event in desk.stored] == ["g"]


async def test_what_a_daemon_will_never_take_is_given_up() -> None:
    desk = Desk()
    desk.failures = [RequestInvalid("malformed")]
    desk.accept()
    await desk.until(lambda: desk.tries == 1)
    desk.accept("h")
    await desk.until(lambda: bool(desk.stored))
    assert [event["id"] for event in desk.stored] == ["h"]


async def test_only_what_is_refused_is_dropped_and_that_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    for id in ("a", "bad", "b"):
        desk.accept(id)
    await desk.until(lambda: len(desk.stored) == 2)
    assert [event["id"] for event in desk.stored] == ["a", "b"]
    assert desk.reporter.refused == 1 and "refuses" in caplog.text


async def test_what_is_too_much_for_one_message_goes_in_several() -> None:
    desk = Desk()
    desk.most_at_once = 2
    for number in range(7):
        desk.accept(str(number))
    await desk.until(lambda: len(desk.stored) == 7)
    assert [event["id"] for event in desk.stored] == [str(number) for number in range(7)]
    assert desk.reporter.refused == 0


async def test_what_stands_there_is_told_after_two_minutes_and_after_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.001), ("10min", 0.002)))
    desk = Desk()
    desk.accept()
    await desk.until(lambda: len(desk.stored) == 2)
    assert (desk.stored[1]["type"], desk.stored[1]["when"], desk.stored[1]["text"]) == ("kept", "2min", "quick")
    desk.type(5, 9, "red")
    await desk.until(lambda: len(desk.stored) == 3)
    assert (desk.stored[2]["when"], desk.stored[2]["text"]) == ("10min", "qred")
    await desk.reporter.close()
    assert len(desk.stored) == 3, "it is reported once a look"


async def test_between_two_looks_closing_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.001), ("10min", 600.0)))
    desk = Desk()
    desk.accept()
    await desk.until(lambda: len(desk.stored) == 2)
    desk.reporter.closing(desk.document)
    await desk.reporter.close()
    assert [event.get("when") for event in desk.stored] == [None, "2min", "closed"]


async def test_of_a_document_set_apart_later_nothing_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.001), ("10min", 0.001)))
    desk = Desk()
    desk.accept()
    desk.reporter.ended(desk.shown(), "typed_over")
    desk.reporter.set_apart(desk.document)
    await desk.until(lambda: bool(desk.stored))
    await asyncio.sleep(0.01)
    desk.reporter.closing(desk.document)
    await desk.reporter.close()
    assert [event["type"] for event in desk.stored] == ["accepted"]


@pytest.mark.parametrize("how", ["typed_over", "dismissed"])
async def test_what_was_typed_instead_of_a_suggestion_is_told(monkeypatch: pytest.MonkeyPatch, how: End) -> None:
    monkeypatch.setattr(edit_reporter, "INSTEAD_AFTER_S", 0.001)
    monkeypatch.setattr(edit_reporter, "LOOKS", (("2min", 0.001), ("10min", 600.0)))
    desk = Desk()
    desk.type(19, 19, " ran")
    desk.reporter.ended(desk.shown(), how)
    await desk.until(lambda: bool(desk.stored))
    event = desk.stored[0]
    assert (event["type"], event["id"], event["how"]) == ("dismissed", "d", how)
    assert (event["context"], event["suggested"], event["typed"]) == ("The quick brown fox", " jumps over", " ran")
    assert event["shown_ms"] >= 750
    assert as_event(event)


async def test_the_next_acceptance_ends_what_was_typed_instead() -> None:
    desk = Desk()
    desk.type(19, 19, " ran quickly")
    desk.reporter.ended(desk.shown(), "typed_over")
    desk.accept(columns=(23, 31))
    await desk.reporter.close()
    assert [event["type"] for event in desk.stored] == ["accepted", "dismissed", "kept"]
    assert desk.stored[1]["typed"] == " ran"


PARAGRAPH = " ran away from all that, and nobody knows why."


@pytest.mark.parametrize("concluded", [True, False])
async def test_what_its_author_deleted_before_it_counted_as_kept_is_told_to_nobody(concluded: bool) -> None:
    desk = Desk()
    desk.type(19, 19, PARAGRAPH)
    desk.reporter.ended(desk.shown(), "typed_over")
    if concluded:
        desk.accept(columns=(19 + len(PARAGRAPH), 19 + len(PARAGRAPH)))
    desk.type(0, 19 + len(PARAGRAPH), "")
    await desk.reporter.close()
    event = next(event for event in desk.stored if event["type"] == "dismissed")
    assert (event["context"], event["suggested"], event["typed"]) == ("", "", "")
    assert as_event(event)


async def test_of_what_was_deleted_in_part_the_rest_is_told() -> None:
    desk = Desk()
    desk.type(19, 19, PARAGRAPH)
    desk.reporter.ended(desk.shown(), "typed_over")
    desk.accept(columns=(19 + len(PARAGRAPH), 19 + len(PARAGRAPH)))
    desk.type(23, 19 + len(PARAGRAPH), "")
    desk.type(0, 4, "")
    await desk.reporter.close()
    event = next(event for event in desk.stored if event["type"] == "dismissed")
    assert (event["context"], event["typed"]) == ("quick brown fox", " ran")


async def test_what_was_waved_away_is_told_though_nothing_was_typed() -> None:
    desk = Desk()
    desk.reporter.ended(desk.shown(), "dismissed")
    await desk.reporter.close()
    (event,) = desk.stored
    assert (event["context"], event["suggested"], event["typed"]) == ("The quick brown fox", " jumps over", "")


async def test_what_was_typed_instead_is_found_though_the_text_above_it_moves() -> None:
    desk = Desk()
    desk.type(19, 19, " ran")
    desk.reporter.ended(desk.shown(), "typed_over")
    desk.type(0, 0, "A new line.\n")
    await desk.reporter.close()
    assert desk.stored[0]["typed"] == " ran"


@pytest.mark.parametrize(
    ("keep", "told"),
    [("both", {"accepted", "kept", "dismissed"}), ("accepted", {"accepted", "kept"}), ("written", {"dismissed"})],
)
async def test_the_two_kinds_are_chosen_apart(keep: str, told: set[str]) -> None:
    desk = Desk(keep=keep)
    desk.type(19, 19, " ran")
    desk.reporter.ended(desk.shown(), "typed_over")
    desk.accept(columns=(4, 9))
    assert desk.reporter.rate(5) is (keep != "written")
    await desk.reporter.close()
    assert {event["type"] for event in desk.stored} - {"rated"} == told


@pytest.mark.parametrize("how", ["left", "typed_out"])
async def test_other_ends_say_nothing_of_the_author(how: End) -> None:
    desk = Desk()
    desk.reporter.ended(desk.shown(), how)
    await desk.reporter.close()
    assert desk.tries == 0


async def test_what_was_hardly_seen_is_not_told() -> None:
    desk = Desk()
    desk.reporter.ended(desk.shown(seen_s=0.2), "typed_over")
    await desk.reporter.close()
    assert desk.tries == 0


async def test_a_paste_is_told_and_ends_the_context_of_what_is_taken_after_it() -> None:
    desk = Desk()
    desk.reporter.pasted(desk.document, desk.type(0, 0, "Words that somebody else has written. "))
    desk.accept(columns=(42, 47))
    await desk.until(lambda: len(desk.stored) == 2)
    pasted, accepted = desk.stored
    assert (pasted["type"], pasted["text"]) == ("pasted", "Words that somebody else has written. ")
    assert accepted["context"] == "The "


async def test_a_pasted_answer_is_not_what_the_author_typed() -> None:
    desk = Desk()
    desk.reporter.pasted(desk.document, desk.type(19, 19, " and all that which somebody else wrote"))
    desk.reporter.ended(desk.shown(), "typed_over")
    await desk.reporter.close()
    assert [event["typed"] for event in desk.stored if event["type"] == "dismissed"] == [""]


async def test_at_the_end_everything_is_reported_and_waited_for() -> None:
    desk = Desk()
    desk.accept()
    await desk.reporter.close()
    assert [(event["type"], event.get("when")) for event in desk.stored] == [("accepted", None), ("kept", "shutdown")]


@pytest.mark.parametrize("learning", ["ask", "off"])
async def test_without_consent_nothing_leaves(learning: str) -> None:
    desk = Desk(learning)
    desk.accept()
    desk.accept("h")
    await desk.reporter.close()
    assert desk.tries == 0
    assert desk.questions == (1 if learning == "ask" else 0)


@pytest.mark.parametrize(
    ("uri", "language"),
    [("file:///home/me/.env", "plaintext"), ("git:/x.md", "markdown"), ("file:///x/private/a.md", "markdown")],
)
async def test_what_is_set_apart_does_not_leave(uri: str, language: str) -> None:
    desk = Desk(private_folders=["/x/private"])
    desk.accept("g", uri, language)
    await desk.reporter.close()
    assert desk.tries == 0


async def test_what_was_taken_last_is_rated() -> None:
    desk = Desk()
    assert not desk.reporter.rate(5)
    desk.accept()
    desk.accept("h")
    assert desk.reporter.rate(1)
    await desk.until(lambda: len(desk.stored) == 3)
    assert (desk.stored[2]["type"], desk.stored[2]["id"], desk.stored[2]["rating"]) == ("rated", "h", 1)
    assert as_event(desk.stored[2])


async def test_without_consent_there_is_nothing_to_rate() -> None:
    desk = Desk("off")
    desk.accept()
    assert not desk.reporter.rate(5)
