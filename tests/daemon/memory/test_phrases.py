from __future__ import annotations

from dataclasses import replace

import pytest
from support.models.words import Words, Written

from shadowpen.daemon.memory.index.live import LiveText
from shadowpen.daemon.memory.index.texts import Stretch, learned
from shadowpen.daemon.memory.phrases import Evidence, Phrase, find, find_taken, probability_of
from shadowpen.daemon.memory.recall import matches

_WORDS = Words()


def _phrase(texts: list[Written], before: str, stub: str = "", max_words: int = 12) -> Phrase | None:
    live = LiveText(_WORDS.code, _WORDS.token_bytes)
    for i, text in enumerate(texts):
        list(live.learn(learned(replace(text, origin=str(i)), _WORDS, _WORDS.code, scan=False)))
    ids, token_bytes = _WORDS.encode(before), _WORDS.token_bytes
    again = find_taken([live], ids, stub.encode(), token_bytes, max_words)
    return again or find(matches([live], ids, _WORDS.code), stub.encode(), token_bytes, max_words)


def _own(text: str) -> Written:
    return Written("", text)


def _taken(context: str, text: str) -> Written:
    spans = (Stretch(0, len(context), 0.0), Stretch(len(context), len(context) + len(text), 0.3))
    return Written("", context + text, spans=spans)


def _texts(phrase: Phrase | None) -> list[str]:
    return [word.data.decode() for word in phrase.words] if phrase else []


_PHRASE = "quarterly planning starts at noon upstairs in room two"
_TAKEN = _taken("The harbour lay still. ", _PHRASE)


@pytest.mark.parametrize(
    "typed", [" planning", " planning ", " planning star", " planning starts at noon", " planning starts "]
)
def test_a_phrase_taken_once_is_offered_whole_after_its_first_two_words(typed: str) -> None:
    others = [_own("a quarterly planning was left"), _own("the quarterly planning was wanted")] * 20
    before, stub = typed.rstrip(" ").rsplit(" ", 1)
    phrase = _phrase([*others, _TAKEN], "A letter. quarterly" + before, " " + stub + typed[len(typed.rstrip()) :])
    assert "quarterly" + typed + _texts(phrase)[-1] == _PHRASE
    assert phrase is not None
    assert phrase.words[-1].probability >= 0.15


def test_only_the_beginning_of_a_long_phrase_is_offered_so_soon() -> None:
    short, inside = _taken("", "quarterly planning starts at noon"), _TAKEN
    expected = _phrase([_own("quarterly planning starts at noon")], "quarterly planning")
    assert expected is not None
    for taken, before in (short, "quarterly planning"), (inside, "at noon"):
        phrase = _phrase([taken], before)
        assert phrase is not None
        assert phrase.words[0].probability < 0.5


def test_of_phrases_that_begin_alike_the_newest_is_offered() -> None:
    newer = _taken("", "quarterly planning thought about winter and the dog")
    assert _texts(_phrase([_TAKEN, newer], "quarterly planning"))[-1] == " thought about winter and the dog"


def test_each_word_is_less_likely_than_the_one_before() -> None:
    phrase = _phrase([_own("he walked along the river with the dog")] * 3, "he walked along")
    assert phrase is not None
    chances = [word.probability for word in phrase.words]
    assert chances == sorted(chances, reverse=True)
    assert _texts(phrase)[:2] == [" the", " the river"]


@pytest.mark.parametrize("typed", [" ", " p", " plann", " planning"])
def test_an_unfinished_word_is_completed(typed: str) -> None:
    texts = [_own("the quarterly meeting at noon"), *[_own("the quarterly planning starts at noon")] * 9]
    phrase = _phrase(texts, "the quarterly", typed)
    assert all((typed + text).startswith((" planning", " meeting")) for text in _texts(phrase))
    if len(typed) > 1:
        assert typed + _texts(phrase)[-1] == " planning starts at noon"


def test_bytes_that_no_token_ends_with_are_read_across_tokens() -> None:
    phrase = _phrase([_own("the cup ;-) was left")], "the cup", " ;-")
    assert _texts(phrase)[0] == ")"


def test_what_most_places_have_is_offered() -> None:
    texts = [_own("please bring your own cup"), _own("please bring the dog"), _own("please bring your own letter")]
    assert _texts(_phrase(texts, "please bring"))[:2] == [" your", " your own"]


def test_it_ends_with_the_line_the_text_and_the_words_asked_for() -> None:
    assert _texts(_phrase([_own("bring your own\ncup")] * 9, "bring your"))[-1] == " own"
    assert _texts(_phrase([_own("bring your own")] * 9, "bring your"))[-1] == " own"
    assert _phrase([_own("bring your own")], "your own") is None
    assert len(_texts(_phrase([_own("he walked along the river with the dog")] * 9, "he walked", "", 2))) == 2


def test_the_longest_match_that_fits_what_was_typed_decides() -> None:
    texts = [_own("we keep the letter that was left"), _own("brother, the harbour")]
    phrase = _phrase(texts, "we keep the", " h")
    assert _texts(phrase)[0] == "arbour"
    assert phrase is not None
    assert phrase.order == 1


def test_its_tokens_are_a_draft_for_the_model() -> None:
    phrase = _phrase([_own("the quarterly planning starts at noon")] * 9, "the quarterly", " pla")
    assert phrase is not None
    assert _WORDS.decode(list(phrase.ids)) == " planning starts at noon"


def test_nothing_is_offered_where_nothing_was_written() -> None:
    assert _phrase([], "the harbour") is None
    assert _phrase([_own("the harbour lay")], "the harbour", " x") is None
    assert _phrase([_own("the harbour lay")], "winter") is None


def test_more_evidence_is_more_probable() -> None:
    little = Evidence(order=2, support=1, share=1.0, different=1, begun=False, length=6)
    base = probability_of(little)
    more = [{"order": 6}, {"support": 4}, {"begun": True}, {"length": 2}, {"again": True}]
    assert all(probability_of(replace(little, **change)) > base for change in more)
    assert probability_of(replace(little, support=4, share=0.5)) < probability_of(replace(little, support=4))
