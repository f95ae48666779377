"""Entities and parts of speech of cleaned texts, by a spaCy pipeline that the author has installed.

Nothing is fetched, and nothing that is learned depends on it: it is for those who study their texts. Offsets count
characters of the text as it was written down. This file knows neither folders nor files.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from shadowpen.daemon.errors import ConfigInvalid

_LONGEST = 200_000  # characters read at once: a pipeline takes about a kilobyte for each

Annotate = Callable[[str], dict[str, Any]]


def load(pipeline: str) -> Annotate:
    """From a text to {"entities": [[start, end, label]], "words": [[start, end, part of speech]]}.

    `pipeline` is the name of an installed pipeline or the path of one; ConfigInvalid where there is none.
    """
    try:
        spacy = importlib.import_module("spacy")
    except ImportError as error:
        raise ConfigInvalid(
            "Annotating needs the package spacy, which is not installed.", "Install spacy and a pipeline of it."
        ) from error
    try:
        read = spacy.load(pipeline)
    except (OSError, ValueError) as error:
        raise ConfigInvalid(
            f"spaCy has no pipeline {pipeline!r}.", f"Get one, for example with: python -m spacy download {pipeline}"
        ) from error
    return lambda text: _annotated(read, text)


def _annotated(read: Callable[[str], Any], text: str) -> dict[str, Any]:
    entities: list[list[Any]] = []
    words: list[list[Any]] = []
    for start in range(0, len(text), _LONGEST):
        document = read(text[start : start + _LONGEST])
        entities += [[start + found.start_char, start + found.end_char, found.label_] for found in document.ents]
        words += [[start + word.idx, start + word.idx + len(word.text), word.pos_] for word in document]
    return {"entities": entities, "words": words}
