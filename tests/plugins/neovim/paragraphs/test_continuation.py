"""Going on with a paragraph: asked for where, shown how, and what becomes of the edit."""

from __future__ import annotations

from typing import Any

from ..conftest import Session, Start

COMMAND = "shadowpen.continue"
CANCEL = "$/cancelRequest"
TEXT = "First line\nof the paragraph.\n\nAnother one.\n"
NEW = " It goes on\nand on."


def begin(session: Session) -> dict[str, Any]:
    session.screen.command("ShadowpenContinue")
    return session.server.wait_command(COMMAND)


def progress(session: Session, request: dict[str, Any], kind: str, message: str) -> None:
    value = {"kind": kind, "title": "Continue", "message": message}
    session.server.notify("$/progress", token=request["params"]["workDoneToken"], value=value)


def edit(session: Session, request: dict[str, Any], version: int | None, text: str = NEW) -> dict[str, Any]:
    uri, position = request["params"]["arguments"]
    change = {"range": {"start": position, "end": position}, "newText": text}
    document = {"uri": uri, "version": version}
    reply = session.server.ask(
        "workspace/applyEdit", edit={"documentChanges": [{"textDocument": document, "edits": [change]}]}
    )
    return reply["result"]


def version(session: Session) -> int:
    """The version the server knows."""
    known = session.server.params("textDocument/didOpen") + session.server.params("textDocument/didChange")
    return known[-1]["textDocument"]["version"]


def messages(session: Session) -> str:
    return session.screen.lua("return vim.fn.execute('messages')")


def test_a_key_of_insert_mode_begins_at_the_cursor(start: Start) -> None:
    session = start(text=TEXT)
    session.keys("A<M-CR>")
    request = session.server.wait_command(COMMAND)
    assert request["params"]["arguments"][1] == {"line": 0, "character": len("First line")}
    assert session.screen.buffer == TEXT.splitlines()


def test_the_paragraph_goes_on_at_its_end_in_one_undo_step(start: Start) -> None:
    session = start(text=TEXT)
    request = begin(session)
    assert request["params"]["arguments"][1] == {"line": 1, "character": len("of the paragraph.")}
    progress(session, request, "begin", "")
    progress(session, request, "report", "It goes")
    session.screen.wait_for("It goes")
    assert session.screen.frame.lines[:4] == ["First line", "of the paragraph.", "It goes", ""]
    assert session.screen.buffer == TEXT.splitlines()
    assert session.screen.lua("return require('shadowpen').status()") == "shadowpen: writing"
    assert edit(session, request, version(session)) == {"applied": True}
    session.screen.wait_buffer("First line", "of the paragraph. It goes on", "and on.", "", "Another one.")
    session.server.order(send={"id": request["id"], "result": None})
    session.quiet()
    assert session.screen.frame.lines[:3] == ["First line", "of the paragraph. It goes on", "and on."]
    assert session.screen.lua("return require('shadowpen').status()") != "shadowpen: writing"
    session.keys("u")
    session.screen.wait_buffer(*TEXT.splitlines())
    assert session.server.all(CANCEL) == []


def test_in_insert_mode_it_goes_on_at_the_cursor_and_typing_goes_on_behind_it(start: Start) -> None:
    session = start(text=TEXT, options="keys = { continue = '<C-g>' }")
    session.keys("A is<C-g>")
    request = session.server.wait_command(COMMAND)
    assert request["params"]["arguments"][1] == {"line": 0, "character": len("First line is")}
    assert edit(session, request, version(session), " long")["applied"]
    session.screen.wait_buffer("First line is long", *TEXT.splitlines()[1:])
    session.keys(".<Esc>")
    session.screen.wait_buffer("First line is long.", *TEXT.splitlines()[1:])
    session.keys("uu")
    session.screen.wait_buffer("First line is", *TEXT.splitlines()[1:])


def test_an_edit_may_replace(start: Start) -> None:
    session = start(text="One word.\n")
    request = begin(session)
    uri = request["params"]["arguments"][0]
    span = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 8}}
    document = {"uri": uri, "version": version(session)}
    changes = [{"textDocument": document, "edits": [{"range": span, "newText": "sentence"}]}]
    assert session.server.ask("workspace/applyEdit", edit={"documentChanges": changes})["result"]["applied"]
    session.screen.wait_buffer("One sentence.")
    session.keys("u")
    session.screen.wait_buffer("One word.")


def test_an_edit_for_an_older_text_is_refused(start: Start) -> None:
    session = start(text=TEXT, deaf=True)
    request = begin(session)
    old = version(session)
    session.keys("x")
    session.screen.wait_buffer("irst line", *TEXT.splitlines()[1:])
    result = edit(session, request, old)
    assert result["applied"] is False
    assert "changed" in result["failureReason"]
    assert session.screen.buffer == ["irst line", *TEXT.splitlines()[1:]]


def test_a_changed_text_stops_the_writing_at_once(start: Start) -> None:
    session = start(text=TEXT)
    request = begin(session)
    progress(session, request, "report", "It goes")
    session.screen.wait_for("It goes")
    session.keys("x")
    session.server.wait(CANCEL)
    assert session.server.params(CANCEL)[0]["id"] == request["id"]
    cancelled = session.server.wait("window/workDoneProgress/cancel")["message"]["params"]
    assert cancelled["token"] == request["params"]["workDoneToken"]
    session.screen.wait_gone("It goes")
    assert "the text changed" in messages(session)


def test_stopped_by_command_and_by_the_dismiss_key(start: Start) -> None:
    session = start(text=TEXT)
    begin(session)
    session.screen.command("ShadowpenCancel")
    session.server.wait(CANCEL)
    session.keys("i")
    begin(session)
    session.keys("<C-]>")
    session.server.wait(CANCEL, 2)
    assert session.screen.buffer == TEXT.splitlines()
    assert session.screen.lua("return require('shadowpen').status()") != "shadowpen: writing"


def test_an_error_is_told(start: Start) -> None:
    session = start(text=TEXT)
    request = begin(session)
    session.server.order(send={"id": request["id"], "error": {"code": -32603, "message": "No model is installed."}})
    session.quiet()
    assert "No model is installed." in messages(session)


def test_a_refusal_is_told(start: Start) -> None:
    session = start(text=TEXT)
    request = begin(session)
    refusal = {"applied": False, "text": "", "reason": "the model has nothing to add here"}
    session.server.order(send={"id": request["id"], "result": refusal})
    session.screen.wait_for("Shadowpen: the model has nothing to add here")


def test_where_ghost_text_is_off_it_says_so(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenToggle")
    session.screen.command("ShadowpenContinue")
    assert "no continuation here: turned off" in messages(session)
    assert session.server.all("workspace/executeCommand") == []
