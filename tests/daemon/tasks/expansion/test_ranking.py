import pytest

from shadowpen.daemon.tasks.expansion.ranking import coverage, invented, longest_common_run, rank, repetition, score

NOTES = "meeting moved Friday bring budget ask Tom venue"
WHOLE = "The meeting was moved to Friday. Please bring the budget, and ask Tom about the venue."


def test_the_one_that_tells_everything_comes_first_and_doubles_go() -> None:
    partly = "The meeting was moved. Everyone was glad about it."
    assert rank([partly, WHOLE, WHOLE, " "], NOTES) == [WHOLE, partly]


def test_invented_names_and_numbers_cost() -> None:
    invented = WHOLE + " There will be 40 guests from Paris and London."
    assert rank([invented, WHOLE], NOTES) == [WHOLE, invented]


def test_names_and_numbers_of_the_notes_are_not_invented_in_any_form() -> None:
    told = "We saw Tom’s venue (on Fridays) for 1500 or £1,500. Nobody came."
    assert invented(told, "tom: venue; Friday, £1,500") == set()
    assert invented("They met Anna at 10:30.", NOTES) == {"Anna", "10:30"}


def test_how_sentences_begin_costs_nothing() -> None:
    assert score(WHOLE + " Nobody minds. “Surely,” they say.", NOTES) == score(WHOLE, NOTES) == 1


def test_a_long_copy_costs() -> None:
    copied = "We heard: meeting moved Friday bring budget ask Tom venue."
    assert rank([copied, WHOLE], NOTES) == [WHOLE, copied]


def test_coverage_counts_inflected_words() -> None:
    assert coverage(WHOLE, NOTES) == 1.0
    assert coverage("They meet and ask Tom.", NOTES) == pytest.approx(3 / 8)


def test_runs_and_repetitions() -> None:
    assert longest_common_run("we bring budget ask Tom there", NOTES) == 4
    assert longest_common_run("a – b – c", "– – –") == 0
    assert repetition("one two three four five six") == 0
    assert repetition("a b c d a b c d a b c d") > 0.4
