"""Everything that can be learned: folders and journal edits, cleaned, dated, without duplicates.

Every document knows where it came from, by a hash and the journal's ids, and which of its characters are the
author's own, which the model's words left standing, and which are only context. Tokens and splits are `split`'s.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shadowpen.daemon.base import store
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus import extracted, filtering, repair
from shadowpen.daemon.corpus.cleaning import ALL_STEPS, Steps, clean
from shadowpen.daemon.corpus.documents import CONTEXT, MODEL, OWN, Document, Span, joined, paragraphs
from shadowpen.daemon.corpus.extracted import ExtractedTexts
from shadowpen.daemon.corpus.folders import FoundText, Report, read_folders
from shadowpen.daemon.privacy import forgotten as forgetfulness
from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.privacy.paths import path_verdict, split_uri
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.journal import Edit
from shadowpen.daemon.storage.kept import verbatim
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed

__all__ = ["CONTEXT", "MODEL", "OWN", "Corpus", "Document", "Span", "collect", "joined", "paragraphs"]

_OVERLAP_CHARACTERS = 40  # how much of an earlier edit must stand in a later one's context to join them
_LEADING_WORDS = 4
_LONG_WORDS = 12  # of an edit that is found again though it was changed
_RUN_WORDS = 5  # in a row that tell its place
# Dates that can be told: a clock that ran wrong may have left others with a file.
_FIRST_S, _LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1, 9999))


@dataclass
class Corpus:
    """Documents, oldest first, and the report of what was left out."""

    documents: list[Document] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    unreadable_lines: int = 0


def collect(layout: store.Layout, learning: LearningSettings, forgotten: ForgottenTexts | None = None) -> Corpus:
    """What may be learned at this moment, by default without what `layout` says was forgotten.

    Nothing in folders and journal can make it fail. StateUnusable if what was forgotten cannot be read. While learning
    is on, what is extracted from documents is kept for the next time (see `extracted`); all else is only read.
    """
    if forgotten is None:
        forgotten = forgetfulness.load(layout.forgotten)
    kept = _extracted(layout, learning, forgotten) if learning.enabled == "on" else None
    corpus = gather(layout, learning, forgotten, kept)
    if kept is not None:
        kept.keep_only_used()
    _filter(corpus, forgotten, forgetfulness.load(layout.pasted))
    return corpus


def _extracted(layout: store.Layout, learning: LearningSettings, forgotten: ForgottenTexts) -> ExtractedTexts:
    privacy = (learning.private_folders, learning.exclude)
    return ExtractedTexts(extracted.folder_of(layout), privacy, forgotten)


def gather(
    layout: store.Layout, learning: LearningSettings, forgotten: ForgottenTexts, kept: ExtractedTexts | None = None
) -> Corpus:
    """Every text cleaned by itself, with all that several of them have in common."""
    corpus = Corpus()
    contents = journal.read(layout.edits)
    corpus.unreadable_lines = contents.unreadable_lines
    by_origin = _edits_by_origin((*contents.edits, *contents.typed_over), learning, forgotten)
    for found in read_folders(learning.folders, learning, corpus.report, forgotten, kept):
        document = _document(found, by_origin.pop(os.path.realpath(found.path), []), corpus.report)
        if document is not None:
            corpus.documents.append(document)
    corpus.documents += [_stitched(origin, edits) for origin, edits in by_origin.items()]
    return corpus


def read_alone(
    folder: str, learning: LearningSettings, forgotten: ForgottenTexts, pasted: ForgottenTexts | None = None
) -> Corpus:
    """The texts of one folder as they would be learned if there were nothing else: no journal, no other folder."""
    report = Report()
    return from_texts(
        read_folders([folder], learning, report, forgotten), report, forgotten, pasted or ForgottenTexts()
    )


@dataclass(frozen=True)
class Filtering:
    """What is left out across texts: `duplicates`; other languages than the `language` that is named.

    `language`: "main" for the one that most is written in, "any", or an ISO 639-1 code.
    """

    steps: Steps = ALL_STEPS
    duplicates: bool = True
    language: str = "main"


_ALL = Filtering()


def from_texts(
    texts: Iterable[FoundText],
    report: Report,
    forgotten: ForgottenTexts,
    pasted: ForgottenTexts,
    chosen: Filtering = _ALL,
) -> Corpus:
    """The texts, cleaned and filtered; `report` is the one in which whoever reads them notes what is left out."""
    corpus = Corpus(report=report)
    for found in texts:
        document = _document(found, [], report, chosen.steps)
        if document is not None:
            corpus.documents.append(document)
    _filter(corpus, forgotten, pasted, chosen)
    return corpus


def _filter(corpus: Corpus, forgotten: ForgottenTexts, pasted: ForgottenTexts, chosen: Filtering = _ALL) -> None:
    corpus.report.left_undone |= repair.left_undone()
    documents = sorted(corpus.documents, key=lambda document: (document.time, document.origin))
    documents = filtering.without_known(documents, forgotten, "forgotten", corpus.report)
    documents = filtering.without_pasted(documents, pasted, corpus.report)
    if chosen.duplicates:
        documents = filtering.without_doubles(documents, corpus.report)
    if chosen.language != "any":
        language = "" if chosen.language == "main" else chosen.language
        documents = filtering.without_other_languages(documents, corpus.report, language)
    corpus.documents = documents


def origin_of(event: Accepted | Dismissed) -> str:
    """The document a suggestion was made in: a real path, or an editor's address and the day."""
    scheme, path = split_uri(event.document)
    return os.path.realpath(path) if scheme == "file" else f"{event.document} {event.time:%Y-%m-%d}"


