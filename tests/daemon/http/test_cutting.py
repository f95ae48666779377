"""What a stream has handed out is the beginning of what the whole answer is, wherever stop texts and limits fall."""

from __future__ import annotations

import random

import pytest

from shadowpen.daemon.http.cutting import cut, settled


@pytest.mark.parametrize(
    ("text", "stops", "words", "expected"),
    [
        (" one two three", (), None, (" one two three", "stop")),
        (" one two three", (), 2, (" one two", "length")),
        (" one two three", (" three", " two"), 2, (" one", "stop")),
        (" one\n\ntwo", ("\n\n",), None, (" one", "stop")),
        ("stop here", ("stop",), 5, ("", "stop")),
        ("", ("x",), 1, ("", "stop")),
    ],
)
def test_the_first_end_counts(text: str, stops: tuple[str, ...], words: int, expected: tuple[str, str]) -> None:
    assert cut(text, stops, words) == expected


def test_the_beginning_of_a_stop_is_held_back_until_it_is_known() -> None:
    assert settled("one\n", ("\n\n",), None) == "one"
    assert settled("one\ntwo", ("\n\n",), None) == "one\ntwo"


def test_nothing_that_was_settled_is_taken_back() -> None:
    chance = random.Random(1)
    for _ in range(500):
        text = "".join(chance.choices("ab \n", k=30))
        stops = tuple("".join(chance.choices("ab \n", k=chance.randint(1, 4))) for _ in range(2))
        most = chance.choice([None, 1, 3])
        whole = cut(text, stops, most).text
        words = [place for place in range(len(text) + 1) if place == len(text) or text[place] == " "]
        shown = ""
        for place in words:  # as the daemon sends it, word by word
            now = settled(text[:place], stops, most)
            assert now.startswith(shown) and whole.startswith(now)
            shown = now
