"""Taking ghost text: what lands in the buffer, in which undo step, and what the server is told."""

from __future__ import annotations

import pytest

from ..conftest import Session, Start

FOX = {"The quick": " brown fox jumps."}
PARTIAL = "textDocument/didPartiallyAcceptCompletion"


def shown(session: Session, keys: str = "iThe quick", ghost: str = "brown fox jumps.") -> Session:
    session.keys(keys)
    session.screen.wait_for(ghost)
    return session


def test_all_of_it(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("<Tab>")
    session.screen.wait_buffer("The quick brown fox jumps.")
    assert session.screen.cursor == (1, len("The quick brown fox jumps."))
    command = session.server.wait_command("shadowpen.accept")
    assert command["params"]["arguments"] == ["ghost-0", " brown fox jumps."]
    changes = session.server.all("textDocument/didChange")
    assert changes[-1]["text"] == "The quick brown fox jumps.\n"
    assert session.server.events.index(changes[-1]) < next(
        index for index, event in enumerate(session.server.events) if event["message"] == command
    )


@pytest.mark.parametrize(
    "paste", ["return false", "return true", "error('no paste here')", "vim.api.nvim_put({ 'else' }, 'c', false, true)"]
)
def test_a_vim_paste_of_the_writers_own_has_no_say(start: Start, paste: str) -> None:
    own = f"function(lines, phase) vim.g.pasted = 1; {paste} end"
    session = shown(start(FOX, before=f"vim.paste = {own}; _G.own = vim.paste"))
    session.keys("<C-Right><Tab><Esc>")
    session.screen.wait_buffer("The quick brown fox jumps.")
    assert session.screen.lua("return vim.paste == _G.own and vim.g.pasted == nil")
    session.keys("o<Esc>.")
    session.screen.wait_buffer("The quick brown fox jumps.", "", "")


def test_word_by_word(start: Start) -> None:
    session = shown(start(FOX))
    for words in ("The quick brown", "The quick brown fox", "The quick brown fox jumps."):
        session.keys("<C-Right>")
        session.screen.wait_buffer(words)
        session.quiet()
        assert session.screen.frame.lines[0] == "The quick brown fox jumps."
    assert [params["acceptedLength"] for params in session.server.params(PARTIAL)] == [6, 10]
    assert {params["item"]["insertText"] for params in session.server.params(PARTIAL)} == {" brown fox jumps."}
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"][0] == "ghost-0"


def test_a_word_typed_half_is_counted_from_the_beginning_in_utf16(start: Start) -> None:
    session = shown(start({"So": " 🐱🐱 Größe und mehr."}), "iSo", "und mehr")
    session.keys(" 🐱")
    session.screen.wait_buffer("So 🐱")
    session.quiet()
    session.keys("<C-Right><C-Right>")
    session.screen.wait_buffer("So 🐱🐱 Größe")
    session.server.wait(PARTIAL, 2)
    assert [params["acceptedLength"] for params in session.server.params(PARTIAL)] == [5, 11]


def test_line_by_line(start: Start) -> None:
    session = shown(start({"Dear Mrs": ". Smith,\n\nThank you.\nYours"}), "iDear Mrs", "Yours")
    session.keys("<C-Down>")
    session.screen.wait_buffer("Dear Mrs. Smith,")
    session.keys("<C-Down>")
    session.screen.wait_buffer("Dear Mrs. Smith,", "", "Thank you.")
    session.server.wait(PARTIAL, 2)
    session.keys("<C-Down>")
    session.screen.wait_buffer("Dear Mrs. Smith,", "", "Thank you.", "Yours")
    session.server.wait_command("shadowpen.accept")
    assert [params["acceptedLength"] for params in session.server.params(PARTIAL)] == [8, 20]
    assert session.screen.cursor == (4, 5)


def test_sentence_by_sentence(start: Start) -> None:
    session = shown(start({"He said": ", “Go.” She went\nhome at 3.15 p.m. now! And 好。再见"}), "iHe said", "再见")
    session.keys("<M-Right>")
    session.screen.wait_buffer("He said, “Go.”")
    session.quiet()
    session.keys("<M-Right>")
    session.screen.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m.")
    session.keys("<M-Right><M-Right>")
    session.screen.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m. now! And 好。")
    session.server.wait(PARTIAL, 4)
    session.keys("<M-Right>")
    session.screen.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m. now! And 好。再见")
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"][0] == "ghost-0"


def test_undo_takes_back_only_what_was_accepted(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("<Tab> It ran.<Esc>")
    session.screen.wait_buffer("The quick brown fox jumps. It ran.")
    for text in ("The quick brown fox jumps.", "The quick", ""):
        session.keys("u")
        session.screen.wait_buffer(text)
    session.keys("<C-r><C-r>")
    session.screen.wait_buffer("The quick brown fox jumps.")


def test_undo_settings_are_left_as_they_are(start: Start) -> None:
    session = shown(start(FOX, before="vim.go.undolevels = 77"))
    session.screen.lua("vim.bo.undolevels = 33")
    session.keys("<C-Right><Tab>")
    session.screen.wait_buffer("The quick brown fox jumps.")
    assert session.screen.lua("return { vim.go.undolevels, vim.bo.undolevels }") == [77, 33]


def test_repeating_an_insert_repeats_the_accepted_text(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("<Tab> It ran.<Esc>o<Esc>")
    session.screen.wait_buffer("The quick brown fox jumps. It ran.", "")
    session.screen.command("1")
    session.keys("A The quick")
    session.screen.wait_for("It ran. The quick brown")
    session.keys("<Tab><Esc>j.")
    session.screen.wait_buffer(
        "The quick brown fox jumps. It ran. The quick brown fox jumps.",
        " The quick brown fox jumps.",
    )


@pytest.mark.parametrize(("key", "text"), [("<Tab>", "xyz\t"), ("<C-Right>", "xyz"), ("<C-]>", "xyz")])
def test_without_ghost_text_a_key_is_the_plain_key(start: Start, key: str, text: str) -> None:
    session = start(FOX, name="text.txt")
    session.keys("ixyz" + key + "!")
    session.screen.wait_buffer(text + "!")


def test_tab_and_more_text_in_one_burst_keep_their_order(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("<Tab> It ran.")
    session.screen.wait_buffer("The quick brown fox jumps. It ran.")


def test_a_letter_and_tab_in_one_burst_never_take_a_ghost_that_no_longer_fits(start: Start) -> None:
    session = shown(start(FOX, name="text.txt"))
    session.keys("x<Tab>y")
    session.screen.wait_buffer("The quickx\ty")


def test_typing_along_and_tab_in_one_burst(start: Start) -> None:
    session = shown(start(FOX))
    session.keys(" bro<Tab>!")
    session.screen.wait_buffer("The quick brown fox jumps.!")


def test_in_the_middle_of_a_line(start: Start) -> None:
    session = shown(start(FOX, text=" and so on\n"), "0iThe quick")
    session.keys("<C-Right><Tab>")
    session.screen.wait_buffer("The quick brown fox jumps. and so on")
    assert session.screen.cursor == (1, len("The quick brown fox jumps."))


def test_a_line_grown_beyond_textwidth_is_broken_by_the_next_key(start: Start) -> None:
    session = shown(start({"Fix": " the thing that was broken since the day on which it was made."}), "iFix", "made.")
    session.screen.command("set textwidth=30")
    session.keys("<Tab> So")
    session.screen.wait_buffer("Fix the thing that was broken", "since the day on which it was", "made. So")


def test_the_writers_own_tab_is_left_alone(start: Start) -> None:
    session = shown(start(FOX, before="vim.keymap.set('i', '<Tab>', 'mine')"))
    session.keys("<Tab>")
    session.screen.wait_buffer("The quickmine")


def test_other_keys_and_no_key(start: Start) -> None:
    session = start(FOX, options="keys = { accept = '<C-l>', accept_word = '' }")
    assert session.screen.lua("return vim.fn.maparg('<C-Right>', 'i')") == ""
    shown(session)
    session.keys("<C-l>")
    session.screen.wait_buffer("The quick brown fox jumps.")


def test_a_snippets_jump_on_tab_still_works(start: Start) -> None:
    session = start(FOX)
    session.keys("i")
    session.screen.lua("vim.snippet.expand('a$1b$2')")
    session.keys("1<Tab>2")
    session.screen.wait_buffer("a1b2")


def test_mapped_only_where_ghost_text_is_meant(start: Start) -> None:
    session = start(FOX)
    session.screen.command("edit code.py")
    session.keys("ixyz<Tab>!")
    session.screen.wait_buffer("xyz !")
    assert "shadowpen" not in session.screen.lua("return vim.fn.maparg('<Tab>', 'i', false, true).desc or ''")
