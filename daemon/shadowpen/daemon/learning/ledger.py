"""The ledger of a version: how often it learned each of the user's paragraphs, by hash.

A paragraph is known by the hash of its words: a text that is renamed, moved or kept twice is not learned again, and of
one that grew only what was added is new. The ledger is part of the version's manifest (`TextSource.pieces`), so that it
is never ahead of what the version knows nor behind it. It holds no text.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from shadowpen.daemon.corpus.documents import Document, joined, paragraphs
from shadowpen.daemon.storage.versions import TextSource, Version

_DIGITS = 12
_REHEARSED_PARAGRAPHS = 6  # of a document, one after another: a paragraph alone rehearses no flow


def mark(paragraph: str) -> str:
    """What a paragraph is known by."""
    return hashlib.sha256(" ".join(paragraph.split()).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def marks(document: Document) -> list[str]:
    """Of every paragraph of a document, in its order."""
    return [mark(document.text[start:end]) for start, end in paragraphs(document.text)]


class Ledger:
    """The paragraphs that a version has learned.

    What `version` and the chain before it learned, `tokens` in all; nothing without one.
    """

    def __init__(self, version: Version | None) -> None:
        self.times: Counter[str] = Counter()
        learned = [source for source in version.sources if source.pieces] if version else []
        self.tokens = sum(source.tokens for source in learned)
        for source in learned:
            self.times.update(source.pieces)

    def new(self, documents: Iterable[Document]) -> list[Document]:
        """What of them was not learned, in their order."""
        return _only(documents, lambda known: not known, self.times)

    def known(self, documents: Iterable[Document]) -> list[Document]:
        """What of them was learned."""
        return _only(documents, lambda known: known, self.times)

    def sample(self, documents: Iterable[Document], characters: int, seed: int) -> list[Document]:
        """Learned passages of about so many characters together, by chance but the same for a `seed`."""
        chance = random.Random(seed)
        learned = self.known(documents)
        chance.shuffle(learned)
        chosen: list[Document] = []
        for document in learned:
            if characters <= 0:
                break
            places = paragraphs(document.text)
            first = chance.randrange(max(1, len(places) - _REHEARSED_PARAGRAPHS + 1))
            chosen.append(joined(document, places[first : first + _REHEARSED_PARAGRAPHS]))
            characters -= len(chosen[-1].text)
        return sorted(chosen, key=lambda document: document.time)


def inherited(parent: Version | None, rehearsed: Sequence[Document]) -> list[TextSource]:
    """The sources of the chain so far, with the paragraphs that this run rehearses counted once more."""
    again = {piece for document in rehearsed for piece in marks(document)}
    sources = []
    for source in parent.sources if parent else ():
        assert parent is not None
        pieces = {piece: times + (piece in again) for piece, times in source.pieces.items()}
        again -= pieces.keys()
        sources.append(
            TextSource(
                origin=source.origin, sha256=source.sha256, tokens=source.tokens, held_out=source.held_out,
                edits=source.edits, pieces=pieces, version=source.version or parent.id,
            )
        )  # fmt: skip
    return sources


def _only(documents: Iterable[Document], wanted: Callable[[bool], bool], times: Counter[str]) -> list[Document]:
    found = []
    for document in documents:
        places = [place for place in paragraphs(document.text) if wanted(times[mark(document.text[slice(*place)])] > 0)]
        if places:
            found.append(joined(document, places))
    return found
