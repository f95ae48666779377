"""All there is to learn from: the author's folders and the journal's edits, cleaned, dated, each text once.

Every document knows where it came from, by a hash and the journal's ids, and which of its characters are the
author's own, which the model's words left standing, and which are only context. Tokens and splits are `split`'s.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from shadowpen.daemon import journal
from shadowpen.daemon.config import LearningSettings
from shadowpen.daemon.journal import Edit
from shadowpen.daemon.privacy.paths import path_verdict, split_uri
from shadowpen.daemon.training.cleaning import clean
from shadowpen.daemon.training.folders import FoundText, Report, read_folders

OWN, MODEL, CONTEXT = 1.0, 0.3, 0.0  # what a character counts in the loss; only OWN ones are ever scored
_DOUBLE_CHARACTERS = 60  # shorter paragraphs may well be written twice
_OVERLAP_CHARACTERS = 40  # how much of an earlier edit must stand in a later one's context to join them
_LANGUAGE_CHARACTERS = 4_000
_LEADING_WORDS = 4


@dataclass(frozen=True)
class Span:
    """Characters `start`..`end` of a document count `weight`."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Document:
    """One text, `time` in seconds since 1970. `spans` cover what is not the author's own; all else counts OWN.

    `origin` is a path or an editor's address, `sha256` that of the file as it was read or of the edits.
    """

    origin: str
    text: str
    sha256: str
    time: float
    spans: tuple[Span, ...] = ()
    edits: tuple[str, ...] = ()

    def part(self, start: int, end: int) -> Document:
        """Only the characters `start`..`end`."""
        spans = tuple(
            Span(max(span.start, start) - start, min(span.end, end) - start, span.weight)
            for span in self.spans
            if span.end > start and span.start < end
        )
        return replace(self, text=self.text[start:end], spans=spans)


@dataclass
class Corpus:
    """Documents, oldest first, and the report of what was left out."""

    documents: list[Document] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    unreadable_lines: int = 0


def collect(edits_folder: Path, learning: LearningSettings) -> Corpus:
    """What may be learned at this moment. Reads only; nothing in the folders can make it fail."""
    corpus = Corpus()
    contents = journal.read(edits_folder)
    corpus.unreadable_lines = contents.unreadable_lines
    by_origin = _edits_by_origin(contents.edits, learning)
    for found in read_folders(learning.folders, learning, corpus.report):
        document = _document(found, by_origin.pop(os.path.realpath(found.path), []), corpus.report)
        if document is not None:
            corpus.documents.append(document)
    corpus.documents += [_stitched(origin, edits) for origin, edits in by_origin.items()]
    corpus.documents.sort(key=lambda document: (document.time, document.origin))
    _drop_doubles(corpus)
    _drop_other_languages(corpus)
    return corpus


def _edits_by_origin(edits: Iterable[Edit], learning: LearningSettings) -> dict[str, list[Edit]]:
    """The edits that may still be learned, by the file or editor's address they were made in."""
    grouped: dict[str, list[Edit]] = {}
    for edit in edits:
        scheme, path = split_uri(edit.accepted.document)
        if scheme == "file" and not path_verdict(path, learning).keep:
            continue
        origin = (
            os.path.realpath(path) if scheme == "file" else f"{edit.accepted.document} {edit.accepted.time:%Y-%m-%d}"
        )
        grouped.setdefault(origin, []).append(edit)
    return grouped


# --- folders -----------------------------------------------------------------------------------------


def _document(found: FoundText, edits: Sequence[Edit], report: Report) -> Document | None:
    cleaned = clean(found.text, found.path.suffix)
    report.dropped.update(cleaned.dropped)
    if not cleaned.text.strip():
        report.skip("no prose in it", found.path)
        return None
    spans = sorted((span for edit in edits for span in _find(edit, cleaned.text)), key=lambda span: span.start)
    return Document(
        origin=str(found.path),
        text=cleaned.text,
        sha256=hashlib.sha256(found.text.encode()).hexdigest(),
        time=_seconds(cleaned.date) or found.time,
        spans=tuple(_disjoint(spans)),
        edits=tuple(edit.id for edit in edits),
    )


def _find(edit: Edit, text: str) -> list[Span]:
    """Where in the file the model's words of an edit still stand; the file's own wording is what counts."""
    leading = edit.accepted.context.split()[-_LEADING_WORDS:]
    words = edit.final_text.split()
    if not words:
        return []
    glue = r"\s+" if edit.accepted.context[-1:].isspace() or edit.final_text[:1].isspace() else r"\s*"
    before = r"\s+".join(map(re.escape, leading)) + glue if leading else ""
    found = re.search(before + "(" + r"\s+".join(map(re.escape, words)) + ")", text)
    if found is None:
        return []
    return [
        Span(found.start(1) + start, found.start(1) + end, MODEL)
        for start, end in verbatim(edit.accepted.suggested, found[1])
    ]


def _seconds(date: str) -> float:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() if date else 0.0
    except ValueError:
        return 0.0


# --- edits -------------------------------------------------------------------------------------------


