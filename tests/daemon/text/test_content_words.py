import pytest

from shadowpen.daemon.text.content_words import content_words, missing, names_and_numbers, stem


def test_small_words_are_left_out_and_names_and_numbers_stay() -> None:
    text = "The meeting was moved to Friday at 10:30, so bring the 3 budgets, and ask Tom about it."
    assert content_words(text) == ["meeting", "moved", "Friday", "10:30", "bring", "3", "budgets", "ask", "Tom"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("invited", "invite"),
        ("studies", "study"),
        ("running", "runs"),
        ("Tom's", "Tom"),
        ("quickly", "quick"),
        ("surveys", "survey"),
        ("played", "play"),
        ("Fridays", "Friday"),
    ],
)
def test_inflected_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_what_is_missing_is_named() -> None:
    assert missing(["budget", "Tom", "moved"], "They move the meeting and bring budgets.") == ["Tom"]


def test_names_and_numbers_are_not_sentence_beginnings() -> None:
    assert names_and_numbers("Yesterday we saw Anna in 2026. She met Tom.") == {"Anna", "2026", "Tom"}


@pytest.mark.parametrize(
    "text",
    [
        "Nobody came. Everybody knew! Why? Because…",
        "“Nobody came.” Everybody knew (“Why?”) that. “Because,” she said, “You know.”",
        "The rule was: Never ask.\nAlways wait.  Twice.",
        "so I’ve heard, I'd say, and I knew",
        "see https://Example.org/2024/Roof or www.Roofs.org/7",
    ],
)
def test_what_is_capital_for_its_place_is_no_name(text: str) -> None:
    assert names_and_numbers(text) == set()


def test_a_name_is_one_after_a_title_a_bracket_and_in_the_possessive() -> None:
    assert names_and_numbers("we saw Mr. Brown (of Leeds), and Anna’s roof") == {"Mr", "Brown", "Leeds", "Anna"}
