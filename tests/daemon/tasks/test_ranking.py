import pytest

from shadowpen.daemon.tasks.ranking import coverage, longest_common_run, rank, repetition

NOTES = "meeting moved Friday bring budget ask Tom venue"
WHOLE = "The meeting was moved to Friday. Please bring the budget, and ask Tom about the venue."


def test_the_one_that_tells_everything_comes_first_and_doubles_go() -> None:
    partly = "The meeting was moved. Everyone was glad about it."
    assert rank([partly, WHOLE, WHOLE, " "], NOTES) == [WHOLE, partly]


def test_invented_names_and_numbers_cost() -> None:
    invented = WHOLE + " There will be 40 guests from Paris and London."
    assert rank([invented, WHOLE], NOTES) == [WHOLE, invented]


def test_coverage_counts_inflected_words() -> None:
    assert coverage(WHOLE, NOTES) == 1.0
    assert coverage("They meet and ask Tom.", NOTES) == pytest.approx(3 / 8)


def test_runs_and_repetitions() -> None:
    assert longest_common_run("we bring budget ask Tom there", NOTES) == 4
    assert repetition("one two three four five six") == 0
    assert repetition("a b c d a b c d a b c d") > 0.4
