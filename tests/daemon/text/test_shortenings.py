import pytest

from shadowpen.daemon.text.shortenings import full_forms, short_forms


@pytest.mark.parametrize(
    ("short", "full"),
    [("w/", "with"), ("mtg", "meeting"), ("Mtg", "meeting"), ("Jan", "January"), ("incl.", "including"), ("->", "so")],
)
def test_short_forms_stand_for_words(short: str, full: str) -> None:
    assert full in full_forms(short)


@pytest.mark.parametrize("word", ["sun", "sat", "no.", "house", "", "."])
def test_words_are_no_short_forms(word: str) -> None:
    assert full_forms(word) == ()


def test_a_capital_stays_one() -> None:
    assert "Mtg" in short_forms("Meeting")
    assert short_forms("harbour") == ()
