"""daemon/memory/attribution.py: how much of a model's text is the memory's, and where its words come from."""

from __future__ import annotations

import pytest
from support.models.words import Words, Written

from shadowpen.daemon.base import store
from shadowpen.daemon.memory.attribution import AttributedText, share_of_characters
from shadowpen.daemon.memory.memory import Memory

_WORDS = Words()


@pytest.fixture
def memory(layout: store.Layout) -> Memory:
    return Memory.open(layout.memory, _WORDS)


def lent(before: str, text: str, parts: list[float]) -> AttributedText:
    """`parts` for the words of `text`."""
    return AttributedText(
        tuple(_WORDS.encode(before)), tuple(_WORDS.encode(text)), tuple(parts), sum(parts) / len(parts)
    )


def places(memory: Memory, told: AttributedText) -> list[str]:
    return [str(place) for place in memory.where(told, memory.moment)]


def test_the_share_is_the_mean_over_the_characters() -> None:
    assert share_of_characters([0.5, 0.0], [4, 16], 16) == pytest.approx(0.125)
    assert share_of_characters([0.5, 1.0], [4, 16], 8) == pytest.approx(0.75), "cut after eight"
    assert share_of_characters([0.5], [0], 0) == 0.0
    assert share_of_characters([0.9, 0.5], [0, 4], 4) == 0.5, "what was typed already weighs nothing"


@pytest.mark.parametrize("filed", [True, False])
def test_the_longest_match_is_named(memory: Memory, filed: bool) -> None:
    texts = [
        Written("untitled:short", "the dog walked along the river"),
        Written("untitled:long", "he walked along the river with the dog", 1),
        Written("untitled:other", "boats were waiting for the tide", 2),
    ]
    if filed:
        memory.refresh(lambda: texts)
    else:
        for text in texts:
            memory.learn(text)
    told = lent("he walked along", " the river in winter", [0.4, 0.4, 0.0, 0.0])
    assert places(memory, told) == ["untitled:long"]
    told = lent("we walked along", " the river in winter", [0.4, 0.4, 0.0, 0.0])
    assert places(memory, told) == ["untitled:long", "untitled:short"], "the same match in both, the newer first"


def test_the_words_of_the_text_itself_lengthen_the_match(memory: Memory) -> None:
    memory.refresh(
        lambda: [Written("untitled:a", "was the letter"), Written("untitled:b", "please bring the letter to her")]
    )
    told = lent("it was", " the letter to her", [0.3, 0.3, 0.3, 0.3])
    assert places(memory, told) == ["untitled:b"]


def test_words_that_the_memory_only_agreed_with_name_nothing(memory: Memory) -> None:
    memory.refresh(
        lambda: [
            Written("untitled:a", "he walked along the river with the dog"),
            Written("untitled:b", "in winter tide"),
        ]
    )
    told = lent("he walked along", " the river with winter tide", [0.01, 0.01, 0.01, 0.0, 0.6])
    assert places(memory, told) == ["untitled:b"]
    assert places(memory, lent("he walked along", " the river", [0.0, 0.0])) == []


def test_the_line_is_that_of_the_words(memory: Memory, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("notes") / "notes.md"
    path.write_text("# Notes\n\nthe harbour\nhe walked along\n> the river, with\nthe dog\n", "utf-8")
    memory.refresh(lambda: [Written(str(path), "the harbour he walked along the river, with the dog")])
    told = lent("we walked along", " the river in winter", [0.2, 0.2, 0.0, 0.0])
    assert places(memory, told) == [f"{path}:5"]


def test_a_mark_alone_has_no_line(memory: Memory, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("notes") / "notes.md"
    path.write_text("the harbour\nhe walked, along\n", "utf-8")
    memory.refresh(lambda: [Written(str(path), "the harbour he walked, along")])
    assert places(memory, lent("we walked", ", then", [0.2, 0.0])) == [str(path)]


def test_what_was_forgotten_is_not_named(memory: Memory) -> None:
    texts = [Written("untitled:a", "he walked along the river"), Written("untitled:b", "along the river with the dog")]
    memory.refresh(lambda: texts)
    memory.learn(Written("untitled:c", "she walked along the river", 3))
    told = lent("he walked along", " the river", [0.4, 0.4])
    phrase = memory.phrase(_WORDS.encode("he walked along"))
    before = memory.moment
    assert phrase is not None and [place.document for place in memory.where(phrase, before)] == ["untitled:a"]
    for gone, left in [("a", "untitled:c"), ("c", "untitled:b"), ("b", "")]:
        memory.forget([f"untitled:{gone}"])
        assert [str(place) for place in memory.where(told, before)] == ([left] if left else [])
        assert memory.where(phrase, before) == []


def test_what_was_taken_since_is_not_where_it_came_from(memory: Memory) -> None:
    memory.refresh(lambda: [Written("untitled:a", "along the river with the dog")])
    told = lent("he walked along", " the river", [0.4, 0.4])
    before = memory.moment
    memory.learn(Written("file:///now.md#edit=1", "he walked along the river", 3))
    assert [str(place) for place in memory.where(told, before)] == ["untitled:a"]
    assert [str(place) for place in memory.where(told, memory.moment)] == ["/now.md"]
