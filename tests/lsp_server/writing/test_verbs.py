from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from shadowpen.daemon.base.errors import ModelMissing, RequestInvalid
from shadowpen.daemon.wire.protocol import Continuation, RunVerb, VerbEdit, VerbResult
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.session.daemon_link import DaemonLink
from shadowpen.lsp_server.writing.verbs import code_actions, run

from ..fakes import FakeClient, FakeEditor

URI = "file:///a.md"
TEXT = "# Title\n\n🥸 It rained teh\nwhole day.\n\nAfter.\n"


class Desk:
    """A text with a paragraph of two lines, the third and the fourth."""

    def __init__(self, text: str = TEXT) -> None:
        self.client = FakeClient()
        self.editor = FakeEditor()
        self.document: OpenDocument = Documents().open(types.TextDocumentItem(URI, "markdown", 7, text))
        self.span = (Point(2, 3), Point(2, 3))

    def answers(self, text: str, *edits: VerbEdit, notes: tuple[str, ...] = ()) -> None:
        self.client.answers["RunVerb"] = VerbResult(id="", text=text, edits=list(edits), notes=list(notes))

    async def go(self, verb: str = "correct", **options: Any) -> dict[str, Any]:
        ask = DaemonLink(self.client).ask
        return await run(self.document, self.span, verb, options, lambda place: ask, self.editor)

    @property
    def asked(self) -> RunVerb:
        request = self.client.of("RunVerb")[-1]
        assert isinstance(request, RunVerb)
        return request

    @property
    def edits(self) -> list[tuple[types.Range, str]]:
        (edit,) = self.editor.edits
        assert edit.document_changes is not None
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit) and change.text_document.version == 7
        return [(each.range, each.new_text) for each in change.edits if isinstance(each, types.TextEdit)]


def span(line: int, start: int, end_line: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(end_line, end))


async def test_a_cursor_stands_for_its_paragraph_and_only_what_is_wrong_is_edited() -> None:
    desk = Desk()
    desk.answers(
        "🥸 It rained the\nwhole day!", VerbEdit(start=12, end=15, text="the"), VerbEdit(start=25, end=26, text="!")
    )
    assert (await desk.go())["applied"]
    assert desk.asked.text == "🥸 It rained teh\nwhole day." and desk.asked.before == "# Title\n\n"
    assert (desk.asked.verb, desk.asked.language, desk.asked.options) == ("correct", "markdown", {})
    assert desk.edits == [(span(2, 13, 2, 16), "the"), (span(3, 9, 3, 10), "!")]


@pytest.mark.parametrize("verb", ["summarize", "outline"])
async def test_a_summary_stands_above_and_nothing_is_lost(verb: str) -> None:
    desk = Desk()
    desk.answers("It rained.")
    assert (await desk.go(verb))["applied"]
    assert desk.edits == [(span(2, 0, 2, 0), "It rained.\n\n")]


async def test_a_selection_is_replaced_without_the_blank_lines_around_it() -> None:
    desk = Desk()
    desk.span = (Point(4, 0), Point(1, 0))
    desk.answers("- It rained.")
    assert await desk.go("reformat", to="list") == {"applied": True, "text": "- It rained.", "reason": ""}
    assert desk.asked.options == {"to": "list"}
    assert desk.edits == [(span(2, 0, 3, 10), "- It rained.")]


async def test_a_preview_changes_nothing() -> None:
    desk = Desk()
    desk.answers("It rained the whole day.")
    result = await desk.go("correct", preview=True)
    assert (result["applied"], result["text"], result["version"]) == (False, "It rained the whole day.", 7)
    assert result["range"] == {"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 10}}
    assert desk.editor.edits == [] and desk.asked.options == {}


async def test_nothing_to_change_is_told_with_the_reason() -> None:
    desk = Desk()
    desk.answers("🥸 It rained teh\nwhole day.", notes=("It is German.",))
    assert await desk.go() == {"applied": False, "text": "", "reason": "It is German."}
    assert desk.editor.told[-2:] == [("warn", "Shadowpen: It is German."), ("end", "It is German.")]
    desk.answers("🥸 It rained teh\nwhole day.")
    assert "nothing to change" in (await desk.go())["reason"]


async def test_a_text_that_changed_meanwhile_is_left_alone() -> None:
    desk = Desk()
    desk.answers("Other.")
    desk.client.gate.clear()
    work = asyncio.ensure_future(desk.go())
    await desk.client.wait_for("RunVerb")
    desk.document.revision += 1
    desk.client.gate.set()
    result = await work
    assert (result["applied"], desk.editor.edits) == (False, [])
    assert "changed" in result["reason"]


async def test_the_users_cancel_reaches_the_daemon_and_changes_nothing() -> None:
    desk = Desk()
    work = asyncio.ensure_future(desk.go())
    request = await desk.client.wait_for("RunVerb")
    desk.editor.cancel()
    assert "cancelled" in (await work)["reason"]
    assert desk.client.cancelled == [request] and desk.editor.edits == []


async def test_a_blank_place_is_refused_without_asking() -> None:
    desk = Desk()
    desk.span = (Point(1, 0), Point(1, 0))
    assert "no text" in (await desk.go())["reason"]
    assert desk.client.asked == []


async def test_what_the_daemon_refuses_is_told_with_its_words() -> None:
    desk = Desk()
    desk.client.answers["RunVerb"] = RequestInvalid("Too much.", "Select less.")
    assert (await desk.go())["reason"] == "Too much. Select less."
    desk.client.answers["RunVerb"] = Continuation(id="", text="no")
    assert "Continuation" in (await desk.go())["reason"]
    desk.client.answers["RunVerb"] = ModelMissing("No model is installed.")
    with pytest.raises(ModelMissing):
        await desk.go()


def titles(*, selected: bool, trigger: int | None = None) -> list[str]:
    kind = types.CodeActionTriggerKind(trigger) if trigger else None
    context = types.CodeActionContext(diagnostics=[], trigger_kind=kind)
    params = types.CodeActionParams(types.TextDocumentIdentifier(URI), span(2, 0, 2, 7), context)
    return [action.title for action in code_actions(params, selected=selected, tagged=True)]


def test_without_a_selection_only_correcting_is_offered_and_nothing_unasked() -> None:
    assert titles(selected=False) == ["Correct spelling and grammar"]
    assert len(titles(selected=True)) == 12
    assert titles(selected=True, trigger=2) == []


async def test_a_preview_holds_each_change_with_its_place_and_its_sentence() -> None:
    desk = Desk("I saw teh sea. It was teh best.\nEnd.")
    desk.span = (Point(0, 0), Point(1, 4))
    desk.answers(
        "I saw the sea. It was the best.\nEnd!",
        VerbEdit(start=6, end=9, text="the"),
        VerbEdit(start=22, end=25, text="the"),
        VerbEdit(start=35, end=36, text="!"),
    )
    changes = (await desk.go("correct", preview=True))["changes"]
    assert [(change["text"], change["sentence"]) for change in changes] == [("the", 0), ("the", 1), ("!", 2)]
    assert changes[2]["range"] == {"start": {"line": 1, "character": 3}, "end": {"line": 1, "character": 4}}
    desk.answers("I saw teh sea. It was teh best.\nEnd.", notes=("it is right",))
    result = await desk.go("correct", preview=True)
    assert (result["changes"], result["reason"]) == ([], "it is right")