def _edits_by_origin(
    edits: Iterable[Edit], learning: LearningSettings, forgotten: ForgottenTexts
) -> dict[str, list[Edit]]:
    """The edits that may still be learned, by the file or editor's address they were made in."""
    grouped: dict[str, list[Edit]] = {}
    for edit in edits:
        scheme, path = split_uri(edit.accepted.document)
        if scheme == "file" and not path_verdict(path, learning).keep:
            continue
        origin = origin_of(edit.accepted)
        if not forgotten.knows_edit(edit.id) and not forgotten.knows_file(origin):
            grouped.setdefault(origin, []).append(edit)
    return grouped


# --- folders -----------------------------------------------------------------------------------------


def _document(found: FoundText, edits: Sequence[Edit], report: Report, steps: Steps = ALL_STEPS) -> Document | None:
    if missing := repair.missing_for(found.suffix):
        report.lacks("web pages", missing, found.path)
        return None
    try:
        cleaned = clean(found.text, found.suffix, steps)
    except Exception as error:
        LOGGER.warning("a text was left out: cleaning it failed (%s)", type(error).__name__)
        report.skip("cleaning it failed, which is Shadowpen's fault", found.path)
        return None
    report.dropped.update(cleaned.dropped)
    if not cleaned.text.strip():
        report.skip("no sentences in it", found.path)
        return None
    spans = sorted((span for edit in edits for span in _find(edit, cleaned.text)), key=lambda span: span.start)
    return Document(
        origin=str(found.path),
        text=cleaned.text,
        sha256=hashlib.sha256(found.text.encode()).hexdigest(),
        time=min(max(_seconds(cleaned.date) or found.time, _FIRST_S), _LAST_S),
        spans=tuple(_disjoint(spans)),
        edits=_taken(edits),
    )


def _taken(edits: Iterable[Edit]) -> tuple[str, ...]:
    return tuple(edit.id for edit in edits if edit.was_taken)


def _model_weight(edit: Edit) -> float:
    """The weight of the model's words that still stand."""
    return CONTEXT if edit.was_bad else MODEL


