import pytest

from shadowpen.daemon.text.content_words import content_words, missing, names_and_numbers, stem


def test_small_words_are_left_out_and_names_and_numbers_stay() -> None:
    text = "The meeting was moved to Friday at 10:30, so bring the 3 budgets, and ask Tom about it."
    assert content_words(text) == ["meeting", "moved", "Friday", "10:30", "bring", "3", "budgets", "ask", "Tom"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("invited", "invite"), ("studies", "study"), ("running", "runs"), ("Tom's", "Tom"), ("quickly", "quick")],
)
def test_inflected_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_what_is_missing_is_named() -> None:
    assert missing(["budget", "Tom", "moved"], "They move the meeting and bring budgets.") == ["Tom"]


def test_names_and_numbers_are_not_sentence_beginnings() -> None:
    assert names_and_numbers("Yesterday we saw Anna in 2026. She met Tom.") == {"Anna", "2026", "Tom"}
