"""Annotate each text as a plan's schema asks, by a spaCy pipeline or by small rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from shadowpen.daemon.corpus import annotation
from shadowpen.daemon.preparation import rules
from shadowpen.daemon.preparation.plan import AnnotationSchema
from shadowpen.daemon.preparation.segments import sentences, words


class SchemaAnnotations(TypedDict, total=False):
    """What a schema asks to note of a text; `words` and `sentences` are places."""

    sentences: list[list[int]]
    words: list[list[int]]
    parts_of_speech: list[list[int | str]]
    entities: list[list[int | str]]
    relations: list[list[list[int]]]


def annotator(schema: AnnotationSchema) -> Callable[[str], SchemaAnnotations]:
    """From a text to what the schema asks of it, without its topics. ConfigInvalid if its pipeline cannot be used.

    entities and parts_of_speech: [[start, end, label]]; sentences and words: [[start, end]]; relations: [[subject,
    predicate, object]], each as [start, end].
    """
    needs_library = schema.pipeline and (schema.entities or schema.parts_of_speech or schema.relations)
    read = annotation.load(schema.pipeline, relations=schema.relations) if needs_library else _by_rules(schema)
    return lambda text: _noted(text, read, schema)


def _noted(text: str, read: annotation.Annotate, schema: AnnotationSchema) -> SchemaAnnotations:
    found = read(text)
    noted: SchemaAnnotations = {}
    if schema.sentences:
        noted["sentences"] = [list(place) for place in sentences(text)]
    if schema.words:
        noted["words"] = [list(place) for place in words(text)]
    if schema.parts_of_speech:
        noted["parts_of_speech"] = found["words"]
    if schema.entities:
        wanted = schema.entities
        noted["entities"] = [item for item in found["entities"] if wanted is True or item[2] in wanted]
    if schema.relations:
        noted["relations"] = found["relations"]
    return noted


def _by_rules(schema: AnnotationSchema) -> annotation.Annotate:
    def read(text: str) -> annotation.TextAnnotations:
        named = rules.entities(text) if schema.entities or schema.relations else []
        return {
            "entities": [list(item) for item in named],
            "words": [list(item) for item in rules.parts_of_speech(text)] if schema.parts_of_speech else [],
            "relations": [[list(part) for part in found] for found in rules.relations(text, named)]
            if schema.relations
            else [],
        }

    return read
