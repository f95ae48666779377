"""Corrections shown in the text: what is seen, and what is taken or left."""

from __future__ import annotations

from typing import Any

from ..conftest import Session, Start

COMMAND = "shadowpen.verb"
TEXT = "I saw teh sea. It were teh best.\nEnd\n\nAnother one.\n"
LINES = TEXT.splitlines()
# line, first and last column, text, sentence
CHANGES = ((0, 6, 9, "the", 0), (0, 18, 22, "was", 1), (0, 23, 26, "the", 1), (1, 3, 3, ".", 2))
SHOWN = "I saw tehthe sea. It werewas tehthe best."


def correct(session: Session, changes: tuple[tuple[int, int, int, str, int], ...] = CHANGES, reason: str = "") -> None:
    session.screen.command("ShadowpenRun correct")
    request = session.server.wait_command(COMMAND)
    assert request["params"]["arguments"][2:] == ["correct", {"preview": True}]
    answer(session, request, changes, reason)


def answer(
    session: Session, request: dict[str, Any], changes: tuple[tuple[int, int, int, str, int], ...], reason: str = ""
) -> None:
    told = [
        {
            "range": {"start": {"line": line, "character": first}, "end": {"line": line, "character": last}},
            "text": text,
            "sentence": sentence,
        }
        for line, first, last, text, sentence in changes
    ]
    session.server.order(send={"id": request["id"], "result": {"applied": False, "changes": told, "reason": reason}})


def started(start: Start) -> Session:
    session = start(text=TEXT)
    correct(session)
    session.screen.wait_for("4 corrections")
    return session


def test_the_old_is_struck_through_and_the_new_stands_beside_it(start: Start) -> None:
    session = started(start)
    assert session.screen.frame.lines[0] == SHOWN
    assert session.screen.frame.lines[1] == "End."
    assert session.screen.frame.lines[2].startswith("4 corrections  take all: <Tab>  take sentence: <M-Right>")
    marks = session.screen.lua(
        "local space = vim.api.nvim_get_namespaces()['shadowpen.correction']"
        " local marks = vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })"
        " return vim.tbl_map(function(mark) return mark[4].hl_group end, marks)"
    )
    assert marks.count("ShadowpenOld") == len(CHANGES)
    assert session.screen.lua("return vim.api.nvim_get_hl(0, { name = 'ShadowpenOld', link = false }).strikethrough")
    assert session.screen.buffer == LINES


def test_all_are_taken_in_one_undo_step(start: Start) -> None:
    session = started(start)
    session.keys("<Tab>")
    session.screen.wait_buffer("I saw the sea. It was the best.", "End.", *LINES[2:])
    session.screen.wait_gone("corrections")
    session.keys("u")
    session.screen.wait_buffer(*LINES)


def test_sentence_by_sentence_they_are_taken_or_left(start: Start) -> None:
    session = started(start)
    session.keys("<M-Right>")
    session.screen.wait_buffer("I saw the sea. It were teh best.", *LINES[1:])
    session.screen.wait_for("3 corrections")
    assert session.screen.cursor == (1, 18)
    session.keys("<C-n>")
    session.screen.wait_for("1 correction ")
    session.keys("<M-Right>")
    session.screen.wait_buffer("I saw the sea. It were teh best.", "End.", *LINES[2:])
    session.screen.wait_gone("correction")
    session.keys("u")
    session.screen.wait_buffer("I saw the sea. It were teh best.", *LINES[1:])


def test_left_nothing_changes_and_the_keys_come_back(start: Start) -> None:
    session = started(start)
    session.keys("<Esc>")
    session.screen.wait_gone("corrections")
    assert session.screen.buffer == LINES and session.screen.frame.lines[0] == LINES[0]
    assert session.screen.lua("return vim.fn.maparg('<Tab>', 'n')") == ""


def test_one_may_go_on_writing_and_what_changed_itself_is_left(start: Start) -> None:
    session = started(start)
    session.keys("ggO# Title<Esc>")
    session.screen.wait_buffer_where(lambda lines: lines[0] == "# Title")
    session.keys("2Gfehxx")
    session.keys("<Tab>")
    session.screen.wait_buffer_where(lambda lines: lines[1].endswith("It was the best.") and lines[2] == "End.")
    assert "changed meanwhile" in session.screen.lua("return vim.fn.execute('messages')")


def test_a_text_that_changes_while_it_is_read_gets_none(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenRun correct")
    request = session.server.wait_command(COMMAND)
    session.keys("ggx")
    session.server.wait("textDocument/didChange")
    answer(session, request, CHANGES)
    session.screen.wait_for("the text changed")
    assert session.screen.buffer[0] == LINES[0][1:]


def test_nothing_to_correct_is_said(start: Start) -> None:
    session = start(text=TEXT)
    correct(session, ())
    session.screen.wait_for("there is nothing to change here.")


def test_rewriting_is_shown_first_too(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("1,2ShadowpenRun rewrite shorter")
    request = session.server.wait_command(COMMAND)
    assert request["params"]["arguments"][2:] == ["rewrite", {"to": "shorter", "preview": True}]
    answer(session, request, CHANGES[:1])
    session.screen.wait_for("1 change ")
    session.keys("<Tab>")
    session.screen.wait_buffer("I saw the sea. It were teh best.", *LINES[1:])


def test_cancelled_the_server_hears_of_it(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("ShadowpenRun correct")
    session.server.wait_command(COMMAND)
    session.screen.command("ShadowpenCancel")
    session.server.wait("window/workDoneProgress/cancel")


def test_neovims_own_code_action_shows_them_first(start: Start) -> None:
    session = start(text=TEXT)
    uri = session.server.params("textDocument/didOpen")[0]["textDocument"]["uri"]
    here = {"line": 0, "character": 0}
    session.screen.lua(
        "local client = vim.lsp.get_clients({ name = 'shadowpen' })[1]"
        " client:exec_cmd({ command = 'shadowpen.verb', arguments = { ... } }, { bufnr = 0 })",
        uri,
        {"start": here, "end": here},
        "correct",
        {},
    )
    answer(session, session.server.wait_command(COMMAND), CHANGES)
    session.screen.wait_for("4 corrections")
