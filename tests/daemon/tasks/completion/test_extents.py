from __future__ import annotations

import pytest

from shadowpen.daemon.tasks.completion.extents import beyond, end_of, has_reached, last_mark, whole_words, word_count
from shadowpen.daemon.wire.protocol import Extent

TEXT = " when the tide was low, we walked to the point. Dr. Smith came too.\nThe next line\n\nAnother paragraph"


@pytest.mark.parametrize(
    ("extent", "reached"),
    [
        ("word", " when"),
        ("clause", " when the tide was low,"),
        ("sentence", " when the tide was low, we walked to the point."),
        ("line", " when the tide was low, we walked to the point. Dr. Smith came too."),
        ("paragraph", " when the tide was low, we walked to the point. Dr. Smith came too.\nThe next line"),
    ],
)
def test_each_extent_ends_where_a_reader_would_say(extent: Extent, reached: str) -> None:
    assert TEXT[: end_of(TEXT, extent)] == reached


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        (" that costs about 3,000 of them", "clause"),
        (" the mean is near 3.5 of them", "sentence"),
        (" a thing, e.g. this one here", "sentence"),
        (" he saw the good Mr. Jones there", "sentence"),
        (" it was so low,", "clause"),  # what follows is not known
        (" so, yes", "clause"),  # too few words
        (" I ", "word"),  # too short to be shown
    ],
)
def test_what_only_looks_like_an_end_is_none(text: str, extent: Extent) -> None:
    assert end_of(text, extent) is None


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        (" he said “never again.” Then he", " he said “never again.”"),
        (" the very old man (who was", " the very old man"),
        (" it was very late — too", " it was very late"),
        ("我们明天早上去海边，然后", "我们明天早上去海边，"),
    ],
)
def test_a_clause_ends_behind_its_quotes_and_before_what_is_put_in(text: str, reached: str) -> None:
    assert text[: end_of(text, "clause")] == reached


def test_an_end_that_was_shown_already_is_passed_over() -> None:
    shown = " when the tide was low,"
    assert TEXT[: end_of(TEXT, "clause", len(shown))] == " when the tide was low, we walked to the point."


@pytest.mark.parametrize(
    ("shown", "extent", "meant"),
    [
        ("", "clause", "clause"),
        (" when the", "clause", "clause"),
        (" when the tide was low,", "clause", "sentence"),
        (" when the tide was low.", "clause", "line"),
        (" when the tide was low.", "paragraph", "paragraph"),
    ],
)
def test_what_is_reached_already_means_the_next(shown: str, extent: Extent, meant: Extent) -> None:
    assert beyond(extent, shown) == meant
    assert not has_reached("", extent)


def test_the_word_under_way_is_no_whole_one() -> None:
    assert [whole_words(text) for text in (" one tw", " one ", " on", "我们")] == [" one", " one", "", "我们"]


def test_words_are_counted_where_there_are_no_blanks() -> None:
    assert (word_count("one two, three"), word_count("我们明天去海边")) == (3, 3)


def test_the_last_mark_counts_however_little_stands_before_it() -> None:
    assert last_mark(" works. The SDI") == len(" works.")
    assert last_mark(" works and the") is None
