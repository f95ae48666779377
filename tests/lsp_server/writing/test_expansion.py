from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from shadowpen.daemon.base.errors import ModelMissing, RequestInvalid
from shadowpen.daemon.wire.protocol import Continuation, Expand, Turn
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.session.daemon_link import DaemonLink
from shadowpen.lsp_server.writing.expansion import ExpansionOptions, code_action, expand
from shadowpen.lsp_server.writing.threads import ExpansionThreads

from ..fakes import FakeClient, FakeEditor

URI = "file:///a.md"
TEXT = "# Title\n\n- ferry late\n- 🥸 harbour\n\nAfter.\n"
PLAIN = ExpansionOptions()
PREVIEW = ExpansionOptions(preview=True, seed=2, candidates=3)


class Desk:
    """A text whose two notes are selected with all of their lines."""

    def __init__(self, text: str = TEXT) -> None:
        self.client = FakeClient()
        self.editor = FakeEditor()
        self.threads = ExpansionThreads()
        self.document: OpenDocument = Documents().open(types.TextDocumentItem(URI, "markdown", 7, text))
        self.span = (Point(2, 0), Point(4, 0))

    async def go(self, wish: ExpansionOptions = PLAIN) -> dict[str, Any]:
        ask = DaemonLink(self.client).ask
        return await expand(self.document, *self.span, wish, ask, self.editor, self.threads)

    @property
    def asked(self) -> Expand:
        request = self.client.of("Expand")[-1]
        assert isinstance(request, Expand)
        return request

    @property
    def edit(self) -> types.TextDocumentEdit:
        (edit,) = self.editor.edits
        assert edit.document_changes is not None
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        return change


async def test_the_best_paragraph_replaces_the_notes_in_one_versioned_edit() -> None:
    desk = Desk()
    desk.client.expands("The ferry was late.", "A ferry.", partials=("The", "The ferry"))
    assert await desk.go() == {"applied": True, "text": "The ferry was late.", "reason": ""}
    assert desk.editor.told == [
        ("begin", "Expand into a paragraph"),
        ("report", "The"),
        ("report", "The ferry"),
        ("end", "done"),
    ]
    assert desk.edit.text_document == types.OptionalVersionedTextDocumentIdentifier(uri=URI, version=7)
    notes = types.Range(types.Position(2, 0), types.Position(3, len("- 🥸 harbour") + 1))
    assert desk.edit.edits == [types.TextEdit(notes, "The ferry was late.")]


async def test_the_daemon_gets_the_notes_without_the_blanks_around_them() -> None:
    desk = Desk("one\r\n  two words  \r\n three\t\r\n")
    desk.span = (Point(2, 7), Point(0, 3))  # selected backwards
    desk.client.expands("Two words.")
    await desk.go(PREVIEW)
    assert (desk.asked.document, desk.asked.notes) == (URI, "two words  \n three")
    assert (desk.asked.seed, desk.asked.candidates) == (2, 3)


async def test_one_word_is_enough() -> None:
    desk = Desk("Some harbour here.")
    desk.span = (Point(0, 5), Point(0, 12))
    desk.client.expands("A harbour lies there.")
    assert (await desk.go())["applied"]
    assert desk.asked.notes == "harbour"
    assert desk.edit.edits[0].range == types.Range(types.Position(0, 5), types.Position(0, 12))


async def test_a_preview_gets_every_candidate_and_nothing_is_applied() -> None:
    desk = Desk()
    desk.client.expands("Best.", "Second.")
    assert await desk.go(PREVIEW) == {
        "applied": False,
        "candidates": ["Best.", "Second."],
        "missing": [[], ["word1"]],
        "added": [[(0, 4)], []],
        "tells": [[1], [0]],
        "version": 7,
        "reason": "",
    }
    assert desk.editor.edits == []


@pytest.mark.parametrize("span", [(Point(1, 0), Point(1, 0)), (Point(1, 0), Point(2, 0)), (Point(4, 0), Point(5, 0))])
async def test_blanks_are_refused_without_asking(span: tuple[Point, Point]) -> None:
    desk = Desk()
    desk.span = span
    result = await desk.go()
    assert "no notes" in result["reason"]
    assert desk.editor.told == [("warn", f"Shadowpen: {result['reason']}.")]
    preview = await desk.go(PREVIEW)
    assert (preview["candidates"], preview["reason"]) == ([], result["reason"])
    assert len(desk.editor.told) == 1
    assert desk.client.asked == []


async def test_notes_the_daemon_refuses_are_told_with_its_words() -> None:
    desk = Desk()
    desk.client.answers["Expand"] = RequestInvalid("5000 words are too many.", "Select at most 400 words.")
    sentence = "5000 words are too many. Select at most 400 words."
    assert await desk.go() == {"applied": False, "text": "", "reason": sentence}
    assert ("warn", f"Shadowpen: {sentence}") in desk.editor.told
    assert (await desk.go(PREVIEW))["reason"] == sentence


async def test_a_text_that_changed_meanwhile_is_left_alone() -> None:
    desk = Desk()
    desk.client.expands("Best.")
    desk.client.gate.clear()
    work = asyncio.ensure_future(desk.go())
    await desk.client.wait_for("Expand")
    desk.document.revision += 1
    desk.client.gate.set()
    result = await work
    assert (result["applied"], result["text"], desk.editor.edits) == (False, "Best.", [])
    assert "changed" in result["reason"]


