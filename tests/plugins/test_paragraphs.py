"""Paragraphs in real editors: shown before they are taken, one undo step, dropped when the text changes."""

from __future__ import annotations

from typing import Any

import pytest
from support.screens.driver import EditorDriver
from support.screens.session import Session

from .conftest import Start

NOTES = "ferry late\nmet Anna\n"


def order(session: Session, name: str) -> dict[str, Any]:
    """The server's end of an order, once it has arrived."""
    return session.server.wait_command(name)


def answer(session: Session, request: dict[str, Any], *texts: str) -> None:
    result = {"applied": False, "candidates": list(texts), "missing": [[] for _ in texts], "reason": ""}
    session.server.order(send={"id": request["id"], "result": result})


def expanding(session: Session, editor: EditorDriver) -> dict[str, Any]:
    session.keys(editor.expand_all)
    return order(session, "shadowpen.expand")


def test_notes_become_the_chosen_paragraph_in_one_undo_step(editor: EditorDriver, start: Start) -> None:
    session = start(text=NOTES)
    request = expanding(session, editor)
    uri, span, options = request["params"]["arguments"]
    assert uri.endswith("/text.md") and options["preview"] is True
    assert span == {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 8}}
    report = {"kind": "report", "message": "The ferry"}
    session.server.notify("$/progress", token=request["params"]["workDoneToken"], value=report)
    session.screen.wait_for("The ferry")
    session.screen.wait_for("writing")
    answer(session, request, "The ferry was late.", "Late was the ferry.")
    session.screen.wait_for("1 of 2")
    session.keys("\x0e")
    session.screen.wait_for("Late was the ferry.")
    assert session.buffer[:2] == ["ferry late", "met Anna"]
    session.keys("\t")
    session.wait_buffer_where(lambda lines: lines[0] == "Late was the ferry.")
    session.screen.wait_gone("2 of 2")
    session.wait_copy("Late was the ferry.\n")
    session.keys(editor.undo)
    session.wait_buffer_where(lambda lines: lines[:2] == ["ferry late", "met Anna"])


def test_the_paragraph_that_is_shown_is_changed_as_one_says(editor: EditorDriver, start: Start) -> None:
    session = start(text=NOTES)
    answer(session, expanding(session, editor), "The ferry was late.", "Late was the ferry.")
    session.screen.wait_for("change: ")
    session.keys("\x14shorter\r")
    request = session.server.wait("workspace/executeCommand", 2)["message"]
    options = request["params"]["arguments"][2]
    assert (options["turn"], options["shown"]) == ("shorter", "The ferry was late.")
    answer(session, request, "Late.")
    session.screen.wait_for("3 of 3")
    session.keys("\t")
    session.wait_buffer_where(lambda lines: lines[0] == "Late.")


def test_discarded_it_is_gone_and_the_server_stops(editor: EditorDriver, start: Start) -> None:
    session = start(text=NOTES)
    request = expanding(session, editor)
    session.screen.wait_for("writing")
    session.keys(editor.discard)
    session.screen.wait_gone("writing")
    cancelled = session.server.wait("window/workDoneProgress/cancel")["message"]["params"]
    assert cancelled == {"token": request["params"]["workDoneToken"]}


def test_a_change_drops_what_is_being_written(editor: EditorDriver, start: Start) -> None:
    session = start(text=NOTES)
    expanding(session, editor)
    session.screen.wait_for("writing")
    session.keys("x")
    session.screen.wait_for("the text changed")
    session.screen.wait_gone("writing")


