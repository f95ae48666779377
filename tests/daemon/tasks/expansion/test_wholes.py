import pytest

from shadowpen.daemon.tasks.expansion.wholes import whole_at


@pytest.mark.parametrize(
    ("note", "forms"),
    [
        ("11 Sept, pressure ok", ("11 September",)),
        ("Wed 15 May, 7 pm", ("Wednesday 15 May",)),
        ("24 Dec - 2 Jan", ("24 December to 2 January",)),
        ("Mon-Fri 9-18", ("Monday to Friday",)),
        ("6.8 -> 5.1", ("from 6.8 to 5.1", "6.8 to 5.1", "went from 6.8 to 5.1")),
        ("2 hrs late", ("2 hours",)),
        ("1 h from village", ("1 hour", "one hour")),
        ("5 yr guarantee", ("5-year",)),
        ("5 min walk", ("5 minutes", "5-minute")),
        ("5 yr at sea", ("5 years",)),
        ("so far behind", ("so far",)),
        ("15-20 min, test", ("15 to 20 minutes",)),
        ("3 pm", ("3 pm",)),
        ("60 °C for 2 h", ("60 °C",)),
        ("3 nm/h", ("3 nm/h",)),
        ("312 pounds, goes", ("312 pounds",)),
        ("> 2 GB", ("more than 2 GB", "over 2 GB")),
        ("c. 1380", ("about 1380", "around 1380")),
        ("~40 people", ("about 40", "around 40")),
        ("day 2: walked", ("day 2",)),
        ("ch. 5 on", ("chapter 5",)),
        ("para 3 contradicts", ("paragraph 3",)),
        ("sample B heated", ("sample B",)),
        ("Mrs Okafor offered", ("Mrs Okafor",)),
    ],
)
def test_what_belongs_together_is_told_as_one(note: str, forms: tuple[str, ...]) -> None:
    whole = whole_at(note, 0)
    assert whole is not None
    assert whole.forms == forms


@pytest.mark.parametrize(
    "note", ["three eggs", "9 of 12", "600 words", "May I come", "Jan's office", "day by day", "2.0", "so far away"]
)
def test_other_words_stand_alone(note: str) -> None:
    assert whole_at(note, 0) is None


@pytest.mark.parametrize(("note", "name"), [("in Mill Lane now", "Mill Lane"), ("saw Tom Friday", "")])
def test_names_of_two_words_stay_together_and_days_are_no_names(note: str, name: str) -> None:
    whole = whole_at(note, note.index(" ") + 1)
    assert (whole.forms[0] if whole else "") == name
