"""daemon/showing/meeting.py: what of a suggestion fits the text behind the cursor."""

import pytest

from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.meeting import goes_on, meets_suffix, repeats_suffix


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "left"),
    [
        (" of the most", "one", " of the Four", ""),
        ("18.", " on the 17 and ", "18", ""),
        ("f the", "the end o", " of it", ""),
        (" The same", "x", " the same", ""),
        (" a cat", "x", " another cat", " a cat"),
        (" The cat", "x", "\nThe dog", " The cat"),
        (" The cat sat", "x", "\nThe cat slept", ""),
        ("ion. This is", "local docker installat", "ion:", ""),
        ("ig", "The b", "cat sat", "ig"),
    ],
)
def test_what_begins_as_the_text_behind_is_not_said_twice(text: str, prefix: str, suffix: str, left: str) -> None:
    assert repeats_suffix(text, CursorPlace(prefix, suffix)) == left


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "left"),
    [
        (' going home." She', 'He said "I am', '" and left.', " going home."),
        (" going home", 'He said "I am', '" and left.', " going home"),
        (" going home.” She", "He said “I am", "” and left.", " going home."),
        (" don’t go’ he", "‘I", "’ x", " don’t go"),
        (" of three) and", " (one", ") end", " of three"),
        (" f(x) and y) and", " (one", ") end", " f(x) and y"),
        (" home. Then", "I go", ".", " home"),
        (" home! Then", "I go", ". Next", " home"),
        (" version 3.5 of", "use", ".", " version 3.5 of"),
        (" home.) Then", "(I go", ".) Next", " home"),
        (" red, green,", "a", ", blue", " red, green"),
        ("回家。他", "我", "。", "回家"),
        (" home. Then", "I go", " and so on", " home. Then"),
    ],
)
def test_a_closing_mark_behind_the_cursor_is_met(text: str, prefix: str, suffix: str, left: str) -> None:
    assert meets_suffix(text, CursorPlace(prefix, suffix)) == left


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("", False),
        ("\nnext", False),
        ("  \n", False),
        (" words", True),
        (".", False),
        ('" and left', False),
        (")", False),
    ],
)
def test_the_line_goes_on_where_words_stand_behind(suffix: str, expected: bool) -> None:
    assert goes_on(CursorPlace("x", suffix)) is expected
