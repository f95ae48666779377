"""The newest text judges, the rest is learned; every token knows what it counts."""

from __future__ import annotations

import re

import pytest

from shadowpen.daemon.base.errors import TooLittleText
from shadowpen.daemon.corpus import split as splitting
from shadowpen.daemon.corpus.corpus import CONTEXT, MODEL, OWN, Document, Span
from shadowpen.daemon.corpus.split import TokenizedDocument, split, tokenised


def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """A token a word."""
    places = [match.span() for match in re.finditer(r"\s*\S+", text)]
    return [hash(text[start:end]) % 1000 for start, end in places], places


def document(name: str, words: int, time: float, paragraphs: int = 1, weight: float = OWN) -> Document:
    each = words // paragraphs
    text = "\n\n".join(" ".join(f"{name}{part}-{word}" for word in range(each)) for part in range(paragraphs))
    spans = (Span(0, len(text), weight),) if weight != OWN else ()
    return Document(name, text, name, time, spans)


def names(part: tuple[TokenizedDocument, ...]) -> list[str]:
    return [tokens.document.origin for tokens in part]


def test_weights_follow_the_characters() -> None:
    text = "mine theirs ours ⟦email⟧ end"
    found = tokenised(Document("x", text, "", 0, (Span(5, 11, MODEL), Span(14, 16, CONTEXT))), encode)

    assert found.weights == (OWN, MODEL, CONTEXT, 0.0, OWN)
    assert found.own == 2


def test_the_parts_are_in_the_order_of_time_and_share_nothing() -> None:
    documents = [document(f"d{number:02}", 1_000, number) for number in range(30)]

    parts = split(documents, encode, 100_000)

    assert names(parts.held_out) == ["d27", "d28", "d29"]
    assert names(parts.validation) == ["d24", "d25", "d26"]
    assert names(parts.train) == [f"d{number:02}" for number in range(24)]
    assert parts.left_out == 0


def test_one_long_diary_is_cut_at_paragraphs() -> None:
    diary = document("diary", 20_000, 1, paragraphs=100)

    parts = split([diary], encode, 100_000)

    texts = [tokens.document.text for part in (parts.train, parts.validation, parts.held_out) for tokens in part]
    assert "\n\n".join(texts) == diary.text
    assert 2_000 <= sum(tokens.own for tokens in parts.held_out) <= 2_400
    assert sum(tokens.own for tokens in parts.train) > 15_000


def test_only_own_words_count_towards_the_least() -> None:
    enough = [document(f"d{number}", 1_000, number) for number in range(6)]
    assert sum(tokens.own for tokens in split(enough, encode, 100_000).held_out) >= splitting.MIN_HELD_OUT_TOKENS

    with pytest.raises(TooLittleText, match=r"about 1,000 of the 2,000 tokens") as raised:
        split([*enough[:1], document("borrowed", 9_000, 9, weight=MODEL)], encode, 100_000)
    assert "750 more words" in raised.value.hint
    with pytest.raises(TooLittleText):
        split([], encode, 100_000)


def test_of_the_first_words_most_are_learned() -> None:
    first = [document(f"d{number}", 200, number, paragraphs=4) for number in range(10)]

    parts = split(first, encode, 100_000)

    assert 700 <= sum(tokens.own for tokens in parts.held_out) <= 800
    assert sum(tokens.own for tokens in parts.train) >= 900
    assert splitting.set_aside_tokens(2_000) == 1_000


def test_in_paragraphs_what_is_learned_is_what_the_documents_say() -> None:
    documents = [document(f"d{number:02}", 1_000, number, paragraphs=10) for number in range(20)]

    parts = split(documents, encode, 2_550, in_paragraphs=True)

    assert all(tokens.ids == tokenised(tokens.document, encode).ids for tokens in parts.train)
    assert 2_550 <= sum(len(tokens.ids) for tokens in parts.train) < 2_700


def test_the_newest_are_learned_when_there_is_too_much_and_no_file_takes_over() -> None:
    documents = [document(f"d{number:02}", 1_000, number) for number in range(40)]
    parts = split(documents, encode, 10_000)
    assert names(parts.train)[0] == "d23"
    assert sum(len(tokens.ids) for tokens in parts.train) == 10_000
    assert parts.left_out == 23_000

    documents[20] = document("giant", 200_000, 20, paragraphs=400)
    parts = split(documents, encode, 40_000)
    giant = next(tokens for tokens in parts.train if tokens.document.origin == "giant")
    assert len(giant.ids) == 10_000
    assert giant.document.text.endswith("giant399-499")
