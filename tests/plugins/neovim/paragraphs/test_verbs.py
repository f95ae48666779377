"""Correcting, summarizing, outlining and reformatting lines: what is asked, and what becomes of the edit."""

from __future__ import annotations

from typing import Any

from ..conftest import Session, Start

COMMAND = "shadowpen.verb"
TEXT = "See teh house.\nIt is old.\n\nAnother one.\n"


def edit(session: Session, request: dict[str, Any], version: int | None, text: str) -> dict[str, Any]:
    uri = request["params"]["arguments"][0]
    span = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 7}}
    change = {"textDocument": {"uri": uri, "version": version}, "edits": [{"range": span, "newText": text}]}
    reply: dict[str, Any] = session.server.ask("workspace/applyEdit", edit={"documentChanges": [change]})["result"]
    return reply


def version(session: Session) -> int:
    """The version the server knows."""
    known = session.server.params("textDocument/didOpen") + session.server.params("textDocument/didChange")
    number: int = known[-1]["textDocument"]["version"]
    return number


def test_the_paragraph_is_corrected_in_one_undo_step(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenRun! correct")
    request = session.server.wait_command(COMMAND)
    here = {"line": 0, "character": 0}
    assert request["params"]["arguments"][1:] == [{"start": here, "end": here}, "correct", {}]
    assert edit(session, request, version(session), "the") == {"applied": True}
    session.screen.wait_buffer("See the house.", *TEXT.splitlines()[1:])
    session.keys("u")
    session.screen.wait_buffer(*TEXT.splitlines())


def test_lines_and_a_form_are_told(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("1,2ShadowpenRun reformat table")
    request = session.server.wait_command(COMMAND)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 10}}
    assert request["params"]["arguments"][1:] == [span, "reformat", {"to": "table"}]


def test_an_edit_for_an_older_text_is_refused(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenRun! correct")
    request = session.server.wait_command(COMMAND)
    old = version(session)
    session.keys("ggx")
    session.server.wait("textDocument/didChange")
    assert edit(session, request, old, "the")["applied"] is False
    session.screen.wait_buffer("ee teh house.", *TEXT.splitlines()[1:])


def test_it_can_be_cancelled(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenRun! correct")
    session.server.wait_command(COMMAND)
    session.screen.command("ShadowpenCancel")
    session.server.wait("window/workDoneProgress/cancel")
    assert session.screen.lua("return require('shadowpen').status()") != "shadowpen: writing"


def test_names_are_completed(start: Start) -> None:
    session = start(text=TEXT)
    names = "return vim.fn.getcompletion('ShadowpenRun ', 'cmdline')"
    assert session.screen.lua(names) == ["correct", "rewrite", "summarize", "outline", "reformat"]
    assert "table" in session.screen.lua("return vim.fn.getcompletion('ShadowpenRun reformat ', 'cmdline')")
