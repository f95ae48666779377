"""daemon/typist/keystrokes.py: what a writer saves who takes what is right, offered by rule and without a clock."""

from __future__ import annotations

import pytest

from shadowpen.daemon.typist.keystrokes import Tally, choose, read, write

TEXT = "We walked home along the river and talked about the winter that was to come."


class RuleOffers:
    """Offers these texts at these places and no other; notes what became of them."""

    def __init__(self, offers: dict[int, str]) -> None:
        self._offers = offers
        self.heard: list[str | int] = []

    def offer(self, place: int) -> str:
        return self._offers.get(place, "")

    def typed_over(self) -> None:
        self.heard.append("typed over")

    def took(self, characters: int) -> None:
        self.heard.append(characters)


def test_who_is_offered_nothing_presses_every_key() -> None:
    assert write(TEXT, 10, RuleOffers({})) == Tally(
        characters=len(TEXT) - 10, keys=len(TEXT) - 10, asked=len(TEXT) - 11
    )


def test_a_right_suggestion_costs_one_key() -> None:
    tally = write(TEXT, 0, RuleOffers({2: " walked home along"}))
    assert tally.keys == len(TEXT) - len(" walked home along") + 1
    assert (tally.shown, tally.used, tally.exact) == (1, 1, 1)
    assert tally.offered == tally.right == len(" walked home along")


def test_its_leading_right_words_cost_a_key_each() -> None:
    tally = write(TEXT, 0, RuleOffers({2: " walked home in the rain"}))
    assert tally.keys == len(TEXT) - len(" walked home") + 2
    assert (tally.used, tally.exact, tally.right) == (1, 0, len(" walked home "))


def test_what_is_wrong_costs_no_key_but_is_counted_as_shown() -> None:
    tally = write(TEXT, 0, RuleOffers({2: " slept"}))
    assert (tally.keys, tally.shown, tally.used, tally.right) == (len(TEXT), 1, 0, 1)


def test_a_suggestion_that_is_typed_along_counts_once() -> None:
    wrong_end = " walkers"
    tally = write(TEXT, 0, RuleOffers({2 + n: wrong_end[n:] for n in range(5)}))
    assert (tally.shown, tally.offered, tally.right) == (1, len(wrong_end), len(" walke"))


def test_who_takes_nothing_sees_each_text_once_and_grey_text_behind_each_of_its_keys() -> None:
    right = " walked home along"
    tally = read(TEXT, 0, RuleOffers({2 + n: right[n:] for n in range(10)} | {40: " slept"}))
    assert (tally.keys, tally.shown, tally.grey, tally.used) == (len(TEXT) - 1, 2, 11, 0)


def test_who_offers_hears_what_became_of_it() -> None:
    offers = RuleOffers({2: " walked home in the rain", 20: "zebra"})
    write(TEXT, 0, offers)
    assert offers.heard == [len(" walked home"), "typed over"]


@pytest.mark.parametrize(
    ("ghost", "rest", "taken"),
    [
        ("ome soon", "ome soon.", ("ome soon", 1)),
        ("ome later", "ome soon.", ("ome", 1)),
        ("ome so", "ome soon.", ("ome", 1)),  # it would stop inside a word
        ("e", "e soon", None),  # one key for one character saves nothing
        ("x", "ome", None),
        ("我们回家", "我们回家了", ("我们回家", 1)),  # no blanks between words
    ],
)
def test_a_writer_takes_what_is_right_where_that_saves_a_key(
    ghost: str, rest: str, taken: tuple[str, int] | None
) -> None:
    assert choose(ghost, rest) == taken
