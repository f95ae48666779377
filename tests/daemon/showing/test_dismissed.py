"""daemon/showing/dismissed.py: waved away once, gone from that place."""

from __future__ import annotations

import pytest

from shadowpen.daemon.showing.dismissed import Dismissed

BEFORE = "The quick brown fox jumps over the lazy dog. The quick"


@pytest.fixture
def dismissed() -> Dismissed:
    known = Dismissed()
    known.add("d", BEFORE, " brown fox jumps")
    return known


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        (BEFORE, " brown fox jumps"),
        (BEFORE, " brown"),
        (BEFORE, " brown fox jumps over it"),
        (BEFORE + " bro", "wn fox"),
        (BEFORE + " brown fox", " jumps"),
        ("More text before it. " + BEFORE, " brown fox"),
    ],
)
def test_it_does_not_come_again_there(dismissed: Dismissed, prefix: str, text: str) -> None:
    assert dismissed.covers("d", prefix, text)


@pytest.mark.parametrize(
    ("document", "prefix", "text"),
    [
        ("other", BEFORE, " brown fox jumps"),
        ("d", BEFORE, " red fox"),
        ("d", BEFORE + " cat and the quick", " brown fox jumps"),
        ("d", BEFORE + " red", " fox jumps"),
        ("d", "The quick", " brown fox jumps"),
    ],
)
def test_elsewhere_and_other_text_may_come(dismissed: Dismissed, document: str, prefix: str, text: str) -> None:
    assert not dismissed.covers(document, prefix, text)


def test_only_so_much_is_remembered() -> None:
    known = Dismissed()
    for n in range(1000):
        known.add("d", f"{n} is here", " word")
        known.add(str(n), "here", " word")
    assert not known.covers("d", "0 is here", " word")
    assert known.covers("d", "999 is here", " word")
    assert not known.covers("0", "here", " word")


def test_what_an_earlier_process_was_told_is_asked_for_once_and_holds() -> None:
    asked: list[str] = []

    def recall() -> list[tuple[str, str, str]]:
        asked.append("once")
        return [("d", BEFORE, " brown fox jumps"), ("e", "So ", "it goes")]  # the second place could be anywhere

    known = Dismissed(recall)
    assert asked == []
    assert known.covers("d", BEFORE, " brown fox") and known.covers("d", BEFORE + " bro", "wn fox")
    assert not known.covers("e", "So ", "it goes")
    known.add("d", BEFORE, " red fox")
    assert known.covers("d", BEFORE, " red fox") and asked == ["once"]
