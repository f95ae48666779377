import math
from dataclasses import replace
from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.base.sections import ExpansionSettings
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.expand import ExpandTask
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt
from shadowpen.daemon.wire.protocol import Expand, Expansion, Partial

NOTES = ["meeting moved Friday", "bring budget"]
PARAGRAPH = (
    "The meeting was moved to Friday because the hall is not free before that day and nobody wanted to wait another "
    "week. Please bring the budget with you when you come, since we shall have to go through every line of it together "
    "before the evening is over.\n"
)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, expansion_prompt(NOTES) + PARAGRAPH, confidence=0.9999)


def expand(context: Context, notes: str, *, free: bool = True, **more: int) -> tuple[list[Partial], Expansion]:
    request = Expand(id="1", document="d", notes=notes, free=free, **more)
    *partials, last = [r for r in ExpandTask().steps(request, context, math.inf) if r is not None]
    assert isinstance(last, Expansion)
    return [p for p in partials if isinstance(p, Partial)], last


def test_notes_become_the_paragraph_the_model_knows(context: Context) -> None:
    partials, expansion = expand(context, "\n".join(NOTES), candidates=2)
    assert expansion.candidates[0] == PARAGRAPH.strip()
    assert expansion.missing[0] == []
    assert len(partials) > 10
    assert PARAGRAPH.startswith(partials[-1].text)


def test_as_many_paragraphs_as_set_or_as_asked_for(tmp_path: Path) -> None:
    settings = ExpansionSettings(candidates=3, temperature=2.0, top_p=1.0)
    text = expansion_prompt(NOTES) + PARAGRAPH
    context = replace(make_context(tmp_path, text, confidence=0.2), expansion=settings)
    assert len(expand(context, "\n".join(NOTES), max_words=8)[1].candidates) == 3
    assert len(expand(context, "\n".join(NOTES), max_words=8, candidates=2)[1].candidates) == 2


def test_it_ends_within_the_words_asked_for(context: Context) -> None:
    _, expansion = expand(context, "\n".join(NOTES), max_words=45, candidates=1)
    assert all(len(text.split()) <= 45 for text in expansion.candidates)
    assert expansion.candidates[0].endswith(".")


def test_numbers_that_the_notes_lack_are_not_made(tmp_path: Path) -> None:
    text = expansion_prompt(NOTES) + PARAGRAPH.replace("another week", "12 days")
    _, expansion = expand(make_context(tmp_path, text, confidence=0.9999), "\n".join(NOTES), candidates=1)
    assert not any(c.isdigit() for c in expansion.candidates[0])


def test_a_paragraph_ends_before_a_line_of_dashes(tmp_path: Path) -> None:
    text = expansion_prompt(NOTES) + PARAGRAPH.replace(" Please bring", f" {'-' * 30} Please bring")
    _, expansion = expand(make_context(tmp_path, text, confidence=0.9999), "\n".join(NOTES), candidates=1)
    assert expansion.candidates == [PARAGRAPH.partition(" Please")[0]]


def test_links_and_citations_are_kept_in_every_candidate_and_the_model_never_sees_them(tmp_path: Path) -> None:
    context = make_context(tmp_path, expansion_prompt(NOTES) + PARAGRAPH, confidence=0.9999)
    notes = "- meeting moved [Friday](f.md) [@smith2020]\r\n- bring `budget` https://x.org/2024\r\n"
    partials, expansion = expand(context, notes, candidates=3)
    assert PARAGRAPH.startswith(partials[-1].text)
    best = expansion.candidates[0]
    assert "moved to [Friday](f.md) because the hall" in best and "bring the `budget` with you" in best
    for text in expansion.candidates:
        assert [text.count(s) for s in ("(f.md)", "[@smith2020]", "`budget`", "https://x.org/2024")] == [1, 1, 1, 1]
    assert expansion.missing[0] == []


def test_marks_are_not_missing_words_but_lost_link_words_are(tmp_path: Path) -> None:
    notes = ["meeting moved Friday hall free, wanted wait week", "bring budget zebra, line evening"]
    context = make_context(tmp_path, expansion_prompt(notes) + PARAGRAPH, confidence=0.9999)
    marked = "\n".join(["", notes[0], notes[1].replace("budget zebra", "[budget zebra](b.md)"), "https://x.org/quagga"])
    _, expansion = expand(context, marked, candidates=1)
    assert "bring the [budget](b.md) with" in expansion.candidates[0]
    assert expansion.missing[0] == ["zebra"]


