"""Sentences and words as places, in several scripts."""

from __future__ import annotations

import pytest

from shadowpen.daemon.preparation.segments import sentences, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. We stayed! Did you?", ["It rained.", "We stayed!", "Did you?"]),
        (
            "Dr. Berg met J. R. Smith at 3.5 m, i.e. near. Yes.",
            ["Dr. Berg met J. R. Smith at 3.5 m, i.e. near.", "Yes."],
        ),
        ("“Go.” He went…  Then", ["“Go.”", "He went…", "Then"]),
        ("So did I. Then we left.", ["So did I.", "Then we left."]),
        ("A title\n\nA paragraph\nof two lines.", ["A title", "A paragraph\nof two lines."]),
        ("雨が降った。「行こう！」彼は言った。", ["雨が降った。", "「行こう！」", "彼は言った。"]),
        ("वह गया। मैं रुका।", ["वह गया।", "मैं रुका।"]),
        ("هل تأتي؟ نعم.", ["هل تأتي؟", "نعم."]),
        ("Նա գնաց։ Ես մնացի։", ["Նա գնաց։", "Ես մնացի։"]),
        ("  \n\n ", []),
        ("", []),
    ],
)
def test_sentences_are_found(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop at 3.5 %, well-known.", ["Don't", "stop", "at", "3.5", "%", ",", "well-known", "."]),
        ("été à l’école", ["été", "à", "l’école"]),
        ("雨が", ["雨", "が"]),
        ("", []),
    ],
)
def test_words_are_found(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in words(text)] == expected
