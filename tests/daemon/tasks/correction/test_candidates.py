from __future__ import annotations

import pytest

from shadowpen.daemon.tasks.correction.candidates import WordList, grammar_kind, proposed, spelling_kind

WORDS = WordList(
    [
        b" the",
        b" they",
        b" go",
        b" goes",
        b" inside",
        b" lot",
        b" form",
        b" from",
        b" a",
        b" in",
        b" side",
        b"x",
        b" \xc3\xa9",
    ]
)


def edits(text: str) -> set[tuple[str, str, str]]:
    return {(text[each.start : each.end], each.replacement, each.kind) for each in proposed(text, WORDS)}


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("see there house", ("there", "their", "confusion")),
        ("There house", ("There", "Their", "confusion")),
        ("an house", ("an", "a", "article")),
        ("the the dog", ("the the", "the", "doubled")),
        ("He go home", ("go", "goes", "ending")),
        ("look in side", ("in side", "inside", "joint")),
        ("thier form letter", ("form", "from", "confusion")),
        ("see teh dog", ("teh", "the", "unknown")),
        ("I dont know", ("dont", "don't", "confusion")),
        ("we could of gone", ("could of", "could have", "joint")),
        ("see dog", ("", "the ", "small_word")),
        ("see the dog", ("the ", "", "small_word")),
    ],
)
def test_small_edits_are_proposed(text: str, edit: tuple[str, str, str]) -> None:
    assert edit in edits(text)


@pytest.mark.parametrize("text", ["", "42", "NASA", "昨天下雨", "Mr. X"])
def test_what_is_no_plain_word_is_not_respelled(text: str) -> None:
    assert not {kind for _, _, kind in edits(text)} & {"unknown", "spelling", "ending"}


def test_an_edit_is_applied_at_its_place() -> None:
    text = "go to teh house"
    made = {each.applied(text) for each in proposed(text, WORDS) if each.kind == "unknown"}
    assert "go to the house" in made


@pytest.mark.parametrize(
    ("word", "other", "first", "kind"),
    [
        ("teh", "the", True, "harper_near"),
        ("teh", "the", False, "harper_far"),
        ("recieved", "relieved", False, "harper_spelling"),
        ("Recieved", "Received", True, "harper_far"),
        ("kymyz", "key", True, "harper_far"),
        ("u2", "um", True, "harper_far"),
    ],
)
def test_names_and_far_words_need_more(word: str, other: str, first: bool, kind: str) -> None:
    assert spelling_kind(word, other, is_first=first) == kind


def test_articles_and_lost_apostrophes_are_surely_meant() -> None:
    assert grammar_kind("a", "an") == grammar_kind("An", "a") == "harper_sure"
    assert grammar_kind("a", "A") == grammar_kind("there", "their") == "harper"
    assert spelling_kind("dont", "don't", is_first=True) == "harper_sure"
