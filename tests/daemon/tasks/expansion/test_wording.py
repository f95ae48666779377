import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from support.models.scripted_model import TEXT, make_tokenizer

from shadowpen.daemon.tasks.expansion.slots import read_slots
from shadowpen.daemon.tasks.expansion.small_words import VERBS, small_words
from shadowpen.daemon.tasks.expansion.wording import Place, Wording
from shadowpen.daemon.text.tokenizer import Tokenizer


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return make_tokenizer(tmp_path, TEXT)


def walk(wording: Wording, tokenizer: Tokenizer, seed: int) -> str:
    """What a model would write that likes nothing in particular."""
    choice, place, ids = random.Random(seed), Place(), []
    while allowed := wording.next_tokens(place):
        ids.append(choice.choice(list(allowed)))
        place = allowed[ids[-1]]
        assert len(ids) < 1000
    return tokenizer.decode(ids)


@pytest.mark.parametrize(
    "note",
    ["new printer arrived, not for Tom", "Köln -> grüße 🐱", "2 to 20, 200", "lunch w/ Ines?", "docs not ready = bad"],
)
@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_chosen_the_note_is_told_in_order_and_nothing_else(
    note: str, seed: int, tokenizer: Tokenizer
) -> None:
    slots = read_slots(note)
    words = small_words(note, note)
    text = walk(Wording(slots, tokenizer, words, first=True), tokenizer, seed)
    left = text.rstrip(".?!").replace(",", " ").replace(":", " ").replace(";", " ").replace(".", " ").split()
    for slot in slots.slots:
        if slot.required:
            told = next(word for word in left if word.lower() in {form.lower() for form in slot.forms})
            left = left[left.index(told) + 1 :]
    small = {word.lower() for word in words} | {form.lower() for slot in slots.slots for form in slot.forms}
    assert {
        word.lower()
        for word in text.replace(",", " ").replace(":", " ").replace(";", " ").rstrip(".?!").replace(".", " ").split()
    } <= small
    assert text[-1] == slots.end
    assert not text[0].islower()


def test_no_more_than_three_small_words_stand_together(tokenizer: Tokenizer) -> None:
    small = ["a", "b", "c"]
    for seed in range(30):
        text = walk(Wording(read_slots("tree fox"), tokenizer, small, first=True), tokenizer, seed).lower()
        between = text[text.index("tree") + 4 : text.index("fox")].replace(",", " ").split()
        assert len(between) <= 3


@pytest.mark.parametrize("seed", range(20))
def test_a_pause_of_the_note_stays_one(seed: int, tokenizer: Tokenizer) -> None:
    text = walk(Wording(read_slots("fox, tree -> jump"), tokenizer, ["and", "to", "of"], first=True), tokenizer, seed)
    assert not any(
        wrong in text.lower() for wrong in ("fox tree", "fox to", "fox of", "tree jump", "tree to", "tree of")
    )


@pytest.mark.parametrize("seed", range(20))
def test_nothing_stands_before_a_heading(seed: int, tokenizer: Tokenizer) -> None:
    text = walk(Wording(read_slots("plot C: tree"), tokenizer, ["this", "is"], first=True), tokenizer, seed)
    assert text.startswith("Plot C")


@pytest.mark.parametrize("seed", range(20))
def test_no_article_stands_where_none_can(seed: int, tokenizer: Tokenizer) -> None:
    note = read_slots("fox 600 words, tree could not jump on 3 March from Split")
    text = walk(Wording(note, tokenizer, ["a", "an", "the", "was"], first=True), tokenizer, seed).lower()
    words = re.findall(r"\w+", text)
    followers = {other for one, other in pairwise(words) if one in ("a", "an", "the")}
    assert followers <= {"fox", "600", "words", "tree", "not", "jump"}
    assert "a 600" not in text and "an 600" not in text


@pytest.mark.parametrize(
    ("notes", "note", "has", "lacks"),
    [
        ("never saw him angry. taught me all", "taught me all", ["he", "him"], ["she", "you"]),
        ("never saw him angry. taught me all", "never saw him angry", ["I"], ["he", "she"]),
        ("fed her. coming at six", "coming at six", ["I", "we"], ["she", "he"]),
        ("hope you are well", "hope you are well", ["you", "your"], ["she", "he"]),
        ("printer arrived", "printer arrived", ["it", "the"], ["he", "her", "you"]),
    ],
)
def test_people_are_not_guessed_at(notes: str, note: str, has: list[str], lacks: list[str]) -> None:
    words = small_words(notes, note)
    assert all(word in words for word in has)
    assert not any(word in words for word in lacks)


def test_a_speaker_may_be_said_to_speak(tokenizer: Tokenizer) -> None:
    speaks = Wording(read_slots("Anna: fox sleeps"), tokenizer, [], first=True)
    texts = {walk(speaks, tokenizer, seed) for seed in range(60)}
    assert any("said" in text for text in texts)
    assert not any(
        "said" in walk(Wording(read_slots("Anna fox"), tokenizer, [], first=True), tokenizer, s) for s in range(60)
    )


def walks(note: str, tokenizer: Tokenizer) -> list[str]:
    words = small_words(note, note)
    return [walk(Wording(read_slots(note), tokenizer, words, first=True), tokenizer, seed) for seed in range(60)]


def test_nothing_comes_between_a_word_and_its_bracket(tokenizer: Tokenizer) -> None:
    assert all("tree (two of us)" in text.lower() for text in walks("tree (two of us) fox", tokenizer))


def test_no_article_or_preposition_stands_before_via(tokenizer: Tokenizer) -> None:
    barred = re.compile(r"\b(the|an?|from|of|in) via\b")
    assert not any(barred.search(text.lower()) for text in walks("bus via town", tokenizer))


