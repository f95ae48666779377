import pytest

from shadowpen.daemon.tasks.expansion.slots import read_slots


def forms(note: str) -> list[tuple[str, ...]]:
    return [slot.forms for slot in read_slots(note).slots]


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("new printer arrived", [("new",), ("printer",), ("arrived",)]),
        ("lunch w/ Ines", [("lunch",), ("with",), ("Ines",)]),
        ("two lost -> buying", [("two",), ("lost",), ("so", "and so", "then"), ("buying",)]),
        ("closed 24 Dec - 2 Jan", [("closed",), ("24 December to 2 January",)]),
        ("1,150 euros incl. scaffolding", [("1,150 euros",), ("including",), ("scaffolding",)]),
        ('parrot said "good evening"', [("parrot",), ("said",), ('"good evening"',)]),
        ("doesn't work", [("doesn't", "does not"), ("work",)]),
        ("at 18:30, hall", [("at",), ("18:30",), ("hall",)]),
        ("", []),
        ("- ; ,", []),
    ],
)
def test_a_note_is_read_word_by_word(note: str, words: list[tuple[str, ...]]) -> None:
    assert forms(note) == words


def test_articles_and_arrows_may_go_but_negations_and_prepositions_stay() -> None:
    required = {slot.forms[0]: slot.required for slot in read_slots("the tea -> not for Tom").slots}
    assert required == {"the": False, "tea": True, "so": False, "not": True, "for": True, "Tom": True}


def test_marks_are_remembered_as_pauses() -> None:
    slots = read_slots("budget open, Tom asks – Friday").slots
    assert [slot.after_pause for slot in slots] == [False, False, True, False, True]


def test_a_name_and_a_colon_say_who_speaks() -> None:
    assert [slot.told_by for slot in read_slots("Anna: printer arrived").slots] == [False, True, False]
    assert not any(slot.told_by for slot in read_slots("kitchen: everybody forgets").slots)


@pytest.mark.parametrize(("note", "end"), [("visit at Easter?", "?"), ("come!", "!"), ("no demo.", "."), ("x", ".")])
def test_a_question_stays_one(note: str, end: str) -> None:
    assert read_slots(note).end == end


def test_dates_and_numbers_take_no_article() -> None:
    every = {"a", "an", "the"}
    slots = read_slots("saw Tom's 600 words by 3 March to Mr Hale").slots
    bars = {slot.forms[0]: slot.bars & every for slot in slots}
    assert bars == {
        "saw": set(),
        "Tom's": every,
        "600": {"a", "an"},
        "words": set(),
        "by": set(),
        "3 March": every,
        "to": set(),
        "Mr Hale": every,
    }


def test_a_name_before_a_mark_takes_no_article() -> None:
    assert "the" in read_slots("visit at Easter? room ready").slots[2].bars
    assert "the" not in read_slots("visit at Easter market").slots[2].bars


def test_a_mark_behind_a_date_is_a_pause() -> None:
    assert [slot.after_pause for slot in read_slots("20 Nov, hall").slots] == [False, True]


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("out b/c shop closed Sun, 2 hrs", "out because shop closed Sunday, 2 hours"),
        ("Sat w/ Ines (day 2) -> rain = 5%!", "Sat with Ines (day 2) -> rain is 5%!"),
        ("so the app, e.g. docs", "so the app, for example docs"),
        ("", ""),
    ],
)
def test_what_nobody_leaves_short_in_prose_is_written_out_for_the_model(note: str, text: str) -> None:
    assert read_slots(note).written_out == text


def test_an_arrow_is_a_pause_and_no_preposition_takes_its_place() -> None:
    rates, arrow, loans = read_slots("rates -> loans").slots
    assert (rates.after_pause, arrow.after_pause, loans.after_pause) == (False, True, False)
    assert "to" in arrow.bars and "and" not in arrow.bars


