import pytest

from shadowpen.daemon.showing.candidate import Place
from shadowpen.daemon.showing.filters import apply


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "left", "reason"),
    [
        (" the cat sat", "and", "", " the cat sat", ""),
        (" over the lazy dog", "jumps", " the lazy dog.", " over", ""),
        (" the lazy dog", "over", " the lazy dog.", "", "repeats_suffix"),
        (" and so on", "x", "\nand so on", "", "repeats_suffix"),
        ("   ", "x", "", "", "junk"),
        (" .", "x", "", "", "junk"),
        ("s", "cat", "", "", "says_nothing"),
        (" ......", "x", "", "", "junk"),
        (" 1 1 1 1 1 1", "x", "", "", "junk"),
        (" I think so", "I think so I think so", "", "", "repeats_itself"),
        (" größer 🐱", "ist", "", " größer 🐱", ""),
    ],
)
def test_rules(text: str, prefix: str, suffix: str, left: str, reason: str) -> None:
    assert apply(text, Place(prefix, suffix)) == (left, reason)