def _stitched(origin: str, edits: Sequence[Edit]) -> Document:
    """The edits of one document as one text.

    Where a later context goes on from an earlier edit, what was typed between the two is the author's own; a context
    that does not is only context, a paragraph of its own.
    """
    pieces: list[tuple[str, float]] = []
    for edit in sorted(edits, key=lambda edit: edit.accepted.time):
        context, text = edit.accepted.context, edit.final_text
        written = "".join(piece for piece, _ in pieces)
        tail = written[-_OVERLAP_CHARACTERS:]
        place = context.rfind(tail) if len(tail) == _OVERLAP_CHARACTERS else -1
        if place >= 0:
            pieces.append((context[place + len(tail) :], OWN))
        else:
            pieces += [("\n\n" if written else "", CONTEXT), (context, CONTEXT)]
        last = 0
        for start, end in verbatim(edit.accepted.suggested, text):
            pieces += [(text[last:start], OWN), (text[start:end], MODEL)]
            last = end
        pieces.append((text[last:], OWN))
    joined = "".join(piece for piece, _ in pieces)
    digest = hashlib.sha256("\0".join(f"{edit.id}\0{edit.final_text}" for edit in edits).encode()).hexdigest()
    newest = max(edit.accepted.time for edit in edits).timestamp()
    return Document(origin, joined, digest, newest, _spans(pieces), tuple(edit.id for edit in edits))


def _spans(pieces: Iterable[tuple[str, float]]) -> tuple[Span, ...]:
    spans = []
    place = 0
    for piece, weight in pieces:
        if piece and weight != OWN:
            spans.append(Span(place, place + len(piece), weight))
        place += len(piece)
    return tuple(spans)


def verbatim(suggested: str, text: str) -> list[tuple[int, int]]:
    """The parts of `text` taken word for word from `suggested`, as (start, end)."""
    theirs, ours = re.findall(r"\s*\S+|\s+\Z", suggested), re.findall(r"\s*\S+|\s+\Z", text)
    ends = [0]
    for word in ours:
        ends.append(ends[-1] + len(word))
    matcher = difflib.SequenceMatcher(None, [w.strip() for w in theirs], [w.strip() for w in ours], autojunk=False)
    least = min(2, len(ours))  # a single word in common is chance
    return [(ends[m.b], ends[m.b + m.size]) for m in matcher.get_matching_blocks() if m.size >= max(1, least)]


def _disjoint(spans: Iterable[Span]) -> Iterable[Span]:
    end = 0
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end


# --- what is there twice, or in another language -----------------------------------------------------


def _drop_doubles(corpus: Corpus) -> None:
    """Of paragraphs that stand in several documents (copies, drafts, templates) only the oldest is kept."""
    seen: set[bytes] = set()
    kept = []
    for document in corpus.documents:
        reduced = _without(document, seen, corpus.report)
        if reduced is None:
            corpus.report.skip("nothing new in it", document.origin)
        else:
            kept.append(reduced)
    corpus.documents = kept


def _without(document: Document, seen: set[bytes], report: Report) -> Document | None:
    parts = []
    for start, end in paragraphs(document.text):
        plain = " ".join(document.text[start:end].lower().split())
        digest = hashlib.blake2b(plain.encode(), digest_size=16).digest()
        if len(plain) >= _DOUBLE_CHARACTERS and digest in seen:
            report.dropped["double"] += end - start
            continue
        seen.add(digest)
        parts.append((start, end))
    if len(parts) == len(paragraphs(document.text)):
        return document
    return joined(document, parts) if any(end - start >= _DOUBLE_CHARACTERS for start, end in parts) else None


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs of a text start and end."""
    breaks = [match.span() for match in re.finditer(r"\n\s*\n\s*", text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    return [place for place in zip(starts, ends, strict=True) if text[slice(*place)].strip()]


def joined(document: Document, parts: Iterable[tuple[int, int]]) -> Document:
    """Only some paragraphs of a document, a blank line between each two."""
    texts: list[str] = []
    spans: list[Span] = []
    place = 0
    for start, end in parts:
        piece = document.part(start, end)
        spans += [Span(span.start + place, span.end + place, span.weight) for span in piece.spans]
        texts.append(piece.text)
        place += len(piece.text) + 2
    return replace(document, text="\n\n".join(texts), spans=tuple(spans))


def _drop_other_languages(corpus: Corpus) -> None:
    """Keep the language most of the text is in: one small adapter cannot hold two."""
    found = [(document, language_of(document.text)) for document in corpus.documents]
    sizes: Counter[str] = Counter()
    for document, language in found:
        sizes[language] += len(document.text)
    main = next((language for language, _ in sizes.most_common() if language), "")
    for document, language in found:
        if language not in ("", main):
            corpus.report.skip("another language", document.origin)
    corpus.documents = [document for document, language in found if language in ("", main)]


def language_of(text: str) -> str:
    """The ISO 639-1 code of what a text is written in; "" if it is too short to tell."""
    import py3langid

    sample = text[:_LANGUAGE_CHARACTERS]
    if sum(map(str.isalpha, sample)) < 200:
        return ""
    return str(py3langid.classify(sample)[0])
