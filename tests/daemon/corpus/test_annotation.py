"""daemon/corpus/annotation.py: what a spaCy pipeline says of a text, in the text's own characters.

The stand-in behaves as spaCy 3.8 was seen to: blanks beyond the first are words, half of a character is an error, and
what is no pipeline fails in several ways.
"""

from __future__ import annotations

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.corpus import annotation

_TOKEN = re.compile(r"\w+|[^\w\s]|\A\s+|(?<=\S)\n\s*|(?<= )\s+")
_FAILURES = {
    "large": OSError("[E050] Can't find model 'large'."),
    "parts": ValueError("[E002] Can't find factory for 'mine' for language English (en)."),
    "numpy": TypeError("load() got an unexpected keyword argument 'vocab'"),
    "click": AttributeError("load"),
    "japanese": ImportError("Japanese support requires SudachiPy."),
}


class Document(list[Any]):
    """The words, marks and blanks of a text; words with a capital are entities."""

    def __init__(self, text: str) -> None:
        text.encode()
        found = list(_TOKEN.finditer(text))
        super().__init__(
            SimpleNamespace(
                idx=token.start(),
                text=token[0],
                pos_="PUNCT" if not token[0].strip(".,'") else "",
                is_space=token[0].isspace(),
            )
            for token in found
        )
        self.ents = [
            SimpleNamespace(start_char=token.start(), end_char=token.end(), label_="NAME")
            for token in found
            if token[0][0].isupper()
        ]


def fails(text: str) -> Document:
    """A pipeline whose component breaks at one text."""
    if "seals" in text:
        raise RuntimeError(f"broken at: {text}")
    return Document(text)


def was_never_trained(text: str) -> Document:
    raise ValueError("[E109] Component 'tagger' could not be run.")


@pytest.fixture(autouse=True)
def spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(pipeline: str) -> Any:
        if pipeline in _FAILURES:
            raise _FAILURES[pipeline]
        return {"small": Document, "broken": fails, "untrained": was_never_trained}[pipeline]

    stand_in = ModuleType("spacy")
    stand_in.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", stand_in)


def test_entities_and_parts_of_speech() -> None:
    text = "we met 🐱 at Anna's,  not\n\nBo's"

    told = annotation.load("small")(text)

    assert [(text[start:end], label) for start, end, label in told["entities"]] == [("Anna", "NAME"), ("Bo", "NAME")]
    words = [text[start:end] for start, end, _ in told["words"]]
    assert words == ["we", "met", "🐱", "at", "Anna", "'", "s", ",", "not", "Bo", "'", "s"]
    assert {part for start, _, part in told["words"] if text[start] in "',"} == {"PUNCT"}


@pytest.mark.parametrize("apart", [" ", "\n", "\n\n"])
def test_a_long_text_is_read_in_pieces_that_cut_no_word(monkeypatch: pytest.MonkeyPatch, apart: str) -> None:
    text = apart.join(["Margaret", "wrote", "a", "letter", "to Anna", "Becker", "and", "never sent it"] * 5)
    annotate = annotation.load("small")
    whole = annotate(text)
    read: list[str] = []
    monkeypatch.setattr(Document, "__init__", _noting(read))
    monkeypatch.setattr(annotation, "_LONGEST", 17)

    assert annotate(text) == whole
    assert "".join(read) == text and all(len(piece) <= 17 for piece in read) and len(read) > 5


def _noting(read: list[str]) -> Any:
    init = Document.__init__

    def noting(self: Document, text: str) -> None:
        read.append(text)
        init(self, text)

    return noting


def test_a_text_without_a_blank_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    annotate = annotation.load("small")
    monkeypatch.setattr(annotation, "_LONGEST", 4)
    assert [word[:2] for word in annotate("我喜欢写作我喜欢写")["words"]] == [[0, 4], [4, 8], [8, 9]]


def test_half_of_a_character_counts_as_the_one_that_is_written_in_its_place() -> None:
    told = annotation.load("small")("ab \ud83d Cd")
    assert told["entities"] == [[5, 7, "NAME"]]
    assert [word[:2] for word in told["words"]] == [[0, 2], [3, 4], [5, 7]]


@pytest.mark.parametrize("pipeline", [*_FAILURES, "untrained"])
def test_a_pipeline_that_is_not_there_or_is_none(pipeline: str) -> None:
    with pytest.raises(ConfigInvalid, match=pipeline):
        annotation.load(pipeline)


def test_a_pipeline_that_breaks_says_nothing_of_the_text() -> None:
    annotate = annotation.load("broken")
    with pytest.raises(ConfigInvalid, match="RuntimeError") as told:
        annotate("The seals lay on the sand.")
    assert "seals" not in str(told.value) and told.value.__suppress_context__


def test_without_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigInvalid, match="not installed"):
        annotation.load("small")


def test_relations_are_subject_verb_and_object_of_a_pipeline_that_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(text: str) -> Document:
        document = Document(text)
        if text == "Anna saw boats":
            subject, verb, other = document
            subject.dep_, other.dep_, verb.children = "nsubj", "dobj", [subject, other]
        return document

    monkeypatch.setattr(sys.modules["spacy"], "load", lambda pipeline: parsed)

    assert annotation.load("small", relations=True)("Anna saw boats")["relations"] == [[[0, 4], [5, 8], [9, 14]]]
    assert annotation.load("small", relations=True)("Nobody came.")["relations"] == []
    assert "relations" not in annotation.load("small")("Anna saw boats")
