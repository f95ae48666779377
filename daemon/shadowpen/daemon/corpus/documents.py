"""A text to learn from, its paragraphs, and which characters are the user's own words.

This file knows neither where texts come from nor what is left out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

OWN, MODEL, CONTEXT = 1.0, 0.3, 0.0  # what a character counts in the loss; only OWN ones are ever scored


@dataclass(frozen=True)
class Span:
    """A part of a document with its weight.

    Characters `start`..`end` of a document count `weight`.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Document:
    """A document to learn from.

    One text, `time` in seconds since 1970. `spans` cover what is not the author's own; all else counts OWN.

    `origin` is a path or an editor's address, `sha256` that of the file as it was read or of the edits. `edits` are the
    journal's ids of what was taken there, `typed` of what was typed there instead of a suggestion.
    """

    origin: str
    text: str
    sha256: str
    time: float
    spans: tuple[Span, ...] = ()
    edits: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()

    @property
    def journalled(self) -> list[str]:
        """The ids of all that is known of it from the journal: where one of them is deleted there, it was learned."""
        return [*self.edits, *self.typed]

    def part(self, start: int, end: int) -> Document:
        """The part of the document from `start` to `end`."""
        spans = tuple(
            Span(max(span.start, start) - start, min(span.end, end) - start, span.weight)
            for span in self.spans
            if span.end > start and span.start < end
        )
        return replace(self, text=self.text[start:end], spans=spans)


def covered(document: Document, places: Iterable[tuple[int, int]], weight: float) -> Document:
    """The document with these characters counting `weight`, whatever they counted before."""
    over = [Span(start, end, weight) for start, end in sorted(places)]
    under = list(document.spans)
    for one in over:
        under = [left for span in under for left in _outside(span, one)]
    return replace(document, spans=tuple(sorted((*under, *over), key=lambda span: span.start)))


def _outside(span: Span, one: Span) -> list[Span]:
    """What of `span` lies before and after `one`."""
    before = Span(span.start, min(span.end, one.start), span.weight)
    after = Span(max(span.start, one.end), span.end, span.weight)
    return [left for left in (before, after) if left.start < left.end]


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs of a text start and end."""
    breaks = [match.span() for match in re.finditer(r"\n\s*\n\s*", text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    return [place for place in zip(starts, ends, strict=True) if text[slice(*place)].strip()]


def joined(document: Document, parts: Iterable[tuple[int, int]]) -> Document:
    """Join some paragraphs of a document, with blank lines between."""
    texts: list[str] = []
    spans: list[Span] = []
    place = 0
    for start, end in parts:
        piece = document.part(start, end)
        spans += [Span(span.start + place, span.end + place, span.weight) for span in piece.spans]
        texts.append(piece.text)
        place += len(piece.text) + 2
    return replace(document, text="\n\n".join(texts), spans=tuple(spans))
