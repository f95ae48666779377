from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from msgspec import convert
from support.journal.events import mappings

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.config import load as load_config
from shadowpen.daemon.base.errors import DaemonUnreachable, ModelMissing, RequestInvalid
from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.protocol import (
    Attend,
    AttentionReport,
    Close,
    Complete,
    Event,
    Outcome,
    Prepare,
    StatusReport,
    VerbResult,
)
from shadowpen.daemon.wire.reports import DaemonReport, DaemonState
from shadowpen.lsp_server.session.session import EditorSession
from shadowpen.lsp_server.session.status import ServerState
from shadowpen.lsp_server.writing.expansion import ExpansionOptions

from ..fakes import FakeClient, FakeEditor

URI = "file:///writing/essay.md"


class Desk:
    """A session in front of a fake daemon, and what it sent, showed and reported."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.shown: list[str] = []
        self.asked_consent: list[bool] = []
        self.session = EditorSession(
            self.client,
            Config(),
            lambda method, params: self.sent.append((method, params)),
            self.shown.append,
            lambda: self.asked_consent.append(True),
        )

    def open(self, text: str = "The quick", uri: str = URI) -> None:
        self.session.opened(types.TextDocumentItem(uri, "markdown", 1, text))

    def insert(self, text: str, character: int) -> None:
        at = types.Position(0, character)
        change = types.TextDocumentContentChangePartial(types.Range(at, at), text)
        document = types.VersionedTextDocumentIdentifier(version=2, uri=URI)
        self.session.changed(types.DidChangeTextDocumentParams(document, [change]))

    async def ask(self, character: int) -> list[str]:
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
        params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), types.Position(0, character))
        return [str(item.insert_text) for item in (await self.session.suggestions.inline(params)).items]

    async def told(self, event: Event) -> None:
        """An event of the daemon, taken in."""
        self.client.published.put_nowait(event)
        while not self.client.published.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    @property
    def state(self) -> ServerState:
        return self.session.status.now.state


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    await desk.session.close()


async def test_an_opened_document_is_read_ahead_to_its_end_and_later_to_the_cursor(desk: Desk) -> None:
    desk.client.suggests(" brown")
    desk.open("One.\nTwo.")
    first = await desk.client.wait_for("Prepare")
    assert isinstance(first, Prepare)
    assert (first.document, first.prefix) == (URI, "One.\nTwo.")
    await desk.ask(4)
    desk.session.focused(URI)
    second = await desk.client.wait_for("Prepare", 2)
    assert isinstance(second, Prepare)
    assert second.prefix == "One."


async def ask_by_key(desk: Desk, character: int) -> list[str]:
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked)
    params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), types.Position(0, character))
    return [str(item.insert_text) for item in (await desk.session.suggestions.inline(params)).items]


def state(told: dict[str, Any]) -> DaemonState:
    """What the daemon tells, as it comes over the wire."""
    return convert(told, DaemonState)


AWAKE = {"paused": False, "paused_until": None, "manual_only": False}


@pytest.mark.parametrize("told", [{"paused": True}, {"manual_only": True}])
async def test_while_the_daemon_says_so_nothing_is_asked_but_by_key(desk: Desk, told: dict[str, Any]) -> None:
    desk.client.suggests(" brown")
    desk.session.start()
    desk.open()
    assert await desk.ask(9) == [" brown"]
    before = len(desk.client.of("Complete"))
    await desk.told(
        Event(kind="attention", data=convert({"state": "ready", "attention": {**AWAKE, **told}}, DaemonState))
    )
    desk.insert("x", 9)
    assert await desk.ask(10) == []
    assert len(desk.client.of("Complete")) == before
    assert await ask_by_key(desk, 10) == [" brown"]
    await desk.told(Event(kind="attention", data=state({"state": "ready", "attention": AWAKE})))
    desk.insert("y", 10)
    assert await desk.ask(11) == [" brown"]


async def test_while_paused_nothing_is_read_ahead(desk: Desk) -> None:
    desk.session.daemon.attend(pause="on")
    desk.open()
    desk.session.focused(URI, types.Position(0, 3))
    await asyncio.sleep(0)
    assert desk.client.of("Prepare") == []


async def test_what_is_ordered_here_is_the_daemons_and_its_event_is_the_status(desk: Desk) -> None:
    desk.client.answers["Attend"] = AttentionReport(id="", paused=True, paused_until=None)
    desk.session.start()
    assert desk.session.daemon.attend(pause="on")["state"] == "paused"
    told = await desk.client.wait_for("Attend")
    assert isinstance(told, Attend) and (told.pause, told.manual) == ("on", None)
    await desk.told(Event(kind="attention", data=state({"attention": {**AWAKE, "paused": True}})))
    assert desk.state is ServerState.PAUSED
    await desk.told(Event(kind="attention", data=state({"attention": {**AWAKE, "manual_only": True}})))
    assert desk.state is ServerState.READY
    assert desk.session.status.now.params()["manual"] is True


async def test_the_last_order_is_the_last_one_told(desk: Desk) -> None:
    desk.client.answers["Attend"] = AttentionReport(id="")
    desk.client.gate.clear()
    desk.session.start()
    desk.session.daemon.attend(pause="on")
    await desk.client.wait_for("Attend")
    desk.session.daemon.attend(pause=0, manual=True)
    assert len(desk.client.of("Attend")) == 1
    await desk.told(Event(kind="attention", data=state({"attention": {**AWAKE, "paused": True}})))
    assert desk.session.status.now.params()["manual"] is True
    desk.client.gate.set()
    last = await desk.client.wait_for("Attend", 2)
    assert isinstance(last, Attend) and (last.pause, last.manual) == (0, True)


async def test_without_a_daemon_it_holds_here_is_kept_and_told_later(desk: Desk, layout: store.Layout) -> None:
    desk.client.answers["Attend"] = AttentionReport(id="", paused=True)
    desk.client.connected = False
    desk.session.start()
    assert desk.session.daemon.attend(pause="on")["state"] == "paused"
    assert Attention(layout.attention).is_paused
    desk.client.connected = True
    await desk.told(Event(kind="state", data=state({"state": "ready", "attention": AWAKE})))
    assert desk.state is ServerState.PAUSED
    told = await desk.client.wait_for("Attend")
    assert isinstance(told, Attend) and told.pause == "on"


async def test_a_daemon_that_does_not_know_of_it_leaves_it_to_this_editor(desk: Desk) -> None:
    desk.client.answers["Attend"] = RequestInvalid("What?")
    desk.session.start()
    desk.session.daemon.attend(pause="on")
    await desk.client.wait_for("Attend")
    await desk.told(Event(kind="state", data=state({"state": "ready"})))
    assert desk.state is ServerState.PAUSED
    assert len(desk.client.of("Attend")) == 1


async def test_the_headings_above_the_window_go_along_where_some_are_silent(desk: Desk) -> None:
    settings = Config(completion=CompletionSettings(off_headings=["references"]))
    session = EditorSession(desk.client, settings, lambda *_: None, lambda _: None)
    desk.client.suggests(" brown")
    text = "# Book\n## References\n" + "word " * 4000
    session.opened(types.TextDocumentItem(URI, "markdown", 1, text))
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    at = types.Position(2, 5 * 4000)
    await session.suggestions.inline(types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), at))
    request = await desk.client.wait_for("Complete")
    assert isinstance(request, Complete) and "#" not in request.prefix
    assert request.headings == [(1, "Book"), (2, "References")]
    await session.close()


async def test_where_the_cursor_rests_is_read_ahead(desk: Desk) -> None:
    desk.client.suggests(" brown")
    desk.open("One.\nTwo.")
    await desk.client.wait_for("Prepare")
    desk.session.focused(URI, types.Position(0, 3))
    second = await desk.client.wait_for("Prepare", 2)
    assert isinstance(second, Prepare) and second.prefix == "One"
    desk.session.focused(URI, types.Position(99, 99))  # beyond the end is the end
    third = await desk.client.wait_for("Prepare", 3)
    assert isinstance(third, Prepare) and third.prefix == "One.\nTwo."


SECRET = "The quick password is swordfish"
PASTED = " and here is a whole paragraph that was copied from elsewhere into this file"


async def every_route(session: EditorSession, uri: str) -> None:
    """All that an editor does with a document from its opening to its end."""
    here, identifier = types.Position(0, len(SECRET)), types.TextDocumentIdentifier(uri)
    session.opened(types.TextDocumentItem(uri, "plaintext", 1, SECRET))
    session.focused(uri, here)
    versioned = types.VersionedTextDocumentIdentifier(version=2, uri=uri)
    for text in ("s", PASTED):
        change = types.TextDocumentContentChangePartial(types.Range(here, here), text)
        session.changed(types.DidChangeTextDocumentParams(versioned, [change]))
    for kind in types.InlineCompletionTriggerKind:
        asked = types.InlineCompletionParams(types.InlineCompletionContext(kind), identifier, here)
        assert (await session.suggestions.inline(asked)).items == []
    assert (await session.suggestions.completion(types.CompletionParams(identifier, here))).items == []
    assert await session.suggestions.why(uri, here) is None
    assert not (await session.continue_paragraph(uri, here, FakeEditor()))["applied"]
    span = types.Range(types.Position(0, 0), here)
    assert not (await session.expand(uri, span, ExpansionOptions(), FakeEditor()))["applied"]
    session.suggestions.dismiss(None)
    session.suggestions.confirm("1", "swordfish")
    session.suggestions.rate(5)
    session.closed(uri)


@pytest.mark.parametrize(
    "path",
    [
        *("/home/me/.env", "/home/me/prod.env", "/home/me/server.pem", "/home/me/private.key", "/home/me/.ssh/id_rsa"),
        *("/home/me/id_ed25519", "/home/me/.netrc", "/home/me/all.kdbx", "/home/me/.ssh/notes.txt"),
        *("/home/me/secrets.txt", "/home/me/credentials", "/home/me/drafts/book.md", "/home/me/own/book.md"),
    ],
)
async def test_nothing_of_an_inactive_document_reaches_the_daemon_by_any_route(
    desk: Desk, layout: store.Layout, path: str
) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "exclude", ["own"])
    session = EditorSession(
        desk.client, load_config(), lambda method, params: desk.sent.append((method, params)), desk.shown.append
    )
    desk.client.suggests(" brown")
    session.configure({"exclude": ["drafts"]})
    before = len(desk.client.asked)
    await every_route(session, f"file://{path}")
    await session.close()
    assert desk.client.asked[before:] == []
    about = [params["documentState"] for _, params in desk.sent if "documentState" in params]
    assert about[0]["state"] == "inactive" and about[0]["reason"]


async def test_what_became_of_text_in_a_document_excluded_since_then_is_not_told(
    desk: Desk, layout: store.Layout
) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    desk.client.suggests(" brown fox")
    desk.open()
    await desk.ask(9)
    desk.insert(" brown", 9)
    desk.insert(" red", 9)
    await desk.client.wait_for("Record")
    desk.session.configure({"exclude": ["*"]})
    desk.session.closed(URI)
    await desk.session.close()
    assert [event["type"] for record in desk.client.of("Record") for event in mappings(record)] == ["accepted"]


async def test_the_same_routes_do_reach_it_with_any_other_document(desk: Desk, layout: store.Layout) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    desk.client.suggests(" brown")
    with pytest.raises(AssertionError):
        await every_route(desk.session, "file:///home/me/essay.txt")
    await asyncio.sleep(0)
    kinds = {type(message).__name__ for message in desk.client.asked}
    assert {"Prepare", "Complete"} <= kinds
    told = [event for record in desk.client.of("Record") for event in mappings(record)]
    assert PASTED in [event.get("text") for event in told]


async def test_a_closed_document_is_closed_in_the_daemon(desk: Desk) -> None:
    desk.open()
    desk.session.closed(URI)
    message = await desk.client.wait_for("Close")
    assert isinstance(message, Close)
    assert message.document == URI
    assert await desk.ask(9) == []


async def test_the_editor_may_ask_for_an_earlier_answer_but_not_for_a_later_one(desk: Desk) -> None:
    desk.client.suggests("")
    desk.open()
    for wished, expected in ((30, 30), (4_000, Config().completion.deadline_ms), (None, None)):
        desk.session.configure({"deadlineMs": wished})
        await desk.ask(9)
        request = desk.client.of("Complete")[-1]
        assert isinstance(request, Complete)
        assert request.deadline_ms == expected


async def test_with_consent_acceptances_go_to_the_journal_and_what_was_kept_when_the_document_closes(
    desk: Desk, home: Path
) -> None:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    desk.client.suggests(" brown fox")
    desk.open()
    assert await desk.ask(9) == [" brown fox"]
    desk.insert(" brown", 9)
    desk.insert(" red", 9)
    desk.session.closed(URI)
    await desk.session.close()
    accepted, kept = (event for record in desk.client.of("Record") for event in mappings(record))
    assert (accepted["type"], accepted["taken"], accepted["context"]) == ("accepted", " brown", "The quick")
    assert (accepted["document"], accepted["language"], accepted["model"]) == (URI, "markdown", "m@base")
    assert (kept["type"], kept["id"], kept["when"], kept["text"]) == ("kept", accepted["id"], "closed", " brown")
    assert desk.asked_consent == []


async def test_without_an_answer_the_question_is_put_once_and_nothing_is_sent(desk: Desk) -> None:
    desk.client.suggests(" brown fox")
    desk.open()
    await desk.ask(9)
    desk.insert(" brown", 9)
    await desk.ask(15)
    desk.insert(" fox", 15)
    await desk.session.close()
    assert desk.asked_consent == [True]
    assert desk.client.of("Record") == []


async def test_what_another_model_said_is_forgotten(desk: Desk) -> None:
    desk.session.start()
    desk.client.suggests(" brown fox jumps")
    desk.open()
    await desk.ask(9)
    await desk.told(Event(kind="model_swapped", data=state({"state": "ready", "model": "m@2"})))
    assert desk.session.status.now.model == "m@2"
    desk.client.suggests(" red")
    assert await desk.ask(9) == [" red"]


async def test_the_daemons_word_on_its_model_becomes_the_state(desk: Desk) -> None:
    desk.session.start()
    await desk.told(Event(kind="state", data=state({"state": "ready", "model": "m@1"})))
    assert desk.state is ServerState.READY
    await desk.told(Event(kind="disconnected"))
    assert desk.state is ServerState.STARTING
    error = {"code": "model_missing", "message": "No model is installed.", "hint": "Run shadowpen setup."}
    await desk.told(Event(kind="model_failed", data=state({"state": "failed", "error": error})))
    assert desk.state is ServerState.ERROR
    assert desk.shown == ["No model is installed. Run shadowpen setup."]
    await desk.told(Event(kind="model_loaded", data=state({"state": "ready", "model": "m@1"})))
    assert desk.state is ServerState.READY


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            {"state": "running", "phase": "Learning", "done": 21, "total": 100},
            {"message": "Learning", "fraction": 0.21},
        ),
        ({"state": "running", "phase": "Loading", "done": 0, "total": 0}, {"message": "Loading", "fraction": None}),
        ({"state": "paused", "phase": "Learning"}, {"message": "Waiting until nobody types", "fraction": None}),
        ({"state": "promoted", "version": "v1"}, None),
    ],
)
async def test_editors_are_told_how_a_training_run_stands(desk: Desk, told: Any, shown: Any) -> None:
    desk.session.start()
    running = {"state": "running", "phase": "Writing", "done": 1, "total": 2}
    await desk.told(
        Event(kind="training", data=convert({"state": "ready", "model": "m@1", "training": running}, DaemonState))
    )
    await desk.told(
        Event(kind="training", data=convert({"state": "ready", "model": "m@1", "training": told}, DaemonState))
    )
    assert desk.sent[-2][1]["training"] == shown
    assert desk.state is ServerState.READY


async def test_going_back_to_an_older_version_is_told_once(desk: Desk) -> None:
    desk.session.start()
    told = {"state": "rolled_back", "message": "You accepted fewer. v0001 answers again."}
    for _ in range(2):
        await desk.told(
            Event(kind="training", data=convert({"state": "ready", "model": "m@1", "training": told}, DaemonState))
        )
    assert desk.shown == ["You accepted fewer. v0001 answers again."]


async def test_alarms_are_shown_and_each_once(desk: Desk) -> None:
    desk.session.start()
    for alarms in (["Few were taken."], ["Few were taken.", "It is slow."], []):
        told = {"state": "ready", "model": "m@1", "alarms": alarms}
        await desk.told(Event(kind="alarm", data=convert(told, DaemonState)))
    assert desk.shown == ["Few were taken.", "It is slow."]
    assert desk.state is ServerState.READY


async def test_a_daemon_that_cannot_be_started_is_told_once(desk: Desk) -> None:
    desk.client.connected = False
    desk.client.answers["Status"] = desk.client.answers["Complete"] = DaemonUnreachable("No.", "Look at the log.")
    desk.session.start()
    await desk.client.wait_for("Status")
    desk.open()
    for _ in range(3):
        assert await desk.ask(9) == []
    assert desk.shown == ["No. Look at the log."]
    assert desk.state is ServerState.ERROR


async def test_an_error_ends_with_the_first_answer(desk: Desk) -> None:
    desk.client.answers["Complete"] = ModelMissing("No model is installed.", "Run shadowpen setup.")
    desk.open()
    await desk.ask(9)
    assert desk.state is ServerState.ERROR
    desk.client.suggests(" brown")
    await desk.ask(9)
    assert desk.state is ServerState.READY


async def test_the_report_says_what_the_daemon_says_or_that_it_does_not(desk: Desk) -> None:
    desk.client.answers["Status"] = StatusReport(id="", report=DaemonReport(pid=7))
    assert (await desk.session.report())["daemon"]["pid"] == 7
    desk.client.answers["Status"] = DaemonUnreachable("gone")
    assert (await desk.session.report())["daemon"] is None


async def test_problems_of_the_authors_settings_are_told() -> None:
    shown: list[str] = []
    session = EditorSession(FakeClient(), Config(problems=("daemon.cache_mb is odd.",)), lambda *_: None, shown.append)
    session.start()
    await session.close()
    assert shown == ["daemon.cache_mb is odd."]


async def test_switching_off_and_on_in_the_editor(desk: Desk) -> None:
    desk.client.suggests(" brown")
    desk.open()
    desk.session.configure({"enabled": False})
    assert desk.state is ServerState.INACTIVE
    assert await desk.ask(9) == []
    desk.session.configure({})
    assert desk.state is ServerState.READY
    assert await desk.ask(9) == [" brown"]


async def test_a_paragraph_of_an_unknown_or_inactive_document_is_not_continued(desk: Desk) -> None:
    here = types.Position(0, 0)
    desk.open(uri="git:/a.md")
    for uri in ("file:///unknown.md", "git:/a.md"):
        result = await desk.session.continue_paragraph(uri, here, None)  # type: ignore[arg-type]
        assert not result["applied"]
        assert result["reason"]
    assert desk.client.asked == []


async def test_a_selection_of_an_unknown_or_inactive_document_is_not_expanded(desk: Desk) -> None:
    editor, somewhere = FakeEditor(), types.Range(types.Position(0, 0), types.Position(0, 9))
    desk.open(uri="git:/a.md")
    for uri in ("file:///unknown.md", "git:/a.md"):
        result = await desk.session.expand(uri, somewhere, ExpansionOptions(), editor)
        assert not result["applied"]
        assert editor.told.pop() == ("warn", f"Shadowpen: {result['reason'].rstrip('.')}.")
        assert (await desk.session.expand(uri, somewhere, ExpansionOptions(preview=True), editor))["reason"] == result[
            "reason"
        ]
    assert (desk.client.asked, editor.told) == ([], [])


async def test_wrong_notes_are_no_error_of_the_daemon_but_a_missing_model_is(desk: Desk) -> None:
    span = types.Range(types.Position(0, 0), types.Position(0, 9))
    desk.open()
    desk.session.status.ready()
    before = desk.state
    desk.client.answers["Expand"] = RequestInvalid("Too many words.", "Select fewer.")
    await desk.session.expand(URI, span, ExpansionOptions(preview=True), FakeEditor())
    assert desk.state is before
    desk.client.answers["Expand"] = ModelMissing("No model is installed.", "Run shadowpen setup.")
    result = await desk.session.expand(URI, span, ExpansionOptions(preview=True), FakeEditor())
    assert (result["candidates"], result["reason"]) == ([], "No model is installed. Run shadowpen setup.")
    assert desk.state is ServerState.ERROR


async def test_the_daemon_is_told_what_became_of_each_suggestion(desk: Desk) -> None:
    desk.client.suggests(" brown fox")
    desk.open()
    assert await desk.ask(9) == [" brown fox"]
    desk.insert(" brown fox", 9)
    asked = desk.client.of("Complete")[0]
    shown, taken = await desk.client.wait_for("Outcome"), await desk.client.wait_for("Outcome", 2)
    assert isinstance(shown, Outcome) and isinstance(taken, Outcome)
    assert (shown.of, shown.kind) == (asked.id, "shown")
    assert (taken.of, taken.kind, taken.characters) == (asked.id, "taken", len(" brown fox"))


async def test_what_is_dismissed_is_neither_kept_on_the_screen_nor_told_twice(desk: Desk) -> None:
    desk.client.suggests(" brown fox")
    desk.open()
    await desk.ask(9)
    desk.session.suggestions.dismiss(None)
    desk.session.suggestions.dismiss(None)
    dismissed = await desk.client.wait_for("Outcome", 2)
    assert isinstance(dismissed, Outcome) and dismissed.kind == "dismissed"
    desk.client.suggests("")
    assert await desk.ask(9) == []
    assert len(desk.client.of("Complete")) == 2
    assert len(desk.client.of("Outcome")) == 2


async def test_the_daemon_hears_what_was_done_last(desk: Desk) -> None:
    desk.client.suggests("")
    desk.open()
    for text in (" ", "two lines\nthat were pasted"):
        desk.insert(text, 9)
        await desk.ask(10)
    assert [request.last_edit for request in desk.client.of("Complete") if isinstance(request, Complete)] == [
        "typed",
        "pasted",
    ]


async def test_what_the_editor_refuses_is_not_written_again(desk: Desk) -> None:
    desk.open("the notes")
    desk.client.expands("The notes as a paragraph.")
    desk.client.writes("And so it goes on.")
    desk.client.answers["RunVerb"] = VerbResult(id="", text="Some notes")
    span = types.Range(types.Position(0, 0), types.Position(0, 9))

    works: dict[str, Callable[[FakeEditor], Awaitable[dict[str, Any]]]] = {
        "Expand": lambda editor: desk.session.expand(URI, span, ExpansionOptions(), editor),
        "Continue": lambda editor: desk.session.continue_paragraph(URI, span.end, editor),
        "RunVerb": lambda editor: desk.session.run_verb(URI, span, "rewrite", {}, editor),
    }

    for kind, work in works.items():
        assert not (await work(FakeEditor(applies=False)))["applied"]
        assert (await work(FakeEditor()))["applied"]
        assert len(desk.client.of(kind)) == 1
