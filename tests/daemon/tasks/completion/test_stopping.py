import math

import pytest

from shadowpen.daemon.tasks.completion.stopping import best_ending, is_hopeless
from shadowpen.daemon.tasks.decoding import DecodingStep


def step(text: str, probability: float, end: float = 1.0, ended: bool = False) -> DecodingStep:
    return DecodingStep(text.encode(), math.log(probability), end, ended)


def test_the_longest_likely_text_wins() -> None:
    steps = [step(" the", 0.8), step(" the old", 0.5), step(" the old oak", 0.1)]
    ending = best_ending(steps, 0.2, 12)
    assert ending is not None
    assert (ending.text, ending.probability) == (" the old", pytest.approx(0.5))


def test_it_never_ends_inside_a_word() -> None:
    ending = best_ending([step(" the", 0.8), step(" the ol", 0.7, end=0.05), step(" the old", 0.6, end=0.9)], 0.5, 12)
    assert ending is not None
    assert ending.text == " the old"
    unfinished = best_ending([step(" the", 0.8), step(" the ol", 0.7, end=0.05)], 0.5, 12)
    assert unfinished is not None
    assert unfinished.text == " the"


def test_nothing_likely_is_nothing() -> None:
    assert best_ending([step(" maybe", 0.1)], 0.2, 12) is None
    assert best_ending([], 0.2, 12) is None


def test_it_stays_on_the_line_and_within_the_words() -> None:
    assert best_ending([step("\n\nNext", 0.9)], 0.2, 12) is None
    ending = best_ending([step(" one", 0.9), step(" one two", 0.9), step(" one two three", 0.9)], 0.2, 2)
    assert ending is not None
    assert ending.text == " one two"


def test_half_a_character_is_not_shown() -> None:
    ending = best_ending([DecodingStep(b" caf" + "é".encode()[:1], math.log(0.9), 0.9)], 0.2, 12)
    assert ending is None or "\ufffd" not in ending.text


@pytest.mark.parametrize(
    ("last", "hopeless"),
    [
        (step(" x", 0.5), False),
        (step(" x", 0.05), True),
        (step(" x\n", 0.5), True),
        (step(" x", 0.9, ended=True), True),
    ],
)
def test_decoding_stops_where_nothing_can_come_of_it(last: DecodingStep, hopeless: bool) -> None:
    assert is_hopeless(last, 0.1) is hopeless


def test_what_is_likely_to_be_wrong_must_be_worth_reading() -> None:
    steps = [step(" the", 0.8), step(" the extraordinarily", 0.3)]
    cheap, dear = best_ending(steps, 0.1, 12, reading_price=0.0), best_ending(steps, 0.1, 12, reading_price=0.5)
    assert cheap is not None and dear is not None
    assert (cheap.text, dear.text) == (" the extraordinarily", " the")
    assert dear.worth < cheap.worth
    worthless = best_ending([step(" the", 0.15)], 0.1, 12)
    assert worthless is not None and worthless.worth < 0


def test_it_stays_on_the_line() -> None:
    steps = [step(" one", 0.9), step(" one\n", 0.85), step(" one\ntwo", 0.8)]
    one = best_ending(steps, 0.2, 12)
    assert one is not None and one.text == " one"
    assert is_hopeless(steps[1], 0.1)


def test_the_first_word_is_as_likely_as_its_own_ending() -> None:
    ending = best_ending([step(" the", 0.9), step(" the old", 0.5)], 0.2, 12)
    assert ending is not None
    assert (ending.text, ending.first_word, ending.probability) == (
        " the old",
        pytest.approx(0.9),
        pytest.approx(0.5),
    )