@pytest.mark.parametrize("notes", ["word", "the", "- 写作，很好\r\n- 今天", "*\n* a\n*", "1. 2. 3."])
def test_little_and_strange_notes_are_expanded(context: Context, notes: str) -> None:
    _, expansion = expand(context, notes, candidates=1, max_words=5)
    assert len(expansion.missing) == len(expansion.candidates)


def test_wild_limits_are_brought_to_sense(context: Context) -> None:
    _, expansion = expand(context, "\n".join(NOTES), max_words=10**9, candidates=10**9, seed=-1)
    assert 1 <= len(expansion.candidates) <= 8


@pytest.mark.parametrize(
    "notes",
    ["", " \n ", "???", "---", "word " * 5000, "写作" * 5000, "x" * 10**6, "https://x.org", "[1] [^2]", "a [1] " * 300],
)
def test_nothing_and_too_much_are_refused(context: Context, notes: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        expand(context, notes)
    assert raised.value.hint


FAITHFUL = "The meeting has moved to Friday. I will bring the budget."


@pytest.fixture
def faithful(tmp_path: Path) -> Context:
    return make_context(tmp_path, expansion_prompt(NOTES) + FAITHFUL + "\n", confidence=0.9999)


def test_faithfully_a_sentence_is_told_for_each_note(faithful: Context) -> None:
    partials, expansion = expand(faithful, "\n".join(NOTES), free=False)
    assert expansion.candidates[0] == FAITHFUL
    assert [partial.text for partial in partials][-1] == FAITHFUL.rpartition(" ")[0]
    assert expansion.tells[0] == [0, 1]
    added = [FAITHFUL[start:end] for start, end in expansion.added[0]]
    assert added == ["The", "has", "to", "I", "will", "the"]


@pytest.mark.parametrize("free", [False, True])
def test_only_a_free_expansion_adds_content_words(context: Context, free: bool) -> None:
    _, expansion = expand(context, "\n".join(NOTES), free=free)
    words = [
        {text[start:end] for start, end in added}
        for text, added in zip(expansion.candidates, expansion.added, strict=True)
    ]
    assert all(("evening" in added) is free for added in words)
    assert expansion.missing[0] == []


def test_one_whole_sentence_is_continued_freely(tmp_path: Path) -> None:
    lead = "The harbour was quiet that morning."
    context = make_context(tmp_path, expansion_prompt([lead]) + lead + " " + PARAGRAPH, confidence=0.9999)
    _, expansion = expand(context, lead, free=False)
    assert len(expansion.candidates[0]) > 3 * len(lead)


def test_the_model_reads_the_heading_and_the_paragraph_before(tmp_path: Path) -> None:
    prompt = expansion_prompt(NOTES, heading="Friday", before="We met again.")
    context = make_context(tmp_path, prompt + FAITHFUL + "\n", confidence=0.9999)
    request = Expand(id="1", document="d", notes="\n".join(NOTES), heading="Friday", before="We met again.")
    *_, last = ExpandTask().steps(request, context, math.inf)
    assert isinstance(last, Expansion)
    assert last.candidates[0] == FAITHFUL


def test_links_are_kept_in_a_faithful_expansion(faithful: Context) -> None:
    _, expansion = expand(faithful, "- meeting moved [Friday](f.md)\n- bring `budget` [@smith2020]", free=False)
    assert [expansion.candidates[0].count(piece) for piece in ("[Friday](f.md)", "`budget`", "@smith2020")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("notes", "text"),
    [
        ("- er ist krank\n- der Arzt kommt morgen", "Er ist krank. Der Arzt kommt morgen."),
        ("- 今天下雨\n- 写作很好", "今天下雨。写作很好。"),
        ("- er ist krank\n- wir bleiben zu Haus\n- bring slides", "Er ist krank. Wir bleiben zu Haus. Bring slides."),
    ],
)
def test_notes_in_another_language_become_sentences_and_no_more(context: Context, notes: str, text: str) -> None:
    _, expansion = expand(context, notes, free=False)
    assert expansion.candidates == [text]
    assert expansion.added == [[]]


def test_of_notes_in_two_languages_those_in_another_than_english_stay_as_they_are(faithful: Context) -> None:
    notes = "- meeting moved Friday\n- er ist nicht da\n- bring the budget to the meeting"
    _, expansion = expand(faithful, notes, free=False)
    assert all(" Er ist nicht da." in text for text in expansion.candidates)