@pytest.mark.parametrize("wish", [PLAIN, PREVIEW])
async def test_the_users_cancel_reaches_the_daemon_and_changes_nothing(wish: ExpansionOptions) -> None:
    desk = Desk()
    work = asyncio.ensure_future(desk.go(wish))
    request = await desk.client.wait_for("Expand")
    desk.editor.cancel()
    await asyncio.sleep(0)  # one turn of the loop, no more
    assert desk.client.cancelled == [request]
    result = await work
    assert (result["applied"], desk.editor.edits) == (False, [])
    assert "cancelled" in result["reason"]
    assert desk.editor.told[-1] == ("end", result["reason"])


async def test_cancelling_the_command_reaches_the_daemon() -> None:
    desk = Desk()
    work = asyncio.ensure_future(desk.go(PREVIEW))
    request = await desk.client.wait_for("Expand")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await asyncio.sleep(0)
    assert desk.client.cancelled == [request]
    assert desk.editor.told[-1][0] == "end"


async def test_no_candidates_are_no_edit() -> None:
    desk = Desk()
    desk.client.expands()
    assert "nothing" in (await desk.go())["reason"]
    assert "nothing" in (await desk.go(PREVIEW))["reason"]
    assert desk.editor.edits == []


async def test_a_daemon_without_a_model_is_the_sessions_matter() -> None:
    desk = Desk()
    desk.client.answers["Expand"] = ModelMissing("No model is installed.")
    with pytest.raises(ModelMissing):
        await desk.go()
    assert desk.editor.told[-1][0] == "end"


async def test_an_answer_of_another_kind_is_refused() -> None:
    desk = Desk()
    desk.client.answers["Expand"] = Continuation(id="", text="no")
    assert "Continuation" in (await desk.go())["reason"]


def params(end: int = 7, only: list[str] | None = None, trigger: int | None = None) -> types.CodeActionParams:
    span = types.Range(types.Position(3, 0), types.Position(3, end))
    kind = types.CodeActionTriggerKind(trigger) if trigger else None
    context = types.CodeActionContext(diagnostics=[], only=only, trigger_kind=kind)  # type: ignore[arg-type]
    return types.CodeActionParams(types.TextDocumentIdentifier(URI), span, context)


def test_the_code_action_runs_the_command_on_the_selection() -> None:
    action = code_action(params(), tagged=True)
    assert action is not None
    assert (action.title, action.kind) == ("Expand into a paragraph", types.CodeActionKind.RefactorRewrite)
    assert action.tags == [types.CodeActionTag.LlmGenerated]
    assert action.command is not None
    assert action.command.command == "shadowpen.expand"
    span = {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 7}}
    assert action.command.arguments == [URI, span]


@pytest.mark.parametrize("asked", [params(end=0), params(only=["quickfix"]), params(trigger=2)])
def test_no_action_without_a_selection_for_other_kinds_or_unasked(asked: types.CodeActionParams) -> None:
    assert code_action(asked, tagged=False) is None


def test_tags_only_where_the_client_knows_them() -> None:
    action = code_action(params(), tagged=False)
    assert action is not None
    assert action.tags is None


async def test_the_daemon_is_told_what_stands_above_the_notes() -> None:
    desk = Desk("# Ferry\n\nWe waited\nfor hours.\n\n- ferry late\n- harbour\n")
    desk.span = (Point(5, 0), Point(7, 0))
    desk.client.expands("The ferry was late.")
    await desk.go(ExpansionOptions(free=True))
    assert (desk.asked.heading, desk.asked.before, desk.asked.free) == ("Ferry", "We waited for hours.", True)


async def test_a_heading_directly_above_is_no_paragraph() -> None:
    desk = Desk()
    desk.client.expands("The ferry was late.")
    await desk.go()
    assert (desk.asked.heading, desk.asked.before, desk.asked.free) == ("Title", "", False)


async def test_a_turn_goes_along_with_what_was_shown_and_brings_others() -> None:
    desk = Desk()
    desk.client.expands("The ferry was late.", "A ferry.")
    await desk.go(ExpansionOptions(preview=True))
    assert desk.asked.turns == []
    desk.client.expands("A ferry.", "Late.")
    said = ExpansionOptions(preview=True, turn="shorter", shown="The ferry was late.")
    result = await desk.go(said)
    assert desk.asked.turns == [Turn(instruction="shorter", shown="The ferry was late.")]
    assert (result["candidates"], result["missing"]) == (["Late."], [["word1"]])
    assert (await desk.go(said))["reason"] == "the model found no other paragraph for these notes"


async def test_a_turn_about_notes_that_changed_is_refused() -> None:
    desk = Desk()
    desk.client.expands("The ferry was late.")
    await desk.go(ExpansionOptions(preview=True))
    desk.span = (Point(2, 0), Point(2, 8))
    result = await desk.go(ExpansionOptions(preview=True, turn="shorter", shown="The ferry was late."))
    assert result["candidates"] == [] and "expansion to change" in result["reason"]
    assert len(desk.client.of("Expand")) == 1
