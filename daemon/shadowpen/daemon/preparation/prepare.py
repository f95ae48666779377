"""Carry out a plan: read its sources, clean, annotate, describe media, write it with one report.

Texts are written as `NAME.txt`, annotations beside them as `NAME.txt.json`, images and recordings in words to
`media.jsonl`. What a model says of an image is nobody's writing: it is never among the texts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.cleaning import Steps
from shadowpen.daemon.corpus.corpus import Document, Filtering, from_texts
from shadowpen.daemon.corpus.folders import Report
from shadowpen.daemon.preparation import counting, media, sources
from shadowpen.daemon.preparation.annotations import annotator
from shadowpen.daemon.preparation.local_models import captioner, transcriber
from shadowpen.daemon.preparation.plan import AnnotationSchema, CleaningRules, MediaRules, Plan, PlannedSource
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

MEDIA = "media.jsonl"
_MOST_NAME_BYTES = 200


@dataclass(frozen=True)
class KeptOut:
    """What must never be prepared, as the user's home knows it."""

    learning: LearningSettings
    forgotten: ForgottenTexts
    pasted: ForgottenTexts


def carry_out(plan: Plan, target: Path, kept: KeptOut) -> tuple[dict[str, Any], Report]:
    """Write everything to `target`; what was written as JSON has it, and the report of what was left out.

    ConfigInvalid if a pipeline or a model of the plan cannot be used; then nothing was written.
    """
    annotate = None if plan.schema.asks_nothing else annotator(plan.schema)
    caption = captioner(plan.media.caption_model) if plan.media.images and plan.media.caption_model else None
    transcribe = transcriber(plan.media.transcript_model) if plan.media.audio and plan.media.transcript_model else None
    report = Report()
    cleaning = plan.cleaning
    chosen = Filtering(Steps(cleaning.markup, cleaning.whitespace), cleaning.duplicates, cleaning.language)
    found = sources.read(plan.sources, kept.learning, report, kept.forgotten)
    documents = from_texts(found, report, kept.forgotten, kept.pasted, chosen).documents
    documents = list(_of_length(documents, cleaning, report))
    folders = [Path(source.place) for source in plan.sources if source.kind == "folder"]
    named = list(zip(documents, names(documents, folders), strict=True))
    counts = [counting.counted(document.text, counting.stop_words(cleaning.stop_words)) for document in documents]
    for document, name in named:
        store.write_atomic(target / name, document.text.encode("utf-8", "replace") + b"\n", durable=False)
    told: dict[str, Any] = {"texts": [_row(document, name) for document, name in named]}
    told["characters"] = sum(len(document.text) for document in documents)
    told["statistics"] = counting.statistics((document.text for document in documents), counts)
    if annotate is not None:
        told["annotations"] = _annotated(named, counts, annotate, plan.schema, target)
    if plan.media.images or plan.media.audio:
        told["media"] = _described(plan.sources, plan.media, kept, report, caption, transcribe, target)
    return told, report


def _of_length(documents: Iterable[Document], cleaning: CleaningRules, report: Report) -> Iterable[Document]:
    for document in documents:
        size = len(document.text)
        if size < cleaning.min_characters:
            report.skip(f"shorter than {cleaning.min_characters:,} characters", document.origin)
        elif 0 < cleaning.max_characters < size:
            report.skip(f"longer than {cleaning.max_characters:,} characters", document.origin)
        else:
            yield document


def names(documents: Sequence[Document], folders: Sequence[Path]) -> list[str]:
    """A place below the output for each text: where it stood in its folder, or its address; no two alike.

    A name that is nearly as long as file systems take is cut, since endings are added.
    """
    seen: Counter[str] = Counter()
    found = []
    for document in documents:
        name = "/".join(map(_cut, Path(_below(Path(document.origin), folders)).parts))
        seen[name.lower()] += 1
        number = seen[name.lower()]
        found.append(f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
    return found


def _cut(name: str) -> str:
    content = name.encode("utf-8", "replace")
    if len(content) <= _MOST_NAME_BYTES:
        return name
    return f"{content[:_MOST_NAME_BYTES].decode('utf-8', 'ignore')}-{hashlib.sha256(content).hexdigest()[:8]}"


def _below(path: Path, folders: Sequence[Path]) -> str:
    for folder in folders:
        if path.is_relative_to(folder):
            inside = path.relative_to(folder)
            return str(inside if len(folders) == 1 else Path(folder.name) / inside)
    return str(PurePosixPath(*(part for part in path.parts if part not in ("/", ".."))))


def _row(document: Document, name: str) -> dict[str, Any]:
    date = datetime.fromtimestamp(document.time, UTC).date().isoformat()
    return {"text": name, "from": document.origin, "date": date, "characters": len(document.text)}


def _annotated(
    named: Sequence[tuple[Document, str]],
    counts: Sequence[Counter[str]],
    annotate: Any,
    schema: AnnotationSchema,
    target: Path,
) -> dict[str, Any]:
    """Write what the schema asks beside each text; how much of each kind there is."""
    totals: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    topics = counting.topics(counts, schema.topics) if schema.topics else [[]] * len(counts)
    for (document, name), strongest in zip(named, topics, strict=True):
        noted = annotate(document.text) | ({"topics": strongest} if schema.topics else {})
        totals.update({kind: len(found) for kind, found in noted.items()})
        labels.update(label for _, _, label in noted.get("entities", ()))
        content = json.dumps(noted, ensure_ascii=False).encode("utf-8", "replace")
        store.write_atomic(target / f"{name}.json", content + b"\n", durable=False)
    by = f"spaCy pipeline {schema.pipeline}" if schema.pipeline else "rules for English"
    return {"by": by, "found": dict(totals), "entities": dict(labels.most_common())}


def _described(
    places: tuple[PlannedSource, ...],
    rules: MediaRules,
    kept: KeptOut,
    report: Report,
    caption: media.Describe | None,
    transcribe: media.Describe | None,
    target: Path,
) -> dict[str, int]:
    """Write images and recordings in words; how many there are, by where the words come from."""
    lines: list[str] = []
    by: Counter[str] = Counter()
    for source in places:
        if source.kind != "folder":
            continue
        folder = Path(source.place)
        for found in media.describe(folder, rules, kept.learning, kept.forgotten, report, caption, transcribe):
            lines.append(media.line(found, folder))
            by[found.by] += 1
    content = "".join(f"{line}\n" for line in lines)
    store.write_atomic(target / MEDIA, content.encode("utf-8", "replace"), durable=False)
    return dict(by)
