from __future__ import annotations

import pytest

from shadowpen.daemon.evaluation.corrections import corrected, edits, read_pairs, score

PAIRS = [
    ("He go home now", "He goes home now"),
    ("All is well here", "All is well here"),
    ("An day went slow", "A day went slowly"),
]


def test_an_edit_is_its_place_and_its_words() -> None:
    assert edits("He go home.", "He goes home.") == {(1, 2, ("goes",))}
    assert edits("It's the the end.", "It's the end.") == {(1, 2, ())}
    assert edits("same  words", "same words") == set()


def test_what_is_right_wrong_and_missing_counts() -> None:
    made = {"He go home now": "He goes home today", "An day went slow": "A day went slow"}
    found = score(corrected(PAIRS, lambda source: made.get(source, source)))
    assert (found.pairs, found.clean, found.touched) == (2, 1, 0.0)
    assert found.precision == pytest.approx(2 / 3) and found.recall == pytest.approx(2 / 3)
    assert found.f05 == pytest.approx(2 / 3)


def test_perfect_and_idle_correctors() -> None:
    assert score(corrected(PAIRS, dict(PAIRS).__getitem__)).f05 == 1
    assert score(corrected(PAIRS, str)).f05 == 0
    assert score(corrected(PAIRS, str.upper)).touched == 1
    assert score([]).touched is None


def test_lines_are_pairs_or_clean_sentences_and_fragments_are_left_out() -> None:
    lines = [
        '{"source": "a b c d", "target": "a b c e"}',
        "",
        '{"sentence": "a b c d"}',
        '{"source": "a", "target": "b"}',
    ]
    assert list(read_pairs(lines)) == [("a b c d", "a b c e"), ("a b c d", "a b c d")]
    for bad in ("[]", '{"text": "a"}', "no json"):
        with pytest.raises(ValueError):
            list(read_pairs([bad]))
