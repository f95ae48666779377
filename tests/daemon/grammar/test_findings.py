from __future__ import annotations

import pytest

from shadowpen.daemon.grammar.findings import GrammarFinding, worth_showing


def at(text: str, word: str, rule: str = "SpellCheck", kind: str = "Spelling") -> GrammarFinding:
    start = text.index(word)
    return GrammarFinding(start, start + len(word), rule, kind, "", [])


@pytest.mark.parametrize(
    "text",
    [
        "see [[mistaek]] there",
        "see `mistaek` there",
        "see [@mistaek] there",
        "see [it](mistaek) there",
        "see https://a.org/mistaek there",
        "see $mistaek$ there",
        "see {{mistaek}} there",
        "see <mistaek> there",
        "see a_mistaek there",
        "see mistaek.py there",
        "see theMistaek there".replace("Mistaek", "Xmistaek"),
        "see #mistaek there",
        "see ~/mistaek there",
        "[mistaek]: somewhere",
    ],
)
def test_what_is_no_prose_is_not_flagged(text: str) -> None:
    assert worth_showing([at(text, "mistaek")], text) == []


@pytest.mark.parametrize(
    "text",
    ["_mistaek_", "**mistaek**", "[mistaek](there)", "# mistaek", "| mistaek |", "for $5 mistaek and $6", "“mistaek”"],
)
def test_what_is_prose_in_markdown_is_flagged(text: str) -> None:
    assert len(worth_showing([at(text, "mistaek")], text)) == 1


def test_grammar_counts_beside_a_name_too() -> None:
    text = "an file.py"
    finding = at(text, "an file.py", "AnA", "Miscellaneous")
    assert worth_showing([finding], text) == [finding]


def test_matters_of_taste_are_not_shown() -> None:
    text = "a long sentence"
    taste = [at(text, "long", "LongSentences", "Readability"), at(text, "sentence", "UseTitleCase", "Capitalization")]
    assert worth_showing(taste, text) == []


def test_of_overlapping_findings_one_is_shown_and_it_is_not_that_a_word_is_unknown() -> None:
    text = "so alot of times"
    unknown, known = at(text, "alot"), at(text, "alot of", "ALot", "BoundaryError")
    other = at(text, "times")
    assert worth_showing([other, unknown, known], text) == [known, other]
