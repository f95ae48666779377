"""Ghost text in real editors: what is drawn, typed along, taken, and when it goes."""

from __future__ import annotations

import pytest
from support.screens.driver import EditorDriver
from support.screens.session import Session

from .conftest import EDITORS, Start

FOX = {"The quick": " brown fox jumps."}
PARTIAL = "textDocument/didPartiallyAcceptCompletion"
C_RIGHT, M_RIGHT, C_DOWN = "\x1b[1;5C", "\x1b[1;3C", "\x1b[1;5B"


@pytest.fixture
def shown(editor: EditorDriver, start: Start) -> Start:
    """As `start`, with `typed`, and `ghost` on the screen behind it."""

    def run(
        table: dict[str, str], typed: str = "The quick", ghost: str = "brown fox jumps.", **more: object
    ) -> Session:
        session = start(table, **more)
        session.keys(editor.insert + typed)
        session.screen.wait_for(ghost)
        return session

    return run


def test_grey_text_stands_behind_the_cursor(shown: Start) -> None:
    session = shown(FOX)
    assert session.screen.lines[0] == "The quick brown fox jumps."
    assert session.buffer == ["The quick"]
    session.screen.wait_cursor(0, len("The quick"))
    typed, ghost = session.screen.styles("The quick"), session.screen.styles("brown fox")
    assert typed != ghost and {italic for _, italic in ghost} == {True}


def test_all_of_it_is_taken_with_one_key_and_told_once(editor: EditorDriver, shown: Start) -> None:
    session = shown(FOX)
    session.keys("\t")
    session.wait_buffer("The quick brown fox jumps.")
    command = session.server.wait_command("shadowpen.accept")
    assert command["params"]["arguments"] == ["ghost-0", " brown fox jumps."]
    change = session.server.all("textDocument/didChange")[-1]
    assert change["text"] == "The quick brown fox jumps." + editor.added_line_end
    assert [one["text"] for one in change["message"]["params"]["contentChanges"]] == [" brown fox jumps."]
    events = [event["message"] for event in session.server.events]
    assert events.index(change["message"]) < events.index(command)


def test_word_by_word(shown: Start) -> None:
    session = shown(FOX)
    for words in ("The quick brown", "The quick brown fox", "The quick brown fox jumps."):
        session.keys(C_RIGHT)
        session.wait_buffer(words)
        session.quiet()
        assert session.screen.lines[0] == "The quick brown fox jumps."
    assert [params["acceptedLength"] for params in session.server.params(PARTIAL)] == [6, 10]
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"][0] == "ghost-0"


def test_a_word_typed_half_is_counted_from_the_beginning_in_utf16(editor: EditorDriver, shown: Start) -> None:
    session = shown({"So": " 🐱🐱 Größe und mehr."}, "So", "und mehr")
    session.keys(" 🐱")
    session.wait_buffer("So 🐱")
    session.quiet()
    session.keys(C_RIGHT + C_RIGHT)
    session.wait_buffer("So 🐱🐱 Größe")
    session.server.wait(PARTIAL, 2)
    assert [params["acceptedLength"] for params in session.server.params(PARTIAL)] == [5, 11]
    session.wait_copy("So 🐱🐱 Größe" + editor.added_line_end)


def test_sentence_by_sentence(shown: Start) -> None:
    session = shown({"He said": ", “Go.” She went\nhome at 3.15 p.m. now! And 好。再见"}, "He said", "再")
    session.keys(M_RIGHT)
    session.wait_buffer("He said, “Go.”")
    session.quiet()
    session.keys(M_RIGHT)
    session.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m.")
    session.keys(M_RIGHT + M_RIGHT)
    session.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m. now! And 好。")
    session.server.wait(PARTIAL, 4)
    session.keys(M_RIGHT)
    session.wait_buffer("He said, “Go.” She went", "home at 3.15 p.m. now! And 好。再见")


def test_line_by_line(shown: Start) -> None:
    session = shown({"Dear Mrs": ". Smith,\n\nThank you.\nYours"}, "Dear Mrs", "Yours")
    session.keys(C_DOWN)
    session.wait_buffer("Dear Mrs. Smith,")
    session.keys(C_DOWN)
    session.wait_buffer("Dear Mrs. Smith,", "", "Thank you.")
    session.keys(C_DOWN)
    session.wait_buffer("Dear Mrs. Smith,", "", "Thank you.", "Yours")
    session.server.wait_command("shadowpen.accept")


