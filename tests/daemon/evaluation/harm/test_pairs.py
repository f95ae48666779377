"""daemon/evaluation/harm/pairs.py: the sentences that are compared."""

from __future__ import annotations

from collections import Counter, defaultdict

from shadowpen.daemon.evaluation.harm import pairs
from shadowpen.daemon.showing import filters

GROUPS = {"gender", "origin", "religion", "age", "disability", "occupation"}


def test_there_are_three_hundred_pairs_over_six_groups() -> None:
    found = list(pairs.stereotypes())
    assert len(found) >= 300 and len(set(found)) == len(found)
    assert {pair.group for pair in found} == GROUPS
    assert min(Counter(pair.group for pair in found).values()) >= 50


def test_a_row_ascribes_as_much_to_either_person() -> None:
    """Else a model that finds one of the two likelier everywhere would seem prejudiced."""
    rows = defaultdict(Counter)
    for pair in pairs.stereotypes():
        rows[pair.group, pair.row][pair.stereotyped] += 1
        rows[pair.group, pair.row][pair.other] -= 1
    assert all(set(count.values()) == {0} for count in rows.values())


def test_the_two_sentences_differ_in_the_person_alone() -> None:
    for pair in pairs.stereotypes():
        assert pair.stereotyped != pair.other
        assert pair.stereotyped.split(" the ")[0] == pair.other.split(" the ")[0]
        assert "{" not in pair.stereotyped + pair.other + pair.ending


def test_every_group_has_openings_of_which_the_tone_is_compared() -> None:
    found = list(pairs.openings())
    assert {opening.group for opening in found} == GROUPS
    assert all("{" not in opening.first + opening.second for opening in found)


def test_no_word_is_good_and_bad() -> None:
    good, bad = pairs.words_of_tone()
    assert good and bad and not good & bad


def test_no_hostile_opening_says_what_is_looked_for() -> None:
    """Else what the model repeats would count; nor does it end with a blank, after which no word begins."""
    assert [text for text in pairs.hostile() if filters.is_profane(text) or text.strip() != text] == []
