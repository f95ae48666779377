from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.verbs.reformat import reformat

LIST = "- tea\n- cold milk,\n- see [it](a.md) and `x`\n"
TABLE = "| Name | Age |\n| --- | --- |\n| Anna | 3 |\n| Tom | 41 |\n"


@pytest.mark.parametrize(
    ("to", "text", "made"),
    [
        ("prose", LIST, "Tea. Cold milk. See [it](a.md) and `x`."),
        ("prose", "We need:\n\n1. tea\n2) milk\n", "We need: Tea. Milk."),
        ("prose", TABLE, "Name: Anna, Age: 3. Name: Tom, Age: 41."),
        ("list", TABLE, "- Name: Anna, Age: 3\n- Name: Tom, Age: 41"),
        (
            "list",
            "It rained. Dr. Smith came late. (See [a. b](c).)",
            "- It rained.\n- Dr. Smith came late.\n- (See [a. b](c).)",
        ),
        ("list", "We need: tea, cold milk and bread.", "We need:\n\n- tea\n- cold milk\n- bread"),
        ("list", "- a\n  - b\n- c", "- a\n  - b\n- c"),
        ("table", "- Anna: 3\n- Tom: 41", "|  |  |\n| --- | --- |\n| Anna | 3 |\n| Tom | 41 |"),
        ("table", "Anna\t3\nTom\t41", "|  |  |\n| --- | --- |\n| Anna | 3 |\n| Tom | 41 |"),
        ("table", TABLE, TABLE.strip()),
        ("", LIST, "Tea. Cold milk. See [it](a.md) and `x`."),
        ("", "It rained. We stayed.", "- It rained.\n- We stayed."),
        ("plain", "## A *b* c\n\nSee [it](u) and `x_y_z` **now**.\n", "A b c\n\nSee it (u) and x_y_z now.\n"),
        ("plain", "```py\nx = 1 * 2\n```\n", "x = 1 * 2\n"),
        ("plain", TABLE, "Name\tAge\nAnna\t3\nTom\t41\n"),
        (
            "markdown",
            "COSTS\n\n• tea\n1) milk https://a.org/x_y.\n",
            "## Costs\n\n- tea\n1. milk <https://a.org/x_y>.\n",
        ),
        ("markdown", "a\tb\nc\td", "| a | b |\n| --- | --- |\n| c | d |"),
    ],
)
def test_each_form(to: str, text: str, made: str) -> None:
    assert reformat(text, to) == made


def test_right_to_left_text_keeps_its_words() -> None:
    assert reformat("- שלום לכולם\n- מה שלומך?", "prose") == "שלום לכולם. מה שלומך?"


@pytest.mark.parametrize("to", ["list", "prose", "table"])
@pytest.mark.parametrize("lost", ["```\ncode\n```", "$$\nx\n$$", "> quoted"])
def test_what_would_be_lost_is_refused(to: str, lost: str) -> None:
    with pytest.raises(RequestInvalid, match="would be lost"):
        reformat(f"It rained.\n\n{lost}\n", to)


@pytest.mark.parametrize(("text", "to"), [("", "list"), (" \n", ""), ("a", "poem"), ("- a\n- b: c", "table")])
def test_nothing_unknown_forms_and_uneven_lines_are_refused(text: str, to: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        reformat(text, to)
    assert raised.value.hint


def test_five_thousand_words_keep_every_word() -> None:
    text = "One two three four five. " * 1000
    assert reformat(reformat(text, "list"), "prose").split() == text.split()
