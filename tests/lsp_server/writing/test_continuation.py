from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from shadowpen.daemon.base.errors import ModelMissing
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.session.daemon_link import DaemonLink
from shadowpen.lsp_server.writing.continuation import code_action, continue_paragraph

from ..fakes import FakeClient, FakeEditor

URI = "file:///a.md"


class Desk:
    def __init__(self, text: str = "A lead sentence.") -> None:
        self.client = FakeClient()
        self.editor = FakeEditor()
        self.document: OpenDocument = Documents().open(types.TextDocumentItem(URI, "markdown", 7, text))

    async def go(self) -> dict[str, Any]:
        link = DaemonLink(self.client)
        return await continue_paragraph(self.document, self.document.lines.end(), link.ask, self.editor)


async def test_the_text_streams_as_progress_and_comes_in_one_versioned_edit() -> None:
    desk = Desk()
    desk.client.writes(" It goes", " It goes on.\n", " It goes on.\nTo the end.")
    result = await desk.go()
    assert result == {"applied": True, "text": " It goes on.\nTo the end.", "reason": ""}
    assert desk.editor.told == [
        ("begin", "Continue paragraph"),
        ("report", " It goes"),
        ("report", " It goes on.\n"),
        ("report", " It goes on.\nTo the end."),
        ("end", "done"),
    ]
    (edit,) = desk.editor.edits
    assert edit.document_changes is not None
    (change,) = edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(uri=URI, version=7)
    here = types.Position(0, 16)
    assert change.edits == [types.TextEdit(types.Range(here, here), " It goes on.\nTo the end.")]


async def test_the_request_carries_the_text_around_the_place() -> None:
    desk = Desk()
    desk.client.writes(" On.")
    await desk.go()
    request = desk.client.of("Continue")[0]
    assert (request.document, request.prefix) == (URI, "A lead sentence.")  # type: ignore[union-attr]


async def test_a_text_that_changed_meanwhile_is_left_alone() -> None:
    desk = Desk()
    desk.client.writes(" On.")
    desk.client.gate.clear()
    work = asyncio.ensure_future(desk.go())
    await desk.client.wait_for("Continue")
    desk.document.revision += 1
    desk.client.gate.set()
    result = await work
    assert (result["applied"], desk.editor.edits) == (False, [])
    assert "changed" in result["reason"]
    assert desk.editor.told[-2:] == [("warn", f"Shadowpen: {result['reason']}."), ("end", result["reason"])]


async def test_a_document_closed_meanwhile_gets_no_edit() -> None:
    desk = Desk()
    desk.client.writes(" On.")
    desk.client.gate.clear()
    work = asyncio.ensure_future(desk.go())
    await desk.client.wait_for("Continue")
    desk.document.closed = True
    desk.client.gate.set()
    assert not (await work)["applied"]
    assert desk.editor.edits == []


async def test_the_users_cancel_ends_it_and_changes_nothing() -> None:
    desk = Desk()
    work = asyncio.ensure_future(desk.go())
    request = await desk.client.wait_for("Continue")
    desk.editor.cancel()
    result = await work
    assert (result["applied"], result["text"], desk.editor.edits) == (False, "", [])
    assert desk.client.cancelled == [request]
    assert desk.editor.told[-1][0] == "end"


async def test_cancelling_the_command_reaches_the_daemon_and_ends_the_progress() -> None:
    desk = Desk()
    work = asyncio.ensure_future(desk.go())
    request = await desk.client.wait_for("Continue")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await asyncio.sleep(0)  # the cancelled request gets its turn
    assert desk.client.cancelled == [request]
    assert desk.editor.told[-1][0] == "end"


async def test_an_edit_the_editor_refuses_is_reported() -> None:
    desk = Desk()
    desk.editor.applies = False
    desk.client.writes(" On.")
    result = await desk.go()
    assert not result["applied"]
    assert "read-only" in result["reason"]
    assert result["text"] == " On."


async def test_nothing_to_say_is_no_edit() -> None:
    desk = Desk()
    desk.client.writes(" \n")
    assert not (await desk.go())["applied"]
    assert desk.editor.edits == []


async def test_a_failure_ends_the_progress() -> None:
    desk = Desk()
    desk.client.answers["Continue"] = ModelMissing("No model is installed.")
    with pytest.raises(ModelMissing):
        await desk.go()
    assert desk.editor.told[-1][0] == "end"


def params(only: list[str] | None = None, trigger: int | None = None) -> types.CodeActionParams:
    span = types.Range(types.Position(3, 0), types.Position(3, 7))
    kind = types.CodeActionTriggerKind(trigger) if trigger else None
    context = types.CodeActionContext(diagnostics=[], only=only, trigger_kind=kind)  # type: ignore[arg-type]
    return types.CodeActionParams(types.TextDocumentIdentifier(URI), span, context)


def test_the_code_action_runs_the_command_at_the_end_of_the_range() -> None:
    action = code_action(params(), tagged=True)
    assert action is not None
    assert action.kind == types.CodeActionKind.RefactorRewrite
    assert action.tags == [types.CodeActionTag.LlmGenerated]
    assert action.command is not None
    assert action.command.command == "shadowpen.continue"
    assert action.command.arguments == [URI, {"line": 3, "character": 7}]


@pytest.mark.parametrize(
    ("only", "offered"),
    [(["refactor"], True), (["refactor.rewrite"], True), (["quickfix"], False), (["source"], False), ([""], True)],
)
def test_only_the_kinds_the_client_wants(only: list[str], offered: bool) -> None:
    assert (code_action(params(only), tagged=False) is not None) is offered


def test_no_light_bulb_at_each_move_of_the_cursor() -> None:
    assert code_action(params(trigger=2), tagged=False) is None
    assert code_action(params(trigger=1), tagged=False) is not None


def test_tags_only_where_the_client_knows_them() -> None:
    action = code_action(params(), tagged=False)
    assert action is not None
    assert action.tags is None
