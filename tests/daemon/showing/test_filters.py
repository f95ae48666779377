import pytest

from shadowpen.daemon.markup.spots import spot
from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.filters import apply, profane


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
        (" I think so", "Well. I think so", "", "", "repeats_itself"),
        (" of the", "of the", "", " of the", ""),
        (" go and go and go and go and", "x", "", " go and", ""),
        (" and and and and", "x", "", " and", ""),
        (" so very, very, very late", "x", "", " so very", ""),
        (" had had a part", "x", "", " had had a part", ""),
        (" One two three", "One two three", "", "", "repeats_itself"),
        (" cat sat on it", "- The cat sat on it\n- The", "", "", "repeats_line_above"),
        (" cat sat on", "- The cat sat on it\n- The", "", "", "repeats_line_above"),
        (" cat", "- The cat sat on it\n- The", "", " cat", ""),
        (" dog sat on it", "- The cat sat on it\n- The", "", " dog sat on it", ""),
        (" AKIAIOSFODNN7EXAMPLE", "The key is", "", "", "secret"),
        ("IOSFODNN7EXAMPLE", "The key is AKIA", "", "", "secret"),
        (" at ann@example.org", "Write", "", "", "secret"),
        (" a key", "Mail ann@example.org for", "", " a key", ""),
        (" the fucking thing", "Move", "", "", "profane"),
        ("cking thing", "Move the fu", "", "", "profane"),
        (" the Scunthorpe class", "In", "", " the Scunthorpe class", ""),
        (" it’s", "It’s what", "", " it’s", ""),
        (" it's", "It’s what", "", " it’s", ""),
        (" größer 🐱", "ist", "", " größer 🐱", ""),
        (" one of the most", "was", " of the Four", " one", ""),
        (" of the most", "one", " of the Four", "", "repeats_suffix"),
        (" going home.", 'He said "I am', '." Then', " going home", ""),
        (" mile (", "a", "", " mile", ""),
        (" Islands (", "the", "", " Islands", ""),
        (" is tail-", "it", "", " is tail", ""),
        (" the `", "run", "", " the", ""),
        (" run `ls`", "and", "", " run `ls`", ""),
        (" he said “", "as", "", " he said", ""),
        (" and more —", "x", "", " and more", ""),
        (" **bold**", "in", "", " **bold**", ""),
    ],
)
def test_rules(text: str, prefix: str, suffix: str, left: str, reason: str) -> None:
    assert apply(text, CursorPlace(prefix, suffix)) == (left, reason)


@pytest.mark.parametrize(
    ("text", "prefix", "left"),
    [
        ("ueen | next cell", "| King | Q", "ueen"),
        ("nual](https://example.org)", "See [the ma", "nual"),
        ("ing of the End. It was", "## The Beginn", "ing of the End"),
        (" and so. It was", "Plain", " and so. It was"),
    ],
)
def test_the_end_of_a_cell_a_link_or_a_heading_is_kept(text: str, prefix: str, left: str) -> None:
    assert apply(text, CursorPlace(prefix, "", spot(prefix, "markdown"))) == (left, "")


def test_the_writer_may_lift_a_rule() -> None:
    assert apply(" the fucking thing", CursorPlace("Move", ""), frozenset({profane})) == (" the fucking thing", "")
