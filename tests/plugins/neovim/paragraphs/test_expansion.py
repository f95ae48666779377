"""Making a paragraph of notes: what is asked for, what the preview shows, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import Session, Start

COMMAND = "shadowpen.expand"
CANCEL = "$/cancelRequest"
TEXT = "# Title\n\n- ferry late\n- 🥸 harbour\n\nAfter.\n"
LINES = TEXT.splitlines()
BEST = "The ferry came late into the harbour."
OTHER = "Late was the ferry."
TAKEN = ["# Title", "", BEST, "", "After."]
HINT = "take: <Tab>  next: <C-n>  change: <C-t>  discard: <Esc>"


def expand(session: Session, lines: str = "3,4") -> dict[str, Any]:
    count = len(session.server.all("workspace/executeCommand"))
    session.screen.command(f"{lines}ShadowpenExpand")
    return asked(session, count + 1)


def asked(session: Session, count: int) -> dict[str, Any]:
    request: dict[str, Any] = session.server.wait("workspace/executeCommand", count)["message"]
    assert request["params"]["command"] == COMMAND
    return request


def progress(session: Session, request: dict[str, Any], message: str, kind: str = "report") -> None:
    value = {"kind": kind, "title": "Expand", "message": message}
    session.server.notify("$/progress", token=request["params"]["workDoneToken"], value=value)


def answer(session: Session, request: dict[str, Any], *texts: str, missing: str = "", reason: str = "") -> None:
    """The candidates; all but the first lack the word `missing`."""
    lacking = [[missing] if missing and text != texts[0] else [] for text in texts]
    result = {"applied": False, "candidates": list(texts), "missing": lacking, "version": 1, "reason": reason}
    session.server.order(send={"id": request["id"], "result": result})


def shown(start: Start, **options: Any) -> Session:
    """A session with a preview of two paragraphs."""
    session = start(text=TEXT, **options)
    answer(session, expand(session), BEST, OTHER, missing="harbour")
    session.screen.wait_for(BEST)
    return session


def span(request: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    ends = [request["params"]["arguments"][1][name] for name in ("start", "end")]
    first, last = [(end["line"], end["character"]) for end in ends]
    return first, last


def status(session: Session) -> str:
    found: str = session.screen.lua("return require('shadowpen').status()")
    return found


def messages(session: Session) -> str:
    found: str = session.screen.lua("return vim.fn.execute('messages')")
    return found


def test_the_paragraph_is_seen_while_it_is_written_and_taken_in_one_undo_step(start: Start) -> None:
    session = start(text=TEXT)
    request = expand(session)
    assert span(request) == ((2, 0), (3, len("- 🥸 harbour") + 1))
    assert request["params"]["arguments"][2] == {"preview": True, "seed": 0, "candidates": 3}
    session.screen.wait_for("writing …  discard: <Esc>")
    assert status(session) == "shadowpen: writing"
    progress(session, request, "", "begin")
    progress(session, request, "The ferry")
    session.screen.wait_for("The ferry")
    assert session.screen.frame.lines[2:7] == [*LINES[2:4], "writing …  discard: <Esc>", "The ferry", ""]
    progress(session, request, "done", "end")
    answer(session, request, BEST, OTHER)
    session.screen.wait_for(BEST)
    assert session.screen.frame.lines[2:7] == [*LINES[2:4], f"1 of 2  {HINT}", BEST, ""]
    assert session.screen.buffer == LINES
    assert status(session) != "shadowpen: writing"
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN)
    session.screen.wait_gone("take:")
    assert session.screen.cursor == (3, len(BEST) - 1)
    session.keys("u")
    session.screen.wait_buffer(*LINES)
    assert session.server.all(CANCEL) == []


def test_what_is_selected_within_lines_is_expanded_without_the_blanks_around_it(start: Start) -> None:
    session = start(text="Keep this 🥸 note é here.\n", options="keys = { expand = '<C-g>' }")
    session.keys("fnhv4el<C-g>")
    request = asked(session, 1)
    first, last = len("Keep this 🥸 ") + 1, len("Keep this 🥸 note é here.") + 1
    assert span(request) == ((0, first), (0, last))
    answer(session, request, BEST)
    session.screen.wait_for(BEST)
    session.keys("<Tab>")
    session.screen.wait_buffer(f"Keep this 🥸 {BEST}")


@pytest.mark.parametrize("keys", ["v3l<M-CR>", "v3l<Plug>(shadowpen-expand)", "v3l:ShadowpenExpand<CR>"])
def test_one_word_by_plug_and_by_command(start: Start, keys: str) -> None:
    session = start(text="Öse ö and\n")
    session.keys(keys)
    request = asked(session, 1)
    assert span(request) == ((0, 0), (0, 3))
    session.keys("<Esc>")
    session.server.wait(CANCEL)
    session.screen.command("normal! wv")
    session.screen.lua("require('shadowpen').expand()")
    assert span(asked(session, 2)) == ((0, 4), (0, 5))


def test_a_selection_of_whole_lines_and_no_selection(start: Start) -> None:
    session = start(text=TEXT)
    session.keys("2GVjj<Plug>(shadowpen-expand)")
    assert span(asked(session, 1)) == ((2, 0), (3, len("- 🥸 harbour") + 1))
    session.keys("6G")
    assert span(expand(session, "")) == ((5, 0), (5, 6))
    session.server.wait(CANCEL)  # of the first one


def test_next_shows_the_others_with_what_they_left_out_and_then_asks_for_more(start: Start) -> None:
    session = shown(start)
    session.keys("<C-n>")
    session.screen.wait_for(OTHER)
    assert " ".join(session.screen.frame.lines[4:6]) == f"2 of 2  left out: harbour  {HINT}"
    session.keys("<C-n>")
    request = asked(session, 2)
    assert request["params"]["arguments"][2]["seed"] == 1
    progress(session, request, "A third")
    session.screen.wait_for("A third")
    session.keys("<Tab><C-n>")
    session.quiet()
    assert "still being written" in messages(session)
    answer(session, request, "A third one.", "A fourth one.")
    session.screen.wait_for("A third one.")
    session.screen.wait_for("3 of 4")
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN[:2], "A third one.", *TAKEN[3:])
    assert len(session.server.all("workspace/executeCommand")) == 2


def test_no_more_paragraphs_leave_the_last_one_on_the_screen(start: Start) -> None:
    session = shown(start)
    session.keys("<C-n><C-n>")
    answer(session, asked(session, 2), reason="the model wrote nothing for these notes")
    session.screen.wait_for("wrote nothing")
    session.screen.wait_for(OTHER)
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN[:2], OTHER, *TAKEN[3:])


def test_escape_stops_the_writing_and_tells_the_server(start: Start) -> None:
    session = start(text=TEXT)
    request = expand(session)
    progress(session, request, "The ferry")
    session.screen.wait_for("The ferry")
    session.keys("<Esc>")
    assert session.server.wait(CANCEL)["message"]["params"]["id"] == request["id"]
    cancelled = session.server.wait("window/workDoneProgress/cancel")["message"]["params"]
    assert cancelled["token"] == request["params"]["workDoneToken"]
    session.screen.wait_gone("The ferry")
    answer(session, request, BEST)  # too late
    session.quiet()
    assert BEST not in session.screen.text
    assert session.screen.buffer == LINES
    assert status(session) != "shadowpen: writing"


@pytest.mark.parametrize("stop", ["<Esc>", ":ShadowpenCancel<CR>", "i<C-]>"])
def test_a_discarded_preview_changes_nothing(start: Start, stop: str) -> None:
    session = shown(start)
    session.keys(stop)
    session.screen.wait_gone(BEST)
    assert session.screen.buffer == LINES
    assert session.server.all(CANCEL) == []


def test_the_keys_are_lent_and_come_back(start: Start) -> None:
    mine = "vim.keymap.set('n', '<Esc>', function() vim.g.mine = (vim.g.mine or 0) + 1 end, { buffer = 1 })"
    session = start(text=TEXT, before=f"vim.api.nvim_create_autocmd('BufRead', {{ callback = function() {mine} end }})")
    answer(session, expand(session), BEST)
    session.screen.wait_for(BEST)
    session.keys("<Esc>")
    session.screen.wait_gone(BEST)
    session.keys("<Esc>")
    assert session.screen.lua("return vim.g.mine") == 1
    assert session.screen.lua("return vim.fn.maparg('<Tab>', 'n')") == ""


def test_keys_of_the_writers_choice(start: Start) -> None:
    session = shown(start, options="keys = { take = '<CR>', next = '', change = '', discard = 'q' }")
    assert session.screen.frame.lines[4] == "1 of 2  take: <CR>  discard: q"
    session.keys("<CR>")
    session.screen.wait_buffer(*TAKEN)


def test_a_text_that_changes_while_it_is_written_stops_it(start: Start) -> None:
    session = start(text=TEXT)
    request = expand(session)
    progress(session, request, "The ferry")
    session.screen.wait_for("The ferry")
    session.keys("ggx")
    session.server.wait(CANCEL)
    session.screen.wait_gone("The ferry")
    assert "the text changed" in messages(session)


@pytest.mark.parametrize("change", ["ggx", "ggO<Esc>", "<Cmd>split<CR>ggx"])
def test_a_changed_text_is_left_as_it_is_and_the_paragraph_can_be_put(start: Start, change: str) -> None:
    session = shown(start)
    session.keys(change)
    session.screen.wait_for("yank: <Tab>")
    before = session.screen.buffer
    session.keys("<Tab>")
    session.screen.wait_gone("1 of 2")
    assert session.screen.buffer == before
    assert "the text changed meanwhile; p inserts the paragraph." in messages(session)
    session.keys("Gp")
    session.screen.wait_buffer(*before[:-1], before[-1][:1] + BEST + before[-1][1:])


def test_a_change_and_take_in_one_burst_are_refused(start: Start) -> None:
    session = shown(start)
    session.keys("ggx<Tab>")
    session.screen.wait_gone(BEST)
    assert session.screen.buffer == [" Title", *LINES[1:]]


def test_saving_changes_nothing(start: Start) -> None:
    session = start(text=TEXT)
    session.keys("Gxu")
    answer(session, expand(session), BEST)
    session.screen.wait_for(BEST)
    session.screen.command("write")
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN)


def test_two_windows_on_one_file_show_it_and_the_other_one_may_take(start: Start) -> None:
    session = start(text=TEXT)
    session.screen.command("vsplit")
    request = expand(session)
    long = "word " * 12 + "end."
    answer(session, request, long)
    session.screen.wait_for("end.")
    assert sum(line.count("end.") for line in session.screen.frame.lines) == 2
    session.screen.command("wincmd p")
    session.keys("<Tab>")
    session.screen.wait_buffer("# Title", "", long, "", "After.")
    session.screen.wait_gone("take:")
    session.keys("u")
    session.screen.wait_buffer(*LINES)


@pytest.mark.parametrize("way", ["bdelete!", "bwipeout!", "edit!"])
def test_a_buffer_that_goes_or_is_read_anew_stops_it(start: Start, way: str) -> None:
    session = start(text=TEXT)
    request = expand(session)
    session.screen.command(way)
    session.server.wait(CANCEL)
    answer(session, request, BEST)
    session.quiet()
    assert BEST not in session.screen.text
    assert status(session) != "shadowpen: writing"


def test_a_buffer_renamed_meanwhile_takes_it(start: Start) -> None:
    session = start(text=TEXT)
    request = expand(session)
    session.screen.command("file renamed.md")
    answer(session, request, BEST)
    session.screen.wait_for(BEST)
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN)


def test_a_server_that_dies_ends_the_writing(start: Start) -> None:
    session = start(text=TEXT)
    request = expand(session)
    progress(session, request, "The ferry")
    session.screen.wait_for("The ferry")
    session.server.order(exit=3)
    session.screen.wait_for("the server stopped (exit code 3)")
    session.screen.wait_gone("The ferry")
    assert status(session) == "shadowpen: error"


def test_a_preview_outlives_its_server(start: Start) -> None:
    session = shown(start)
    session.server.order(exit=3)
    session.screen.wait_for("the server stopped (exit code 3)")
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN)


def test_a_refusal_and_an_error_are_told(start: Start) -> None:
    session = start(text=TEXT)
    answer(session, expand(session), reason="5000 words are too many for one paragraph.")
    session.screen.wait_for("5000 words are too many")
    session.screen.wait_gone("writing …")
    request = expand(session)
    session.server.order(send={"id": request["id"], "error": {"code": -32603, "message": "No model is installed."}})
    session.screen.wait_for("No model is installed.")
    session.screen.wait_gone("writing …")


@pytest.mark.parametrize(
    ("before", "line", "reason"),
    [
        ("", "2", "there are no notes to expand"),
        ("ShadowpenToggle", "3", "no expansion here: turned off"),
        ("set nomodifiable", "3", "no expansion here: 'nomodifiable' is set."),
    ],
)
def test_where_there_is_nothing_to_expand_it_says_so(start: Start, before: str, line: str, reason: str) -> None:
    session = start(text=TEXT)
    session.screen.command(before)
    session.screen.command(f"{line}ShadowpenExpand")
    assert reason in messages(session)
    assert session.server.all("workspace/executeCommand") == []


def test_the_end_of_a_screen_scrolls_so_that_the_paragraph_is_seen(start: Start) -> None:
    session = start(text="line\n" * 30 + TEXT)
    session.keys("G<C-e>zb")
    answer(session, expand(session, "36"), "word " * 60 + "end.")
    session.screen.wait_for("end.")


def test_a_writer_who_looks_elsewhere_is_not_moved(start: Start) -> None:
    session = start(text="line\n" * 60 + TEXT)
    request = expand(session, "66")
    session.keys("5Gzt10j")
    session.screen.wait_buffer_where(lambda _: session.screen.cursor[0] == 15)
    progress(session, request, "word " * 200)
    session.quiet()
    assert session.screen.lua("return vim.fn.line('w0')") == 5


def test_the_code_action_of_neovims_own_menu_has_the_preview(start: Start) -> None:
    session = start(text=TEXT)
    uri = session.server.params("textDocument/didOpen")[0]["textDocument"]["uri"]
    ends = {"start": {"line": 3, "character": 2}, "end": {"line": 3, "character": 4}}
    session.screen.lua(
        "local client = vim.lsp.get_clients({ name = 'shadowpen' })[1]"
        " client:exec_cmd({ command = 'shadowpen.expand', arguments = { ... } }, { bufnr = 0 })",
        uri,
        ends,
    )
    request = asked(session, 1)
    assert span(request) == ((3, 2), (3, 4))
    answer(session, request, BEST)
    session.screen.wait_for(BEST)
    session.keys("<Tab>")
    session.screen.wait_buffer(*LINES[:3], f"- {BEST} harbour", *LINES[4:])


def test_toggling_off_drops_it(start: Start) -> None:
    session = start(text=TEXT)
    expand(session)
    session.screen.command("ShadowpenToggle")
    session.server.wait(CANCEL)
    session.screen.wait_gone("writing …")
