"""Statistics and topics: what is counted, and what tells one text apart from the others."""

from __future__ import annotations

from shadowpen.daemon.preparation import counting

_TEXTS = [
    "The harbour was cold. The boat lay in the harbour.",
    "The garden was warm, and the roses grew in the garden.",
]


def counts(asked: bool | list[str] = True) -> list[counting.Counter[str]]:
    return [counting.counted(text, counting.stop_words(asked)) for text in _TEXTS]


def test_stop_words_are_not_counted() -> None:
    assert "the" not in counts()[0] and counts()[0]["harbour"] == 2
    assert counts(False)[0]["the"] == 3
    assert counts(["Harbour"])[0]["harbour"] == 0 and counts(["Harbour"])[0]["the"] == 3


def test_topics_are_frequent_here_and_rare_elsewhere() -> None:
    first, second = counting.topics(counts(), 2)

    assert first[0] == "harbour" and second[0] == "garden"
    assert len(first) == len(second) == 2


def test_statistics_are_of_all_texts() -> None:
    told = counting.statistics(_TEXTS, counts())

    assert (told["sentences"], told["words"], told["words_a_sentence"]) == (3, 21, 7.0)
    assert list(told["frequent_words"])[:2] == ["harbour", "garden"]
    assert counting.statistics([], [])["words_a_sentence"] == 0.0
