import pytest

from shadowpen.daemon.text.function_words import is_english, is_english_part


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("the cat is ill", True),
        ("cat ill", True),
        ("hip op Mon", True),
        ("er ist krank und kommt nicht", False),
        ("פגישה מחר בעשר", False),
        ("", True),
    ],
)
def test_a_text_is_english_where_nothing_speaks_against_it(text: str, english: bool) -> None:
    assert is_english(text) is english


@pytest.mark.parametrize(
    ("part", "of_english", "english"),
    [
        ("er ist krank und kommt nicht", True, False),
        ("פגישה מחר", True, False),
        ("old man ill", True, True),
        ("sent the slides to Anna", False, True),
        ("bring slides", False, False),
        ("Tom in Berlin am See", False, False),
    ],
)
def test_a_part_in_another_language_than_the_whole_says_so(part: str, of_english: bool, english: bool) -> None:
    assert is_english_part(part, of_english=of_english) is english