def test_what_a_comma_parts_is_not_joined_by_of() -> None:
    _, percent, logs = read_slots("next 98%, logs").slots
    assert not percent.bars - {"a", "an", "the"}
    assert "of" in logs.bars and "and" not in logs.bars


@pytest.mark.parametrize(
    ("note", "head"),
    [("next: tea", 1), ("day 2: tea", 1), ("kitchen rota: mine", 2), ("your dog: so sorry", 0), ("hall, not: tea", 0)],
)
def test_a_heading_is_told(note: str, head: int) -> None:
    assert read_slots(note).head == head


def test_brackets_stand_as_they_are_behind_their_word() -> None:
    read = read_slots("nothing with umlauts (Müller, w/ Köln) found")
    assert [(slot.forms, slot.joined) for slot in read.slots[2:]] == [
        (("umlauts",), False),
        (("(Müller, with Köln)",), True),
        (("found",), False),
    ]


def test_an_equals_sign_is_the_verb_of_its_clause() -> None:
    barred = {slot.forms[0]: "was" in slot.bars for slot in read_slots("box here, money lost = mistake of ours").slots}
    assert barred == {
        "box": False,
        "here": False,
        "money": True,
        "lost": True,
        "is": True,
        "mistake": False,
        "of": False,
        "ours": False,
    }


@pytest.mark.parametrize(
    ("note", "marks", "asks"),
    [
        ("visit soon? room ready", ["", "", "?", ""], [True, True, False, False]),
        ("room ready! visit?", ["", "", "!"], [False, False, True]),
        ("time: six", ["", ":"], [False, False]),
        ("tea, cake", ["", ""], [False, False]),
    ],
)
def test_marks_that_say_something_are_kept_and_what_stands_before_is_asked(
    note: str, marks: list[str], asks: list[bool]
) -> None:
    slots = read_slots(note).slots
    assert [slot.mark for slot in slots] == marks
    assert [slot.asks for slot in slots] == asks


def test_a_clause_is_told_by_its_last_word_and_whether_a_verb_is_still_to_come() -> None:
    assert [(slot.verbless, slot.last) for slot in read_slots("Tom asks again, full moon").slots] == [
        (False, False),
        (False, False),
        (True, True),
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize(
    ("note", "verbless"),
    [
        ("flour, water, bit salt", False),
        ("could not sleep, water, bit salt", True),
        ("spring / neap", False),
        ("miss sea, not damp", False),
    ],
)
def test_the_last_of_a_list_needs_no_verb_to_be_joined(note: str, verbless: bool) -> None:
    slots = read_slots(note).slots
    assert next(slot.verbless for slot in reversed(slots) if slot.after_pause) is verbless


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("energy $E = mc^2$ holds", ["energy", "$E = mc^2$", "holds"]),
        ("from $5 to $6", ["from", "$5", "to", "$6"]),
        ("sum \\(a + b\\) proved", ["sum", "\\(a + b\\)", "proved"]),
        ("dear [First name], thanks", ["dear", "[First name]", "thanks"]),
        ("outside -5 °C", ["outside", "-5 °C"]),
    ],
)
def test_formulas_placeholders_and_negative_amounts_stand_as_they_are(note: str, words: list[str]) -> None:
    assert [slot.forms[-1] for slot in read_slots(note).slots] == words


def test_a_bare_star_says_nothing() -> None:
    assert [slot.forms[0] for slot in read_slots("read * Emma * again").slots] == ["read", "Emma", "again"]
    assert not read_slots("*").slots


def test_a_clause_without_a_verb_wants_one_where_it_is_missing_for_certain() -> None:
    slots = read_slots("shower cold, hall old, Tom asks").slots
    assert [slot.forms[0] for slot in slots if slot.wants_verb] == ["cold", "old"]
    assert [slot.bare for slot in slots] == [0, 0, 1, 1, -1, -1]
    assert not any(slot.wants_verb for slot in read_slots("shower cold?").slots)
