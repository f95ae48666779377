import re

import pytest

from shadowpen.daemon.tasks.expansion import clauses
from shadowpen.daemon.tasks.expansion.small_words import ARTICLES, BE, HELPERS, OWNERS, PREPOSITIONS, PRONOUNS, VERBS


@pytest.mark.parametrize(
    ("clause", "may_have"),
    [
        ("Tom asks finance", True),
        ("cat sat here", True),
        ("roof inspected", True),
        ("I miss it", True),
        ("she won't leave", True),
        ("full moon", False),
        ("knee still sore", False),
        ("lots of parsley", False),
        ("one seed bed", False),
        ("old glass", False),
        ("goes to the library", True),
        ("leave on the counter", True),
        ("on leave", False),
    ],
)
def test_a_clause_without_a_verb_is_told_from_others(clause: str, may_have: bool) -> None:
    assert clauses.is_finite(clause.split()) is may_have


@pytest.mark.parametrize(
    ("clause", "word", "barred"),
    [
        ("chopped wood all day", "chopped", ARTICLES | OWNERS),
        ("wood chopped", "chopped", PREPOSITIONS),
        ("cleaned", "cleaned", ARTICLES | OWNERS),
        ("tired but happy", "tired", frozenset()),
        ("car park and one tree", "one", ARTICLES),
        ("one of them", "one", frozenset()),
        ("best in weeks", "weeks", ARTICLES | OWNERS),
        ("returns box open", "box", PREPOSITIONS),
        ("returns box stays open", "box", PREPOSITIONS | ARTICLES | OWNERS | VERBS),
        ("went pub", "pub", frozenset()),
        ("spare room is ready", "spare", VERBS | PRONOUNS),
        ("can test it", "can", VERBS),
        ("door open but it is late", "door", frozenset()),
        ("parcel came", "came", BE | PREPOSITIONS),
        ("left at noon", "noon", frozenset()),
        ("moving to town", "moving", ARTICLES | OWNERS | PREPOSITIONS | {"there"}),
        ("slept whole night", "whole", PREPOSITIONS),
        ("gives up too soon", "gives", ARTICLES | OWNERS | PREPOSITIONS | VERBS | {"I", "we", "you", "they"}),
        ("holds on", "holds", VERBS | {"I", "we", "you", "they"}),
        ("daughter sells honey", "sells", ARTICLES | OWNERS | PREPOSITIONS | VERBS | {"I", "we", "you", "they"}),
        ("costumes not finished", "not", frozenset()),
        ("heating in hall", "heating", frozenset()),
        ("bus via town", "via", HELPERS | PREPOSITIONS),
        ("Priya to write", "to", frozenset()),
    ],
)
def test_some_small_words_cannot_stand_before_a_word(clause: str, word: str, barred: frozenset[str]) -> None:
    words = clause.split()
    assert clauses.barred_before(words, words.index(word)) == barred


def test_a_clause_keeps_the_time_that_its_words_have() -> None:
    assert "was" in clauses.barred_in(["door", "open", "now"])
    assert "is" in clauses.barred_in(["door", "open", "yesterday"])
    assert not clauses.barred_in(["door", "open", "today"])


@pytest.mark.parametrize(
    ("note", "others", "things"),
    [("Mara called", True, True), ("thank you for jam", True, False), ("Deleted logs", False, False)],
)
def test_who_is_named_first_goes_on(note: str, others: bool, things: bool) -> None:
    barred = clauses.barred_behind(note.split())
    assert ("I" in barred, "it" in barred) == (others, things)


@pytest.mark.parametrize(
    ("rest", "wants_verb"),
    [("still at school", True), ("about two weeks", True), ("never saw him", False), ("miss the sea", False)],
)
def test_some_words_cannot_follow_their_subject(rest: str, wants_verb: bool) -> None:
    assert clauses.begins_without_verb(rest.split()) is wants_verb


@pytest.mark.parametrize(
    ("clause", "before"),
    [
        ("shower cold", "cold"),
        ("kitchen old but clean", "old"),
        ("laser unstable since morning", "unstable"),
        ("knee still sore", "still"),
        ("Bruno always first", "always"),
        ("middle part too long", "too"),
        ("card payment now possible", "now"),
        ("day 2 wet", "wet"),
        ("cat still limps", ""),
        ("children still talk", ""),
        ("soup too much", ""),
        ("door open window", ""),
        ("old cold soup", ""),
        ("until golden", ""),
        ("cut peel thin", ""),
        ("full moon", ""),
        ("train 2 hours late", ""),
    ],
)
def test_where_a_verb_is_missing_for_certain(clause: str, before: str) -> None:
    words = re.findall(r"day 2|2 hours|\S+", clause)
    place = clauses.verb_place(words)
    assert (words[place] if place >= 0 else "") == before


def test_only_a_verb_comes_before_what_is_said_of_something() -> None:
    words = ["cat", "still", "very", "sick"]
    assert clauses.barred_around(words, 0, 1) == VERBS | PRONOUNS
    assert not {"is", "was", "has"} & clauses.barred_around(words, 1, 1)
    assert {"it", "the", "does", "it's"} <= clauses.barred_around(words, 1, 1)
    assert clauses.barred_around(words, 2, 1) == VERBS | PRONOUNS
    assert not clauses.barred_around(["soup", "hot", "but", "good"], 3, 1)
    assert not clauses.barred_around(words, 0, -1)


@pytest.mark.parametrize(("words", "joined"), [("the whole way", True), ("no demo", True), ("whole", False)])
def test_nothing_stands_between_whole_and_its_noun(words: str, joined: bool) -> None:
    assert clauses.is_joined(words.split(), len(words.split()) - 1) is joined