def test_behind_a_pause_whoever_is_something_is_named_again(tokenizer: Tokenizer) -> None:
    texts = walks("tree moved, ready", tokenizer)
    wrong = re.compile(r"\bmoved\W+(and|so|but|then|also) (is|are|was|were)\b", re.IGNORECASE)
    assert not any(wrong.search(text) for text in texts)
    assert any(re.search(r"\b(is|are|was|were)\b", text) for text in texts)


def test_what_something_is_not_is_said_with_a_verb(tokenizer: Tokenizer) -> None:
    verbs = "|".join(re.escape(verb.lower()) for verb in VERBS)
    said = re.compile(rf"\b({verbs}) not\b")
    assert all(said.search(text.lower()) for text in walks("tree not ready", tokenizer))
    assert not all(said.search(text.lower()) for text in walks("tree but not ready", tokenizer))


@pytest.mark.parametrize(("note", "asks"), [("can test it", False), ("can test it?", True)])
def test_a_verb_at_the_beginning_makes_no_question(note: str, asks: bool, tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots(note), tokenizer, ["we"], first=True)
    assert any(walk(wording, tokenizer, seed).startswith("Can we") for seed in range(60)) == asks


def test_a_mark_stands_behind_a_heading(tokenizer: Tokenizer) -> None:
    assert all(re.match(r"Next step[,:;.]", text, re.I) for text in walks("next step: tea", tokenizer))
    assert all(re.match(r"Anna([,:;.]| sa)", text, re.I) for text in walks("Anna: tea", tokenizer))


def test_a_question_inside_a_note_stays_one_and_nobody_is_said_to_do_it(tokenizer: Tokenizer) -> None:
    texts = walks("visit soon? tree ready", tokenizer)
    assert all("soon? " in text.lower() for text in texts)
    assert not any(re.match(r"(I|We|They|It|You|He|She)\b", text) for text in texts)


def test_what_is_joined_has_a_verb(tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots("tree fell, full moon"), tokenizer, ["and", "is"], first=True)
    texts = [walk(wording, tokenizer, seed).lower() for seed in range(40)]
    joined = [text for text in texts if re.search(r"\bfell\W+and\b", text)]
    assert joined
    assert all(" is " in text.partition("fell")[2] for text in joined)


def test_a_subject_is_followed_by_a_verb(tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots("still at home"), tokenizer, ["I", "am"], first=True)
    texts = [walk(wording, tokenizer, seed).lower() for seed in range(40)]
    assert any(text.startswith("i am still") for text in texts)
    assert not any(text.startswith("i still") for text in texts)


def test_what_is_said_of_something_is_not_something_else(tokenizer: Tokenizer) -> None:
    texts = walks("desk at window, view of tree", tokenizer)
    assert not any(re.search(r"\bwindow (is|are|was|were) (a|an|the|my|our)\b", text, re.IGNORECASE) for text in texts)


def test_no_pronoun_stands_behind_an_added_verb(tokenizer: Tokenizer) -> None:
    assert not any(
        re.search(r"\b(has|have|is|was|did) (it|them|I|we)\b", text) for text in walks("bus town", tokenizer)
    )


def test_a_verb_comes_before_what_is_said_of_something(tokenizer: Tokenizer) -> None:
    verbs = "|".join(re.escape(verb.lower()) for verb in VERBS)
    said = re.compile(rf"\btree( \w+)* ({verbs}) still\b")
    assert all(said.search(text.lower()) for text in walks("tree still sick", tokenizer))


def test_bare_clauses_that_got_a_verb_are_counted_once_each(tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots("tree here, fox away"), tokenizer, ["is", "was"], first=True)
    counts = set()
    for seed in range(60):
        choice, place, ids = random.Random(seed), Place(), []
        while allowed := wording.next_tokens(place):
            ids.append(choice.choice(list(allowed)))
            place = allowed[ids[-1]]
        assert bool(place.verbs) is bool(re.search(r"\b(is|was)\b", tokenizer.decode(ids).lower()))
        counts.add(place.verbs)
    assert counts == {0, 1, 2}


def test_only_a_joining_word_or_a_mark_stands_between_what_a_note_parts(tokenizer: Tokenizer) -> None:
    texts = walks("tree called, moving to town", tokenizer)
    wrong = re.compile(r"called (the|an?|my|our|me|us|it|them|I|we|they|this|it's)\b")
    assert not any(wrong.search(text) for text in texts)


def test_who_is_moving_is_said_to_be(tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots("tree called, moving to town"), tokenizer, ["and", "is", "to"], first=True)
    texts = [walk(wording, tokenizer, seed).lower() for seed in range(40)]
    assert any(" and is moving" in text for text in texts)
    assert not any(re.search(r"\b(and|to) moving", text) for text in texts)


def test_and_joins_only_what_a_note_parts(tokenizer: Tokenizer) -> None:
    texts = walks('tree said "hello" whole way', tokenizer)
    assert not any(re.search(r"\b(and|so|but) (\w+ ){0,2}whole\b", text) for text in texts)


def test_a_no_alone_stays_alone(tokenizer: Tokenizer) -> None:
    texts = walks("tree fell -> no, fox", tokenizer)
    assert all(re.search(r"\b(so|then|fell)\W+no\b", text.lower()) for text in texts)


def test_an_owner_is_followed_by_what_is_owned(tokenizer: Tokenizer) -> None:
    wording = Wording(read_slots("tree fox"), tokenizer, ["my", "while", "is"], first=True)
    texts = [walk(wording, tokenizer, seed).lower() for seed in range(40)]
    assert any("my fox" in text for text in texts)
    assert not any(re.search(r"\bmy (while|is)", text) for text in texts)
