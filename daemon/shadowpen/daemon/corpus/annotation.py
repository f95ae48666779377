"""Entities and parts of speech of cleaned texts, with an installed spaCy pipeline.

Nothing is fetched, and nothing that is learned depends on it: it is for those who study their texts. Offsets count
characters of the text as it was written down. This file knows neither folders nor files.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

from shadowpen.daemon.base.errors import ConfigInvalid

_LONGEST = 200_000  # characters read at once: a pipeline takes about a kilobyte for each
_TRIAL = "Anna wrote to her brother."
_MOST_SAID = 200  # characters of an error of spaCy's


class TextAnnotations(TypedDict, total=False):
    """What is noted of a text, in characters of it: lists as JSON has them, of places with their labels.

    `relations`: subject, predicate and object as places.
    """

    entities: list[list[int | str]]
    words: list[list[int | str]]
    relations: list[list[list[int]]]


Annotate = Callable[[str], TextAnnotations]


def load(pipeline: str, *, relations: bool = False) -> Annotate:
    """From a text to {"entities": [[start, end, label]], "words": [[start, end, part of speech]]}.

    With `relations` also {"relations": [[subject, verb, object]]}, each as [start, end], from a pipeline that parses;
    others give none. A pipeline that does not tell parts of speech leaves them "". `pipeline` is the name of an
    installed pipeline or the path of one; ConfigInvalid where there is none, and, here or later, where it fails.
    """
    try:
        spacy = importlib.import_module("spacy")
    except ImportError as error:
        raise ConfigInvalid(
            "Annotating needs the package spacy, which is not installed.", "Install spacy and one of its pipelines."
        ) from error
    try:
        read = spacy.load(pipeline)
        _annotated(read, _TRIAL)  # one that was never trained loads, and fails at its first text
    except OSError as error:
        raise ConfigInvalid(
            f"spaCy has no pipeline {pipeline!r}.",
            "Name an installed pipeline (python -m spacy download fetches one), or the folder of one.",
        ) from error
    except Exception as error:  # a package that is no pipeline, a component that is not installed
        said = (str(error).splitlines() or [""])[0][:_MOST_SAID]
        raise _failed(pipeline, f"{type(error).__name__}: {said}") from error
    return lambda text: _guarded(pipeline, read, text, relations)


def _guarded(pipeline: str, read: Callable[[str], Any], text: str, relations: bool) -> TextAnnotations:
    try:
        return _annotated(read, text, relations)
    except Exception as error:
        # Neither its words nor `from error`: what a component says of its failure may quote the text.
        raise _failed(pipeline, f"{type(error).__name__} at one of the texts") from None


def _failed(pipeline: str, why: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"spaCy cannot use the pipeline {pipeline!r} ({why}).", "Name another pipeline, or leave out --annotate."
    )


def _annotated(read: Callable[[str], Any], text: str, relations: bool = False) -> TextAnnotations:
    entities: list[list[int | str]] = []
    words: list[list[int | str]] = []
    related: list[list[list[int]]] = []
    # As it is written down: half of a character is no text to spaCy.
    for start, piece in _pieces(text.encode("utf-8", "replace").decode()):
        document = read(piece)
        entities += [[start + found.start_char, start + found.end_char, found.label_] for found in document.ents]
        words += [
            [start + word.idx, start + word.idx + len(word.text), word.pos_] for word in document if not word.is_space
        ]
        related += [[[start + edge for edge in part] for part in found] for found in _related(document) if relations]
    noted: TextAnnotations = {"entities": entities, "words": words}
    if relations:
        noted["relations"] = related
    return noted


def _related(document: Any) -> Iterator[list[list[int]]]:
    """Subject, verb and object wherever a verb has both, each by the place of its head word."""
    for word in document:
        below = list(getattr(word, "children", ()))
        subjects = [other for other in below if str(getattr(other, "dep_", "")).startswith("nsubj")]
        objects = [other for other in below if getattr(other, "dep_", "") in ("dobj", "obj", "attr")]
        for subject in subjects:
            for other in objects:
                yield [[part.idx, part.idx + len(part.text)] for part in (subject, word, other)]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Where each begins, and up to _LONGEST characters: whole paragraphs, else whole words, where there are any."""
    start = 0
    while len(text) - start > _LONGEST:
        breaks = (text.rfind(apart, start + 1, start + _LONGEST) for apart in ("\n\n", "\n", " "))
        end = next((at for at in breaks if at > 0), start + _LONGEST)
        yield start, text[start:end]
        start = end
    yield start, text[start:]
