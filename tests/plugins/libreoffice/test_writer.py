"""What the extension does to a document in a real Writer, with a language server that answers from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.waiting import wait_until

from .conftest import CONTROL, CONTROL_ALT, Scripted, Start, Writer


def suggest(writer: Writer, ghost: str = " lay still") -> None:
    writer.key("space", CONTROL_ALT)
    writer.wait_grey(ghost)


def copy(scripted: Scripted) -> Any:
    """The text that the server holds."""
    for event in reversed(scripted.server.events):
        if event["message"].get("method") == "textDocument/didChange":
            return event["text"]
        if event["message"].get("method") == "textDocument/didOpen":
            return event["message"]["params"]["textDocument"]["text"]
    return None


def wait_copy(scripted: Scripted, text: str) -> None:
    wait_until(lambda: copy(scripted) == text, f"the copy {text!r}", timeout_s=20)


def apply(scripted: Scripted, *edits: tuple[tuple[int, int], tuple[int, int], str], version: int | None = None) -> Any:
    """Have the server change the document; its reply. Edits are (line, character), the same of the end, text."""
    opened = scripted.server.params("textDocument/didOpen")[-1]["textDocument"]
    changed = scripted.server.params("textDocument/didChange")
    held = changed[-1]["textDocument"]["version"] if changed else opened["version"]
    document = {"uri": opened["uri"], "version": held if version is None else version}
    made = [{"range": {"start": _place(start), "end": _place(end)}, "newText": text} for start, end, text in edits]
    edit = {"documentChanges": [{"textDocument": document, "edits": made}]}
    return scripted.server.ask("workspace/applyEdit", label="Correct", edit=edit)["result"]


def _place(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "character": place[1]}


# --- the suggestion ------------------------------------------------------------------------------------


def test_a_suggestion_leaves_no_trace_before_it_is_taken(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.ask("set_modified", False)
    suggest(writer)
    assert writer.ask("before") == "The harbour"
    writer.key("escape")
    assert writer.paragraphs == ["The harbour"]
    assert writer.ask("undo_titles") == [] and writer.ask("modified") is False
    scripted.server.wait_command("shadowpen.dismiss")
    writer.ask("type", "x")
    assert writer.paragraphs == ["The harbourx"] and writer.ask("grey") == ""


def test_taking_is_one_step_of_its_own_and_is_told(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("type", "The harbour")
    suggest(writer)
    writer.key("right", CONTROL)
    writer.wait_grey(" still")
    assert scripted.server.wait("textDocument/didPartiallyAcceptCompletion")["message"]["params"]["acceptedLength"] == 4
    writer.key("tab")
    command = scripted.server.wait_command("shadowpen.accept")
    assert command["params"]["arguments"] == ["ghost-0", " lay still"]
    assert copy(scripted) == "The harbour lay still"
    writer.ask("type", ".")
    assert writer.paragraphs == ["The harbour lay still."] and writer.ask("grey") == ""
    for left in ("The harbour lay still", "The harbour lay", "The harbour"):
        writer.ask("undo")
        assert writer.paragraphs == [left]


def test_any_other_key_takes_it_away_and_does_what_it_does(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    suggest(writer)
    writer.key("return")
    assert writer.paragraphs == ["The harbour", ""]
    assert writer.ask("color") == -1


def test_a_text_that_comes_without_a_key_takes_it_away(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    suggest(writer)
    writer.ask("paste", "!")
    writer.wait_paragraphs(lambda texts: texts == ["The harbour!"], "the text without grey text")
    wait_copy(scripted, "The harbour!")


def test_the_print_preview_takes_it_away_and_the_next_order_works(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    suggest(writer)
    writer.ask("command", ".uno:PrintPreview")
    writer.wait_paragraphs(lambda texts: texts == ["The harbour"], "the text without grey text")
    writer.ask("command", ".uno:ClosePreview")
    writer.ask("end")
    suggest(writer)
    writer.key("tab")
    assert writer.paragraphs == ["The harbour lay still"]


def test_of_two_windows_the_one_with_the_cursor_has_it(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour", "She wrote")
    writer.ask("cursor", 0, 11)
    suggest(writer)
    new_window(writer)
    writer.ask("end")
    suggest(writer, " a letter")
    assert writer.paragraphs == ["The harbour", "She wrote a letter"]
    writer.key("escape")
    writer.wait_paragraphs(lambda texts: texts == ["The harbour", "She wrote"], "the text without grey text")


def test_a_window_that_is_closed_takes_it_away_and_the_other_one_goes_on(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    suggest(writer)
    new_window(writer)
    writer.ask("end")
    suggest(writer)
    writer.ask("close_window")
    writer.wait_paragraphs(lambda texts: texts == ["The harbour"], "the text without grey text")
    writer.ask("end")
    suggest(writer)
    writer.key("tab")
    assert writer.paragraphs == ["The harbour lay still"]


def new_window(writer: Writer) -> None:
    writer.ask("command", ".uno:NewWindow")
    wait_until(lambda: writer.ask("windows") == 2, "another window", timeout_s=60)


def test_it_is_in_no_file_and_not_tracked(scripted: Scripted, tmp_path: Path) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.ask("set", "RecordChanges", True)
    suggest(writer)
    writer.ask("export", str(tmp_path / "text.txt"))
    assert (tmp_path / "text.txt").read_text("utf-8-sig").strip() == "The harbour"
    suggest(writer)
    writer.ask("save", str(tmp_path / "text.odt"))
    assert writer.paragraphs == ["The harbour"]
    assert writer.ask("tracked") == 0


def test_an_answer_for_a_text_that_has_changed_is_dropped(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.key("space", CONTROL_ALT)
    writer.ask("type", ", which")
    scripted.server.wait("textDocument/inlineCompletion")
    scripted.server.settle()
    wait_copy(scripted, "The harbour, which")
    assert writer.paragraphs == ["The harbour, which"]


def test_what_is_typed_is_told_and_grey_text_is_not(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "Before.", "The harbour")
    suggest(writer)
    writer.ask("type", " é is")
    wait_copy(scripted, "Before.\n\nThe harbour é is")
    changes = [
        change for params in scripted.server.params("textDocument/didChange") for change in params["contentChanges"]
    ]
    assert "".join(change["text"] for change in changes) == " é is"


# --- edits of the server -------------------------------------------------------------------------------


def test_an_edit_is_one_step_and_keeps_what_stands_around_it(scripted: Scripted) -> None:
    writer = scripted.writer
    before = ["😀 He go home.", "They was late."]
    writer.ask("put", *before)
    writer.ask("bold", 0, 0, 4)
    writer.ask("cursor", 0, 0, 30)
    writer.command("correct")
    order = scripted.server.wait_command("shadowpen.verb")
    assert order["params"]["arguments"][1:] == [
        {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 14}},
        "correct",
    ]
    assert apply(scripted, ((0, 6), (0, 8), "goes"), ((2, 5), (2, 8), "were")) == {"applied": True}
    assert writer.paragraphs == ["😀 He goes home.", "They were late."]
    assert writer.ask("bold_text") == "😀 He"
    assert writer.ask("undo_titles")[0] == "Correct"
    scripted.server.order(send={"id": order["id"], "result": {"applied": True, "text": "", "reason": ""}})
    wait_until(lambda: not writer.ask("told"), "the end of the message", timeout_s=30)
    writer.ask("undo")
    assert writer.paragraphs == before


def test_a_paragraph_of_several_is_made_of_paragraphs(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "Top.", "ferry late", "met Anna", "End.")
    writer.ask("cursor", 1, 0, 19)
    writer.key("return", CONTROL_ALT)
    order = scripted.server.wait_command("shadowpen.expand")
    span = order["params"]["arguments"][1]
    assert span == {"start": {"line": 2, "character": 0}, "end": {"line": 4, "character": 8}}
    assert apply(scripted, ((2, 0), (4, 8), "The ferry was late.\n\nI met Anna."))["applied"]
    assert writer.paragraphs == ["Top.", "The ferry was late.", "I met Anna.", "End."]
    scripted.server.order(send={"id": order["id"], "result": {"applied": True, "text": "", "reason": ""}})


def test_a_continuation_is_put_behind_the_paragraph_and_the_cursor_behind_it(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour.", "End.")
    writer.ask("cursor", 0, 3)
    writer.key("return", CONTROL_ALT)
    order = scripted.server.wait_command("shadowpen.continue")
    assert apply(scripted, ((0, 12), (0, 12), " It was quiet."))["applied"]
    assert writer.paragraphs == ["The harbour. It was quiet.", "End."]
    assert writer.ask("before") == "The harbour. It was quiet."
    assert copy(scripted) == "The harbour. It was quiet.\n\nEnd."
    writer.ask("undo")
    assert writer.paragraphs == ["The harbour.", "End."]
    scripted.server.order(send={"id": order["id"], "result": {"applied": True, "text": "", "reason": ""}})


def test_an_edit_is_made_where_a_suggestion_is_shown(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.command("continue")
    order = scripted.server.wait_command("shadowpen.continue")
    suggest(writer)
    assert apply(scripted, ((0, 11), (0, 11), " was quiet.")) == {"applied": True}
    assert writer.paragraphs == ["The harbour was quiet."] and writer.ask("grey") == ""
    assert copy(scripted) == "The harbour was quiet."
    scripted.server.order(send={"id": order["id"], "result": {"applied": True, "text": "", "reason": ""}})


def test_what_it_says_is_shown_and_an_order_can_be_cancelled(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.command("continue")
    order = scripted.server.wait_command("shadowpen.continue")
    assert order["params"]["arguments"][1] == {"line": 0, "character": 11}
    token = order["params"]["workDoneToken"]
    scripted.server.notify("$/progress", token=token, value={"kind": "report", "message": "was quiet"})
    writer.wait_told("was quiet")
    writer.command("cancel")
    cancelled = scripted.server.wait("window/workDoneProgress/cancel")["message"]["params"]
    assert cancelled == {"token": token}
    reason = "cancelled; the text is as it was"
    scripted.server.order(send={"id": order["id"], "result": {"applied": False, "text": "", "reason": reason}})
    writer.wait_told(reason)
    assert writer.paragraphs == ["The harbour"]


def test_the_question_about_learning_is_asked_and_the_answer_is_passed_on(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.command("learning")
    writer.wait_told("May Shadowpen keep")
    assert not scripted.server.params("workspace/executeCommand")
    writer.command("keep-accepted")
    order = scripted.server.wait_command("shadowpen.learn")
    assert order["params"]["arguments"] == ["on", "accepted"]
    writer.wait_told("learning is on")


@pytest.mark.parametrize("reason", ["the program has stopped", ""], ids=["something to say", "nothing to say"])
def test_an_answer_for_a_document_that_was_closed_is_dropped(scripted: Scripted, reason: str) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.command("continue")
    order = scripted.server.wait_command("shadowpen.continue")
    writer.ask("close")
    token = order["params"]["workDoneToken"]
    scripted.server.notify("$/progress", token=token, value={"kind": "report", "message": "was quiet"})
    scripted.server.order(send={"id": order["id"], "result": {"applied": False, "text": "", "reason": reason}})
    writer.ask("open")
    writer.ask("put", "The harbour")
    suggest(writer)
    assert not writer.ask("told")


@pytest.mark.parametrize("version", [0, None], ids=["old version", "text has changed"])
def test_an_edit_for_another_text_is_refused(scripted: Scripted, version: int | None) -> None:
    writer = scripted.writer
    writer.ask("put", "He go home.")
    writer.command("correct")
    order = scripted.server.wait_command("shadowpen.verb")
    if version is None:
        writer.ask("put", "Something else.")
    assert apply(scripted, ((0, 3), (0, 5), "goes"), version=version)["applied"] is False
    assert writer.paragraphs in (["He go home."], ["Something else."])
    scripted.server.order(send={"id": order["id"], "result": None})


def test_fields_and_footnotes_move_nothing(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "On  He go home.")
    writer.ask("insert", "com.sun.star.text.Footnote", 0, 2)
    writer.ask("insert", "com.sun.star.text.textfield.PageNumber", 0, 4)
    held = writer.paragraphs[0]
    writer.command("correct")
    order = scripted.server.wait_command("shadowpen.verb")
    at = held.index("go")
    assert apply(scripted, ((0, at), (0, at + 2), "goes"))["applied"]
    assert writer.paragraphs == [held.replace("go", "goes")]
    scripted.server.order(send={"id": order["id"], "result": None})


def test_a_table_is_passed_over_and_its_cells_are_texts(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "Above.", "She wrote")
    writer.ask("table", 1)
    writer.ask("cursor", 0, 0)
    writer.ask("end")
    suggest(writer, " a letter")
    assert copy(scripted) == "Above.\n\nShe wrote"
    writer.key("tab")
    assert writer.paragraphs[-1] == "She wrote a letter" and "TABLE" in writer.paragraphs
    writer.ask("into_table", "The harbour")
    writer.key("space", CONTROL_ALT)
    wait_copy(scripted, "The harbour")


def test_where_a_shape_is_selected_it_says_what_to_do(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "The harbour")
    writer.command("continue")
    order = scripted.server.wait_command("shadowpen.continue")
    writer.ask("select_shape")
    reply = apply(scripted, ((0, 11), (0, 11), " was quiet."))
    assert reply == {"applied": False, "failureReason": "put the cursor into the text first"}
    scripted.server.order(send={"id": order["id"], "result": None})
    writer.key("space", CONTROL_ALT)
    writer.wait_told("put the cursor into the text first")


def test_a_text_that_is_gone_stops_nothing(scripted: Scripted) -> None:
    writer = scripted.writer
    writer.ask("put", "Above.", "")
    writer.ask("table", 1)
    writer.ask("into_table", "She wrote")
    writer.command("continue")
    order = scripted.server.wait_command("shadowpen.continue")
    writer.ask("remove_table")
    scripted.server.wait("textDocument/didClose")
    assert apply(scripted, ((0, 9), (0, 9), " a letter."))["applied"] is False
    scripted.server.order(send={"id": order["id"], "result": None})
    writer.ask("put", "The harbour")
    suggest(writer)
    assert "could not" not in writer.ask("sentence")


# --- what can be missing -------------------------------------------------------------------------------


def test_a_program_that_is_missing_is_named(start: Start) -> None:
    writer = start(["/nowhere/shadowpen", "lsp"])
    writer.ask("open")
    writer.ask("put", "The harbour")
    writer.key("space", CONTROL_ALT)
    writer.wait_told("cannot be started: /nowhere/shadowpen")
    assert "shadowpen install libreoffice" in writer.ask("sentence")
    assert writer.paragraphs == ["The harbour"]
