import pytest

from shadowpen.daemon.tasks.expansion.pieces import plain, read_notes, split_notes
from shadowpen.daemon.tasks.expansion.placing import put_back


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "meeting moved to friday, bring the budget, ask Tom",
            ["meeting moved to friday", "bring the budget", "ask Tom"],
        ),
        ("- one thing\n* another thing\n3. a third\n", ["one thing", "another thing", "a third"]),
        ("rain; wind; snow", ["rain", "wind", "snow"]),
        (
            "They met on Friday to talk about it.",
            ["They met on Friday to talk about it."],
        ),
        ("word", ["word"]),
        ("  \n ", []),
        ("cost 1,500 pounds, paid", ["cost 1,500 pounds", "paid"]),
    ],
)
def test_notes_are_told_apart(text: str, notes: list[str]) -> None:
    assert split_notes(text) == notes


# What an author writes, and the words that the model reads instead.
FORMS = [
    ("[the roof survey](https://x.org/a_(b)?c[]=1)", "the roof survey"),
    ('[the *roof* survey](survey.md "A title")', "the roof survey"),
    ("[the roof survey][1]", "the roof survey"),
    ("[[Roof Survey]]", "Roof Survey"),
    ("[[reports/2024|the roof survey]]", "the roof survey"),
    ("[[https://x.org][the roof survey]]", "the roof survey"),
    ("`make offer`", "make offer"),
    ("``a ` b``", "a ` b"),
    ("{{first_name}}", "first name"),
    ("⟦e-mail⟧", "e mail"),
    ("@smith2020", "Smith"),
    ("[@smith2020]", ""),
    ("[see @smith2020, pp. 3-5; also @doe]", ""),
    ("\\citep[p. 3]{smith2020}", ""),
    ("[^1]", ""),
    ("[^long-name]", ""),
    ("[1]", ""),
    ("[1, 4-6]", ""),
    ("[TK]", ""),
    ("[TODO ask Anna]", ""),
    ("<TODO what does it cost?>", ""),
    ("TODO(anna)", ""),
    ("https://roofs.example.org/wiki/Roof_(house)?a=1,2;b=%20#top", ""),
    ("<https://roofs.example.org>", ""),
    ("anna@example.org", ""),
    ("![the old roof](roof.jpg)", ""),
    ("[![build](b.svg)](https://x.org)", ""),
    ("![[roof.jpg]]", ""),
]


@pytest.mark.parametrize(("source", "words"), FORMS)
def test_the_model_reads_words_and_the_paragraph_keeps_the_markup(source: str, words: str) -> None:
    notes = read_notes(f"- the committee met {source}\n- copper is dear\n- they asked Leeds\n")
    assert notes.told == [f"the committee met {words}".strip(), "copper is dear", "they asked Leeds"]
    assert [piece.source for piece in notes.pieces] == [source]
    for text in (
        "The committee met. Copper is dear, so Leeds was asked.",
        f"They saw {words}.",
        "Nothing of all this.",
    ):
        assert put_back(text, notes.pieces).count(source) == 1


@pytest.mark.parametrize(("source", "words"), FORMS)
def test_what_is_read_is_never_markup(source: str, words: str) -> None:
    assert plain(f"They met {source} and went.") == f"They met {words} and went.".replace("  ", " ")


@pytest.mark.parametrize(
    "text",
    [
        "The price rose to 1,500 (or more) [sic] in 2024; see p. 3 and 2 * 3 * 4 of snake_case_names.",
        "Meet me @ home at 10:30. What? No!",
        "An array[i] and <b>",
        "我喜欢写作。他也喜欢。",
    ],
)
def test_words_are_no_markup(text: str) -> None:
    assert plain(text) == text
    assert read_notes(text).pieces == []


def test_emphasis_goes_and_what_it_marks_stays() -> None:
    notes = read_notes("**roof** leaks _badly_ at [**the** gable](g.md)")
    assert notes.told == ["roof leaks badly at the gable"]
    assert put_back("It leaks at the gable.", notes.pieces) == "It leaks at [**the** gable](g.md)."


def test_commas_inside_of_markup_part_no_notes() -> None:
    assert read_notes("roof [@a, p. 3; @b], [offers, two](o;p.md)").told == ["roof", "offers, two"]


def test_a_sentence_stays_one_note_whatever_stands_around_it() -> None:
    assert read_notes("[The survey](s.md) says that, in short, the roof leaks.[^1]").told == [
        "The survey says that, in short, the roof leaks."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "* roof leaks [1]\r\n* ask [Anna](a.md)\r\n",
        "1. roof leaks [1]\n2) ask [Anna](a.md)",
        "# roof leaks [1]\n- [ ] ask [Anna](a.md)",
    ],
)
def test_bullets_numbers_and_line_ends_of_any_kind(text: str) -> None:
    notes = read_notes(text)
    assert notes.told == ["roof leaks", "ask Anna"]
    assert [piece.source for piece in notes.pieces] == ["[1]", "[Anna](a.md)"]


def test_a_link_alone_leaves_its_words_or_none() -> None:
    assert read_notes("[the roof survey](https://x.org)").told == ["the roof survey"]
    assert read_notes("https://x.org/roof-survey").told == []
    assert read_notes("").told == []


def test_definitions_and_fenced_code_are_no_notes() -> None:
    notes = read_notes("roof leaks[^1]\n\n[^1]: Since May, at least.\n[ref]: https://x.org\n```sh\nmake offer\n```\n")
    assert notes.told == ["roof leaks"]
    assert put_back("The roof leaks.", notes.pieces) == (
        "The roof leaks[^1].\n\n[^1]: Since May, at least.\n[ref]: https://x.org\n```sh\nmake offer\n```"
    )


@pytest.mark.parametrize("unit", ["[", "[a](", "[[a", "```x\n", "`a", "![a](b", "*a", "@a<", "\\cite{", "{{", "a.b@c."])
def test_a_text_of_nothing_but_beginnings_is_read(unit: str) -> None:
    """Every pattern is bounded: this would take minutes otherwise."""
    read_notes(unit * (16_000 // len(unit)))


def test_code_without_a_fence_is_left_alone_and_lines_without_words_are_no_notes() -> None:
    code = "def area(r):\n    return 3 * r"
    notes = read_notes(f"- fix the loop\n---\n{code}\n\n- ask Tom ???\n- ???")
    assert notes.told == ["fix the loop", "ask Tom ???"]
    assert put_back("Fix the loop. Ask Tom.", notes.pieces) == f"Fix the loop. Ask Tom.\n\n{code}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("carer didnt come, im late", ["carer didn't come", "I'm late"]),
        ("see cant.py on the server id 5", ["see cant.py on the server id 5"]),
        ("new date fri, not sat in the sun since sat", ["new date Fri", "not sat in the sun since Sat"]),
        ("er ist im Haus", ["er ist im Haus"]),
        ("Termin im Rathaus", ["Termin im Rathaus"]),
    ],
)
def test_apostrophes_and_capitals_left_out_in_a_hurry_are_put_back(text: str, told: list[str]) -> None:
    assert read_notes(text).told == told