def test_the_servers_own_edit_is_one_undo_step_and_refused_for_older_text(editor: EditorDriver, start: Start) -> None:
    session = start(text=NOTES)
    uri = session.server.params("textDocument/didOpen")[0]["textDocument"]["uri"]
    end = {"line": 1, "character": 8}

    def put(version: int) -> bool:
        edits = [{"range": {"start": end, "end": end}, "newText": " at the quay"}]
        change = {"textDocument": {"uri": uri, "version": version}, "edits": edits}
        reply = session.server.ask("workspace/applyEdit", edit={"documentChanges": [change]})
        return bool(reply["result"]["applied"])

    assert not put(7)
    assert put(0)
    session.wait_buffer_where(lambda lines: lines[1] == "met Anna at the quay")
    session.keys(editor.undo)
    session.wait_buffer_where(lambda lines: lines[1] == "met Anna")


def insertion(session: Session, line: int, character: int, text: str) -> dict[str, Any]:
    """The server's edit that puts a text into the document as it is."""
    opened = session.server.params("textDocument/didOpen")[0]["textDocument"]
    place = {"line": line, "character": character}
    edits = [{"range": {"start": place, "end": place}, "newText": text}]
    document = {"uri": opened["uri"], "version": len(session.server.params("textDocument/didChange"))}
    return {"documentChanges": [{"textDocument": document, "edits": edits}]}


@pytest.mark.parametrize(
    ("line", "character", "written"),
    [
        (1, 8, ["ferry late", "xmet Anna at\nthe quay."]),  # behind the cursor
        (0, 5, ["ferry at\nthe quay. late", "xmet Anna"]),  # before it
        (1, 0, ["ferry late", " at\nthe quay.xmet Anna"]),  # where it is
    ],
)
def test_the_cursor_stays_with_the_writer_when_the_servers_text_comes(
    editor: EditorDriver, start: Start, line: int, character: int, written: list[str]
) -> None:
    session = start(text=NOTES)
    session.keys("\x1bOB")
    edit = insertion(session, line, character, " at\nthe quay.")
    assert session.server.ask("workspace/applyEdit", edit=edit)["result"]["applied"]
    behind = line == 1 and character == 0  # Vim's cursor then is on the last letter of the text
    session.keys(("a" if behind and editor.insert else editor.insert) + "x")
    session.wait_copy("\n".join([*written, ""]))


def test_the_servers_text_goes_where_it_was_asked_for_though_the_writer_is_elsewhere(
    editor: EditorDriver, start: Start
) -> None:
    away, back = {"vim": (":new\r", ":close\r"), "emacs": ("\x18b*scratch*\r", "\x18b\r")}[editor.name]
    session = start(text=NOTES)
    session.keys(away)
    session.wait_buffer_where(lambda lines: lines[0] != "ferry late")
    assert session.server.ask("workspace/applyEdit", edit=insertion(session, 1, 8, " at\nthe quay."))["result"][
        "applied"
    ]
    session.wait_copy("ferry late\nmet Anna at\nthe quay.\n")
    session.keys(back)
    session.wait_buffer_where(lambda lines: lines[:3] == ["ferry late", "met Anna at", "the quay."])
    session.keys(editor.undo)
    session.wait_buffer_where(lambda lines: lines[:2] == ["ferry late", "met Anna"])


def test_pause_and_why_are_told_in_a_line(editor: EditorDriver, start: Start) -> None:
    answers = {"shadowpen.pause": {"message": "Paused."}, "shadowpen.why": {"text": "Because of that."}}
    session = start(answers=answers)
    session.keys(editor.pause.format(30))
    session.screen.wait_for("In all editors: Paused.")
    assert order(session, "shadowpen.pause")["params"]["arguments"] == [30]
    session.keys(editor.why)
    session.screen.wait_for("Because of that.")


def test_a_server_that_dies_is_told_and_can_be_started_again(editor: EditorDriver, start: Start) -> None:
    session = start({"The quick": " brown fox."})
    session.keys(editor.insert + "The quick")
    session.screen.wait_for("brown fox")
    session.server.order(exit=3)
    session.screen.wait_gone("brown fox")
    session.screen.wait_for("The server stopped")
    session.keys(editor.restart)
    session.server.wait("textDocument/didOpen", 2)
