"""Ghost text on the drawn screen of a real Neovim: where it stands, how it stays, and when it goes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ..conftest import Session, Start

FOX = {"The quick": " brown fox jumps."}
GHOST = "The quick brown fox jumps."
REQUEST = "textDocument/inlineCompletion"
CANCEL = "$/cancelRequest"
SHOWN = "textDocument/didShowCompletion"


def shown(session: Session, keys: str = "iThe quick", ghost: str = GHOST) -> Session:
    session.keys(keys)
    session.screen.wait_for(ghost)
    session.quiet()
    return session


def marks(session: Session) -> int:
    """How many ghosts are drawn in the buffer, by whomever."""
    return len(session.screen.lua("return vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, {})"))


def test_it_is_drawn_in_its_colour_and_is_not_in_the_buffer(start: Start) -> None:
    session = shown(start(FOX))
    assert session.screen.buffer == ["The quick"]
    ghost, text = session.screen.colour(" brown fox jumps."), session.screen.colour("The quick")
    comment = session.screen.lua("return vim.api.nvim_get_hl(0, { name = 'Comment' }).fg")
    assert all(cell.get("foreground") == comment for cell in ghost)
    assert all(cell.get("foreground") != comment for cell in text)
    session.server.wait(SHOWN)
    assert [params["item"]["insertText"] for params in session.server.params(SHOWN)] == [" brown fox jumps."]


def test_the_colour_survives_a_change_of_colour_scheme(start: Start) -> None:
    session = start(FOX)
    session.screen.command("colorscheme blue")
    shown(session)
    comment = session.screen.lua("return vim.api.nvim_get_hl(0, { name = 'Comment' }).fg")
    assert session.screen.colour(" brown fox")[0]["foreground"] == comment


@pytest.mark.parametrize("background", ["dark", "light"])
@pytest.mark.parametrize("scheme", ["default", "quiet"])
def test_without_true_colour_it_has_a_colour_of_its_own(start: Start, scheme: str, background: str) -> None:
    session = start(FOX, before="vim.o.termguicolors = false")
    session.screen.command(f"set background={background}")
    session.screen.command(f"colorscheme {scheme}")
    get = "return vim.api.nvim_get_hl(0, { name = ..., link = false })"
    ghost, normal = session.screen.lua(get, "ShadowpenGhost"), session.screen.lua(get, "Normal")
    assert ghost["ctermfg"] and ghost["ctermfg"] != normal.get("ctermfg")
    assert ghost["cterm"]["italic"]
    assert ghost["fg"] != normal["fg"]


@pytest.mark.parametrize(("count", "most"), [(8, 7), (16, 15), (256, 255)])
def test_its_colour_is_one_that_the_terminal_has(start: Start, count: int, most: int) -> None:
    session = start(FOX)
    session.screen.call(lambda nvim: nvim.api.ui_set_option("term_colors", count))
    session.screen.command("doautocmd UIEnter")
    colour = session.screen.lua("return vim.api.nvim_get_hl(0, { name = 'ShadowpenGhost', link = false }).ctermfg")
    assert 0 < colour <= most


def test_in_a_terminal_without_colours_it_is_underlined(start: Start) -> None:
    session = start(FOX, before="vim.o.termguicolors = false")
    session.screen.call(lambda nvim: nvim.api.ui_set_option("term_colors", 1))
    session.screen.command("doautocmd UIEnter")
    ghost = session.screen.lua("return vim.api.nvim_get_hl(0, { name = 'ShadowpenGhost', link = false })")
    assert ghost["cterm"]["underline"]
    told_apart = "return require('shadowpen.highlights').told_apart()"
    assert session.screen.lua(told_apart)
    session.screen.command("highlight ShadowpenGhost ctermfg=4")
    assert not session.screen.lua(told_apart)
    assert session.screen.lua("return require('shadowpen.highlights').advice()") == "cterm=underline"


def test_the_writers_own_highlight_holds(start: Start) -> None:
    session = start(FOX, before="vim.cmd('highlight ShadowpenGhost guifg=#ff0000')")
    shown(session)
    assert session.screen.colour(" brown fox jumps.")[0]["foreground"] == 0xFF0000


@pytest.mark.parametrize("keys", ["<C-c>", "<Esc>", "<C-o>0"])
def test_out_of_insert_mode_there_is_none(start: Start, keys: str) -> None:
    session = shown(start(FOX))
    session.keys(keys)
    session.screen.wait_gone("brown")
    assert marks(session) == 0


def test_an_answer_that_comes_after_ctrl_c_is_not_drawn(start: Start) -> None:
    session = start(held=["The quick"], deaf=True)
    session.keys("iThe quick")
    request = session.server.wait_request("The quick")
    session.keys("<C-c>")
    session.server.wait(CANCEL)
    session.server.answer(request, " brown fox")
    session.quiet()
    session.keys("A")
    session.quiet()
    assert not any("brown" in frame.text for frame in session.screen.frames)


@pytest.mark.parametrize("range", ["absent", "cursor"])
def test_it_is_drawn_with_and_without_a_range(start: Start, range: str) -> None:
    session = shown(start(FOX, range=range, text="\n and so on\n"), "0iThe quick")
    session.keys("<Tab>")
    session.screen.wait_buffer("The quick brown fox jumps.", " and so on")


def test_typed_along_it_never_vanishes_and_never_waits(start: Start) -> None:
    typed = " brown fo"
    session = shown(start(FOX, held=["The quick" + typed[: n + 1] for n in range(len(typed))]))
    first = len(session.screen.frames)
    for count, key in enumerate(typed, start=1):
        session.keys(key)
        session.screen.wait_buffer("The quick" + typed[:count])
    assert len(session.screen.frames) > first
    assert all(frame.lines[0] == GHOST for frame in session.screen.frames[first:])
    assert session.screen.colour("x jumps.")[0] != session.screen.colour("brown")[0]


def test_deleting_what_was_typed_along_gives_it_back(start: Start) -> None:
    session = shown(start(FOX, held=["The quick b", "The quick br", "The quick "]))
    session.keys(" br")
    session.screen.wait_buffer("The quick br")
    first = len(session.screen.frames)
    session.keys("<BS><BS>")
    session.screen.wait_buffer("The quick ")
    assert all(frame.lines[0] == GHOST for frame in session.screen.frames[first:])


def test_typed_along_it_grows_when_a_longer_answer_comes(start: Start) -> None:
    session = shown(start(FOX, held=["The quick b"]))
    session.keys(" b")
    session.server.answer(session.server.wait_request("The quick b"), "rown fox jumps. It lands.")
    session.screen.wait_for("The quick brown fox jumps. It lands.")
    assert session.screen.buffer == ["The quick b"]


@pytest.mark.parametrize("answer", [[], ["itter end."], ["rown"]])
def test_typed_along_it_never_changes_under_the_eyes(start: Start, answer: list[str]) -> None:
    session = shown(start(FOX, held=["The quick b"]))
    session.keys(" b")
    first = len(session.screen.frames)
    session.server.answer(session.server.wait_request("The quick b"), *answer)
    session.quiet()
    assert all(frame.lines[0] == GHOST for frame in session.screen.frames[first:])


def test_another_letter_takes_it_away_at_once(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("x")
    session.screen.wait_buffer("The quickx")
    session.quiet()
    assert "brown" not in session.screen.text
    assert marks(session) == 0


def test_a_newer_text_cancels_the_request_under_way(start: Start) -> None:
    session = start(FOX, held=["slowly"])
    session.keys("islowly")
    request = session.server.wait_request("slowly")
    session.keys(" x")
    session.server.wait(CANCEL)
    assert session.server.params(CANCEL)[0]["id"] == request["id"]


def test_a_stale_answer_is_never_drawn(start: Start) -> None:
    session = start(held=["slowly", "slowly x"], deaf=True)
    session.keys("islowly")
    old = session.server.wait_request("slowly")
    session.keys(" x")
    new = session.server.wait_request("slowly x")
    session.server.answer(old, " but surely")
    session.quiet()
    session.server.answer(new, " yz")
    session.screen.wait_for("slowly x yz")
    assert not any("surely" in frame.text for frame in session.screen.frames)


def test_an_answer_after_the_cursor_moved_is_never_drawn(start: Start) -> None:
    session = start(held=["slowly"], deaf=True)
    session.keys("islowly")
    request = session.server.wait_request("slowly")
    session.keys("<Left>")
    session.quiet()
    session.server.answer(request, " but surely")
    session.quiet()
    assert not any("surely" in frame.text for frame in session.screen.frames)


@pytest.mark.parametrize("key", ["<Esc>", "<C-]>", "<Left>", "<C-o>h"])
def test_keys_that_take_it_away(start: Start, key: str) -> None:
    session = shown(start(FOX))
    session.keys(key)
    session.screen.wait_gone("brown")
    assert session.screen.buffer == ["The quick"]
    assert session.screen.lua("return vim.fn.mode()") == ("n" if key == "<Esc>" else "i")
    assert marks(session) == 0


def dismissals(session: Session) -> list[list[str]]:
    return [
        params["arguments"]
        for params in session.server.params("workspace/executeCommand")
        if params["command"] == "shadowpen.dismiss"
    ]


def test_waved_away_the_server_is_told_which_it_was(start: Start) -> None:
    session = shown(start(FOX))
    session.keys("<C-]>")
    session.screen.wait_gone("brown")
    session.server.wait_command("shadowpen.dismiss")
    assert dismissals(session) == [["ghost-0"]]
    session.keys("<C-]>")
    session.quiet()
    assert len(dismissals(session)) == 1


@pytest.mark.parametrize("key", ["<Esc>", "x", "<Left>"])
def test_what_only_takes_it_away_is_no_dismissal(start: Start, key: str) -> None:
    session = shown(start(FOX))
    session.keys(key)
    session.screen.wait_gone("brown")
    session.screen.lua("require('shadowpen').hide()")
    session.quiet()
    assert dismissals(session) == []


def test_alternatives_are_shown_in_turn_and_the_one_shown_is_taken(start: Start) -> None:
    session = start(held=["Hi"])
    session.keys("iHi<M-Bslash>")
    session.server.answer(asked_by_key(session), " there.", " you.", " you.", "  ", " all.")
    session.screen.wait_for("Hi there.")
    for key, text in (("<M-]>", "Hi you."), ("<M-]>", "Hi all."), ("<M-]>", "Hi there."), ("<M-[>", "Hi all.")):
        session.keys(key)
        session.screen.wait_for(text)
    session.quiet()
    assert len(asked(session)) == 1
    assert [params["item"]["insertText"] for params in session.server.params(SHOWN)] == [
        " there.", " you.", " all.", " there.", " all."
    ]  # fmt: skip
    session.keys("<Tab>")
    session.screen.wait_buffer("Hi all.")
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"][1] == " all."


def asked(session: Session) -> list[dict[str, Any]]:
    """The requests by key."""
    requests = [event["message"] for event in session.server.all(REQUEST)]
    return [request for request in requests if request["params"]["context"]["triggerKind"] == 1]


def asked_by_key(session: Session) -> dict[str, Any]:
    session.server.happenings.wait(lambda: asked(session), "a request by key")
    return asked(session)[-1]


def test_another_than_the_one_that_came_by_itself_is_asked_for(start: Start) -> None:
    session = start(held=["Hi"])
    session.keys("iHi")
    session.server.answer(session.server.wait_request("Hi"), " there.")
    session.screen.wait_for("Hi there.")
    session.quiet()
    session.keys("<M-]>")
    session.server.answer(asked_by_key(session), " there.", " you.")
    session.screen.wait_for("Hi you.")
    session.screen.command("Shadowpen previous")
    session.screen.wait_for("Hi there.")


def test_an_alternative_that_does_not_go_on_as_the_writer_did_is_passed_over(start: Start) -> None:
    session = start(held=["Hi", "Hi t"])
    session.keys("iHi<M-Bslash>")
    session.server.answer(asked_by_key(session), " there.", " you.", " to all.")
    session.screen.wait_for("Hi there.")
    session.keys(" t")
    session.screen.wait_buffer("Hi t")
    session.keys("<M-]>")
    session.screen.wait_for("Hi to all.")
    session.keys("<M-]>")
    session.screen.wait_for("Hi there.")
    session.keys("<Tab>")
    session.screen.wait_buffer("Hi there.")


def test_it_waits_for_insert_mode(start: Start) -> None:
    session = start(held=["The quick"], deaf=True)
    session.keys("iThe quick")
    request = session.server.wait_request("The quick")
    session.keys("<Esc>")
    session.quiet()
    session.server.answer(request, " brown fox")
    session.quiet()
    assert not any("brown" in frame.text for frame in session.screen.frames)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_behind_letters_of_many_bytes(start: Start, encoding: str) -> None:
    session = start({"Größe 🐱 ist": " größer 🐈 als erwartet."}, encoding=encoding, text=" — gut\n")
    shown(session, "0iGröße 🐱 ist", "größer 🐈 als erwartet. — gut")
    assert session.server.wait_request("ist")["params"]["position"]["character"] == (
        len(b"Gr\xc3\xb6\xc3\x9fe \xf0\x9f\x90\xb1 ist") if encoding == "utf-8" else 12
    )
    session.keys("<Tab>")
    session.screen.wait_buffer("Größe 🐱 ist größer 🐈 als erwartet. — gut")


def test_over_several_lines(start: Start) -> None:
    session = start({"Dear Mrs": ". Smith,\n\nThank you for your letter."}, text="\nlast line\n")
    shown(session, "iDear Mrs", "Thank you")
    assert session.screen.frame.lines[:4] == ["Dear Mrs. Smith,", "", "Thank you for your letter.", "last line"]
    session.keys(". Smith,<CR>")
    session.screen.wait_buffer("Dear Mrs. Smith,", "", "last line")
    session.quiet()
    assert session.screen.frame.lines[:4] == ["Dear Mrs. Smith,", "", "Thank you for your letter.", "last line"]


def test_long_lines_below_are_wrapped_not_cut(start: Start) -> None:
    words = " ".join(f"word{n:02}" for n in range(30))
    session = start({"Hm": f".\n{words}"})
    shown(session, "iHm", "word29")
    assert " ".join(session.screen.frame.lines[1:5]).strip().startswith(words)


@pytest.mark.parametrize(
    "words",
    ["我们明天一起去港口，看那些船。" * 8, "https://example.org/" + "harbour" * 20],
    ids=["Chinese", "an address"],
)
def test_a_long_line_below_without_blanks_is_wrapped_too(start: Start, words: str) -> None:
    session = start({"Hm": f".\n{words}|"})
    shown(session, "iHm", "|")
    lines = "".join(line.strip() for line in session.screen.frame.lines[1:5]).replace(" ", "")
    assert lines.startswith(f"{words}|")


def test_in_the_middle_of_a_line_it_pushes_the_rest_aside(start: Start) -> None:
    session = start(FOX, text=" and so on\n")
    shown(session, "0iThe quick", "The quick brown fox jumps. and so on")
    session.keys(" br")
    session.screen.wait_buffer("The quick br and so on")
    session.quiet()
    assert session.screen.frame.lines[0] == "The quick brown fox jumps. and so on"


def test_no_request_for_a_moved_cursor(start: Start) -> None:
    session = shown(start(FOX))
    count = len(session.server.all(REQUEST))
    session.keys("<Left><Left>")
    session.screen.wait_gone("brown")
    session.quiet()
    assert len(session.server.all(REQUEST)) == count


def test_going_on_at_the_end_of_a_line_asks_and_mending_does_not(start: Start) -> None:
    session = start(FOX, text="The quick\n")
    session.keys("0i")
    session.quiet()
    assert session.server.all(REQUEST) == []
    session.keys("<Esc>A")
    session.screen.wait_for(GHOST)


def test_asked_for_by_key(start: Start) -> None:
    session = start({"The quick": " brown fox."}, text="The quick today\n")
    session.keys("0eea<M-Bslash>")
    session.screen.wait_for("The quick brown fox. today")
    session.quiet()
    assert session.server.params(REQUEST)[-1]["context"]["triggerKind"] == 1


def test_a_popup_menu_and_ghost_text_are_never_both_shown(start: Start) -> None:
    session = start(FOX, before="vim.o.completeopt = 'menu,menuone,noinsert'", text="\n\n\n\n\nquickest quicksand\n")
    shown(session)
    session.keys("<C-n>")
    session.screen.happenings.wait(lambda: session.screen.text.count("quicksand") > 1, "the menu")
    session.keys("<C-e>")
    session.quiet()
    session.keys("<BS>k")
    session.screen.wait_for(GHOST)
    menu = [frame for frame in session.screen.frames if frame.text.count("quicksand") > 1]
    assert menu
    assert not any("brown" in frame.text for frame in menu)


def test_none_while_a_macro_is_recorded(start: Start) -> None:
    session = start(FOX)
    session.keys("qqiThe quick")
    session.screen.wait_buffer("The quick")
    session.quiet()
    assert session.server.all(REQUEST) == []
    session.keys("<Tab>now<Esc>q")
    session.screen.command("%delete")
    session.keys("@q")
    session.screen.wait_buffer("The quick   now")
    session.quiet()
    assert "brown" not in session.screen.text


def test_answers_that_are_no_ghost_text(start: Start) -> None:
    session = start(held=["one", "two", "three"])
    for word, result in (("one", None), ("two", {"items": [{"insertText": "   "}]})):
        session.keys(f"i{word}" if word == "one" else f" {word}")
        request = session.server.wait_request(word)
        session.server.order(send={"id": request["id"], "result": result})
        session.quiet()
        assert marks(session) == 0
    session.keys("<Tab>three")
    elsewhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 2}}
    item = {"insertText": "one two", "range": elsewhere}
    request = session.server.wait_request("three")
    session.server.order(send={"id": request["id"], "result": [item]})
    session.quiet()
    assert marks(session) == 0
    assert session.screen.lua("return vim.v.errmsg") == ""


def test_a_burst_of_changes_costs_one_more_request_at_most(start: Start) -> None:
    session = start(FOX, options="throttle_ms = 300")
    session.keys("i")
    session.server.wait(REQUEST)
    for count, key in enumerate("The quick", start=1):
        session.keys(key)
        session.screen.wait_buffer("The quick"[:count])
    session.screen.wait_for(GHOST)
    session.quiet()
    before = [event["before"] for event in session.server.all(REQUEST)]
    assert before[0] == ""
    assert before[-1] == "The quick"
    assert len(before) < len("The quick")


def grow(session: Session, text: str, character: int = 2) -> None:
    place = {"line": 0, "character": character}
    document = {"uri": session.file.as_uri()}
    item = {"insertText": text, "command": {"title": "", "command": "shadowpen.accept", "arguments": ["held", text]}}
    session.server.notify("shadowpen/growing", textDocument=document, position=place, items=[item])
    session.server.settle()


def test_pressed_again_and_again_the_text_grows_and_what_stands_there_stays(start: Start) -> None:
    session = start(held=["Hi"])
    session.keys("iHi")
    session.server.answer(session.server.wait_request("Hi"))
    session.quiet()
    first = len(session.screen.frames)
    steps = (" there, my", " there, my old friend.", " there, my old friend. How are you?")
    for press, text in enumerate(steps, start=1):
        session.keys("<M-\\>")
        asked = session.server.wait(REQUEST, press + 1)["message"]
        assert asked["params"]["context"] == {"triggerKind": 1}
        grow(session, text.rpartition(" ")[0])
        session.screen.wait_for("Hi" + text.rpartition(" ")[0])
        session.server.answer(asked, text)
        session.screen.wait_for("Hi" + text)
    drawn = [frame.lines[0] for frame in session.screen.frames[first:]]
    assert all(later.startswith(sooner.rstrip()) for sooner, later in itertools.pairwise(drawn))
    session.keys("<Tab>")
    session.screen.wait_buffer("Hi" + steps[-1])


def test_what_grows_can_be_taken_before_it_is_whole(start: Start) -> None:
    session = start(held=["Hi"])
    session.keys("iHi")
    session.server.answer(session.server.wait_request("Hi"))
    session.quiet()
    session.keys("<M-\\>")
    session.server.wait(REQUEST, 2)
    grow(session, " there, my")
    session.screen.wait_for("Hi there, my")
    session.keys("<Tab>")
    session.screen.wait_buffer("Hi there, my")
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"] == ["held", " there, my"]


def test_what_grows_for_another_place_is_not_drawn(start: Start) -> None:
    session = start(held=["Hi"])
    session.keys("iHi")
    session.server.answer(session.server.wait_request("Hi"))
    session.quiet()
    grow(session, " unasked")
    session.quiet()
    assert marks(session) == 0
