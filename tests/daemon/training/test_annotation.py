"""daemon/training/annotation.py: what a spaCy pipeline says of a text, in the text's own characters."""

from __future__ import annotations

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from shadowpen.daemon.errors import ConfigInvalid
from shadowpen.daemon.training import annotation


class Document(list[Any]):
    """The words of a text; those with a capital are entities."""

    def __init__(self, text: str) -> None:
        found = list(re.finditer(r"\w+", text))
        super().__init__(SimpleNamespace(idx=word.start(), text=word[0], pos_="X") for word in found)
        self.ents = [
            SimpleNamespace(start_char=word.start(), end_char=word.end(), label_="NAME")
            for word in found
            if word[0][0].isupper()
        ]


@pytest.fixture
def spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(pipeline: str) -> Any:
        if pipeline != "small":
            raise OSError(pipeline)
        return Document

    stand_in = ModuleType("spacy")
    stand_in.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", stand_in)


@pytest.mark.usefixtures("spacy")
def test_entities_and_parts_of_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotation, "_LONGEST", 10)
    text = "we met at Anna's, not Bo's"

    told = annotation.load("small")(text)

    assert [(text[start:end], label) for start, end, label in told["entities"]] == [("Anna", "NAME"), ("Bo", "NAME")]
    assert "".join(text[start:end] for start, end, _ in told["words"]) == re.sub(r"\W", "", text)


@pytest.mark.usefixtures("spacy")
def test_a_pipeline_that_is_not_there() -> None:
    with pytest.raises(ConfigInvalid, match="large"):
        annotation.load("large")


def test_without_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigInvalid, match="not installed"):
        annotation.load("small")
