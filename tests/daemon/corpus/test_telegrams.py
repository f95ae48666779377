import pytest

from shadowpen.daemon.corpus.telegrams import STRENGTHS, make_telegram
from shadowpen.daemon.text.content_words import content_words, names_and_numbers, stem

PARAGRAPH = (
    "The new printer has arrived in Leeds, but it does not work with the old laptops of the 3 teachers. Anna said that "
    "she will really ask the finance department about the budget by Friday. In 1937, we were living at the harbour."
)


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("seed", range(5))
def test_names_numbers_and_negations_stay_in_order(seed: int, strength: int) -> None:
    text = " ".join(make_telegram(PARAGRAPH, seed, strength))
    assert {name.lower() for name in names_and_numbers(PARAGRAPH)} - {"friday"} <= set(
        text.lower().replace(",", " ").replace(":", " ").split()
    )
    assert "not" in text.split()
    assert [text.lower().index(word) for word in ("leeds", "laptops", "teachers", "anna", "budget", "1937")] == sorted(
        text.lower().index(word) for word in ("leeds", "laptops", "teachers", "anna", "budget", "1937")
    )


def test_the_stronger_the_shorter() -> None:
    words = [sum(len(" ".join(make_telegram(PARAGRAPH, seed, s)).split()) for seed in range(20)) for s in STRENGTHS]
    assert words == sorted(words, reverse=True)
    assert words[-1] < 0.75 * 20 * len(PARAGRAPH.split())


def test_weak_notes_keep_every_content_word_but_shortened_ones() -> None:
    for seed in range(10):
        told = {stem(word) for note in make_telegram(PARAGRAPH, seed, 1) for word in content_words(note)}
        lost = [word for word in content_words(PARAGRAPH) if stem(word) not in told]
        assert len(lost) <= 3, lost


def test_who_speaks_and_when_stand_before_a_colon() -> None:
    notes = make_telegram(PARAGRAPH, 1, 2)
    assert any(note.lower().startswith("anna: ") for note in notes)
    assert any(note.startswith("1937: ") for note in notes)


def test_the_same_seed_makes_the_same_notes() -> None:
    assert make_telegram(PARAGRAPH, 3, 3) == make_telegram(PARAGRAPH, 3, 3)
    assert make_telegram(PARAGRAPH, 3, 3) != make_telegram(PARAGRAPH, 4, 3)


def test_nothing_gives_no_notes() -> None:
    assert make_telegram("", 0, 1) == ()
