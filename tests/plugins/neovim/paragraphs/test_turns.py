"""Saying something about a paragraph that is shown: "shorter", "mention …", or any words."""

from __future__ import annotations

import pytest

from ..conftest import Start
from .test_expansion import BEST, LINES, OTHER, TAKEN, answer, asked, messages, shown

SHORT = "The ferry was late."


def test_what_is_chosen_is_said_of_the_paragraph_that_is_shown(start: Start) -> None:
    session = shown(start)
    session.screen.lua("vim.ui.select = function(items, _, choose) vim.g.choices = items; choose(items[1]) end")
    session.keys("<C-n>")
    session.screen.wait_for(OTHER)
    session.keys("<C-t>")
    request = asked(session, 2)
    options = request["params"]["arguments"][2]
    assert (options["turn"], options["shown"]) == ("shorter", OTHER)
    assert "another beginning" in session.screen.lua("return vim.g.choices")
    answer(session, request, SHORT)
    session.screen.wait_for("3 of 3")
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN[:2], SHORT, *TAKEN[3:])
    session.keys("u")
    session.screen.wait_buffer(*LINES)


@pytest.mark.parametrize(
    ("choice", "turn"), [("mention …", "mention the roof"), ("something else …", "the roof"), ("longer", "longer")]
)
def test_words_of_ones_own_are_asked_for(start: Start, choice: str, turn: str) -> None:
    session = shown(start)
    session.screen.lua("local choice = ...; vim.ui.select = function(_, _, choose) choose(choice) end", choice)
    session.screen.lua("vim.ui.input = function(_, confirm) confirm(' the roof') end")
    session.keys("<C-t>")
    assert asked(session, 2)["params"]["arguments"][2]["turn"] == turn


def test_what_cannot_be_done_is_told_and_the_paragraph_stays(start: Start) -> None:
    session = shown(start)
    session.screen.lua("require('shadowpen').change('sing it')")
    answer(session, asked(session, 2), reason="The built-in model can make a paragraph shorter, and nothing else.")
    session.screen.wait_for("The built-in model can")
    session.screen.wait_for(BEST)
    session.keys("<Tab>")
    session.screen.wait_buffer(*TAKEN)


def test_nothing_is_said_where_nothing_was_chosen_or_the_text_changed(start: Start) -> None:
    session = shown(start)
    session.screen.lua("vim.ui.select = function(_, _, choose) choose(nil) end")
    session.keys("<C-t>")
    session.keys("ggx")
    session.screen.wait_for("yank: <Tab>")
    assert "change:" not in session.screen.text
    session.screen.lua("require('shadowpen').change('shorter')")
    assert "no more paragraphs" in messages(session)
    assert len(session.server.all("workspace/executeCommand")) == 1


def test_escape_stops_a_turn(start: Start) -> None:
    session = shown(start)
    session.screen.lua("require('shadowpen').change('shorter')")
    request = asked(session, 2)
    session.keys("<Esc>")
    assert session.server.wait("$/cancelRequest")["message"]["params"]["id"] == request["id"]
    assert session.screen.buffer == LINES