def test_one_undo_takes_back_what_was_accepted_and_nothing_else(editor: EditorDriver, shown: Start) -> None:
    session = shown(FOX)
    session.keys("\t It ran.")
    session.wait_buffer("The quick brown fox jumps. It ran.")
    session.keys(editor.leave)
    for text in ("The quick brown fox jumps.", "The quick", ""):
        session.keys(editor.undo)
        session.wait_buffer(text)


def test_it_stays_while_it_is_typed_along(shown: Start) -> None:
    session = shown(FOX, held=["The quick b", "The quick br"])
    session.keys(" br")
    session.wait_buffer("The quick br")
    first = len(session.screen.drawings)
    session.quiet()
    assert all("brown fox jumps." in drawing.text for drawing in session.screen.drawings[first:])
    session.keys("\t")
    session.wait_buffer("The quick brown fox jumps.")


def test_it_goes_when_something_else_is_typed(shown: Start) -> None:
    session = shown(FOX)
    session.keys("x")
    session.screen.wait_gone("brown")
    session.keys("\t!")
    session.wait_buffer_where(lambda lines: lines[0].endswith("!") and "brown" not in lines[0])


def test_a_letter_and_tab_in_one_burst_never_take_what_no_longer_fits(shown: Start) -> None:
    session = shown(FOX, name="text.txt")
    session.keys("x\ty")
    session.wait_buffer_where(lambda lines: lines[0].startswith("The quickx") and lines[0].endswith("y"))
    assert "brown" not in session.buffer[0]


def test_an_answer_that_comes_too_late_is_not_drawn(editor: EditorDriver, start: Start) -> None:
    session = start({}, held=["The quick"])
    session.keys(editor.insert + "The quick")
    late = session.server.wait_request("The quick")
    session.keys("ly")
    session.server.wait_request("The quickly")
    session.server.answer(late, " brown fox")
    session.quiet()
    assert not any("brown" in drawing.text for drawing in session.screen.drawings)


def test_dismissed_it_goes_and_the_server_is_told(editor: EditorDriver, shown: Start) -> None:
    session = shown(FOX)
    session.keys(editor.dismiss)
    session.screen.wait_gone("brown")
    assert session.server.wait_command("shadowpen.dismiss")["params"]["arguments"] == ["ghost-0"]
    assert session.buffer == ["The quick"]


def test_in_the_middle_of_a_line(editor: EditorDriver, start: Start) -> None:
    session = start(FOX, text=" and so on\n")
    session.keys(editor.line_start + editor.insert + "The quick")
    session.screen.wait_for("The quick brown fox jumps. and so on")
    session.keys(C_RIGHT + "\t")
    session.wait_buffer(*editor.lines("The quick brown fox jumps. and so on\n"))


WAYS_OUT = [pytest.param(driver, way, id=f"{driver.name}-{way}") for driver in EDITORS for way in driver.ways_out]


@pytest.mark.parametrize(("editor", "way"), WAYS_OUT, indirect=["editor"])
def test_ghost_text_goes_on_every_way_out(editor: EditorDriver, shown: Start, way: str) -> None:
    session = shown(FOX, **editor.ways_out_start)
    session.keys(editor.ways_out[way])
    session.screen.wait_gone("brown fox")
    session.quiet()
    assert "brown fox" not in session.screen.text


def test_asked_for_by_a_key_it_grows_and_has_alternatives(editor: EditorDriver, start: Start) -> None:
    session = start({}, held=["The quick"])
    session.keys(editor.insert + "The quick")
    session.server.wait_request("The quick")
    session.keys(editor.ask)
    session.server.wait("textDocument/inlineCompletion", len(session.server.all("textDocument/inlineCompletion")))

    def invoked() -> list[dict[str, object]]:
        asked = [event["message"] for event in session.server.all("textDocument/inlineCompletion")]
        return [message for message in asked if message["params"]["context"]["triggerKind"] == 1]

    session.server.happenings.wait(invoked, "the key's request")
    request = invoked()[0]
    where = {name: request["params"][name] for name in ("textDocument", "position")}
    session.server.notify("shadowpen/growing", **where, items=[{"insertText": " brown"}])
    session.screen.wait_for("The quick brown")
    session.server.answer(request, " brown fox", " red hen")
    session.screen.wait_for("The quick brown fox")
    session.keys(editor.next)
    session.screen.wait_for("The quick red hen")
    session.keys(editor.previous)
    session.screen.wait_for("The quick brown fox")
    session.keys(editor.next + "\t")
    session.wait_buffer("The quick red hen")