def _find(edit: Edit, text: str) -> list[Span]:
    """Where in the file the model's words of an edit still stand; the file's own wording is what counts."""
    leading = edit.accepted.context.split()[-_LEADING_WORDS:]
    words = edit.final_text.split()
    if not words or not edit.was_taken:
        return []
    glue = r"\s+" if edit.accepted.context[-1:].isspace() or edit.final_text[:1].isspace() else r"\s*"
    before = r"\s+".join(map(re.escape, leading)) + glue if leading else ""
    found = re.search(before + "(" + r"\s+".join(map(re.escape, words)) + ")", text)
    places = [found.span(1)] if found is not None else _changed_places(edit, text)
    return [
        Span(place + start, place + end, _model_weight(edit))
        for place, stop in places
        for start, end in _models(edit, text[place:stop])
    ]


def _changed_places(edit: Edit, text: str) -> list[tuple[int, int]]:
    """The paragraphs of the file in which some of a longer edit still stands, though its author changed it since."""
    theirs = edit.accepted.suggested.split()
    if len(theirs) < _LONG_WORDS:
        return []
    runs = {tuple(theirs[place : place + _RUN_WORDS]) for place in range(len(theirs) - _RUN_WORDS + 1)}
    return [(start, end) for start, end in paragraphs(text) if runs & _runs(text[start:end])]


def _runs(text: str) -> set[tuple[str, ...]]:
    said = text.split()
    return {tuple(said[place : place + _RUN_WORDS]) for place in range(len(said) - _RUN_WORDS + 1)}


def _models(edit: Edit, text: str) -> list[tuple[int, int]]:
    """The parts of `text` that are the model's: its words, without those that it took from the author's notes."""
    found = verbatim(edit.accepted.suggested, text)
    for start, end in verbatim(edit.accepted.notes, text) if edit.accepted.notes else ():
        found = [
            left
            for first, last in found
            for left in ((first, min(last, start)), (max(first, end), last))
            if left[0] < left[1]
        ]
    return found


def _seconds(date: str) -> float:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() if date else 0.0
    except ValueError:
        return 0.0


# --- edits -------------------------------------------------------------------------------------------


def _stitched(origin: str, edits: Sequence[Edit]) -> Document:
    """The edits of one document as one text; what was typed instead of a suggestion is the author's own.

    Where a later context goes on from an earlier edit, what was typed between the two is the author's own; a context
    that does not is only context, a paragraph of its own.
    """
    pieces: list[tuple[str, float]] = []
    tail = ""
    for edit in sorted(edits, key=lambda edit: edit.accepted.time):
        context, text = edit.accepted.context, edit.final_text
        before = len(pieces)
        place = context.rfind(tail) if len(tail) == _OVERLAP_CHARACTERS else -1
        if place >= 0:
            pieces.append((context[place + len(tail) :], OWN))
        else:
            pieces += [("\n\n" if pieces else "", CONTEXT), (context, CONTEXT)]
        last = 0
        for start, end in _models(edit, text) if edit.was_taken else ():
            pieces += [(text[last:start], OWN), (text[start:end], _model_weight(edit))]
            last = end
        pieces.append((text[last:], OWN))
        tail = (tail + "".join(piece for piece, _ in pieces[before:]))[-_OVERLAP_CHARACTERS:]
    joined = "".join(piece for piece, _ in pieces)
    digest = hashlib.sha256("\0".join(f"{edit.id}\0{edit.final_text}" for edit in edits).encode()).hexdigest()
    newest = max(edit.accepted.time for edit in edits).timestamp()
    typed = tuple(edit.id for edit in edits if not edit.was_taken)
    return Document(origin, joined, digest, newest, _spans(pieces), _taken(edits), typed)


def _spans(pieces: Iterable[tuple[str, float]]) -> tuple[Span, ...]:
    spans = []
    place = 0
    for piece, weight in pieces:
        if piece and weight != OWN:
            spans.append(Span(place, place + len(piece), weight))
        place += len(piece)
    return tuple(spans)


def _disjoint(spans: Iterable[Span]) -> Iterable[Span]:
    end = 0
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end
