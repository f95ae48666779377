"""Ghost text in a real Vim: what its keys do otherwise, its dot and its registers."""

from __future__ import annotations

import pytest
from support.screens.session import Session

from ..conftest import Start

FOX = {"The quick": " brown fox jumps."}


def shown(session: Session) -> Session:
    session.keys("iThe quick")
    session.screen.wait_for("brown fox jumps.")
    return session


@pytest.mark.parametrize(("key", "text"), [("\t", "xyz\t"), ("\x1b[1;5C", "xyz"), ("\x1d", "xyz")])
def test_without_ghost_text_a_key_is_the_plain_key(start: Start, key: str, text: str) -> None:
    session = start(FOX, name="text.txt")
    session.keys("ixyz" + key + "!")
    session.wait_buffer(text + "!")


def test_the_writers_own_tab_is_left_alone(start: Start) -> None:
    session = shown(start(FOX, before="inoremap <Tab> mine"))
    session.keys("\t")
    session.wait_buffer("The quickmine")


def test_a_dot_repeats_what_was_taken_and_the_register_is_what_it_was(start: Start) -> None:
    session = shown(start(FOX, before="let @z = 'mine'"))
    session.keys("\t\x1bo\x1b.")
    session.wait_buffer_where(lambda lines: lines[0] == "The quick brown fox jumps." and len(lines) == 3)
    assert session.remote.ask("@z") == "mine"


def test_letters_beyond_ascii_are_not_taken_for_keys(start: Start) -> None:
    session = start(FOX)
    session.keys("iÜÝÛ ä!")
    session.wait_buffer("ÜÝÛ ä!")
