"""Put preserved markup back into a new paragraph, each piece once, beside its words.

Words are the same by their stem, so a link finds "surveys" where its author wrote "Survey". What finds no words stands
at the end of the sentence that tells most of its note. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.tasks.expansion.pieces import MarkupPiece, PieceKind
from shadowpen.daemon.text.content_words import NO_ABBREVIATION, content_words, stem, words_of
from shadowpen.daemon.text.sentences import CLOSERS, ENDS, OWN_ENDS, OWN_PAUSES

_STOP = rf"(?:{NO_ABBREVIATION}\.|[!?…])[.!?…]*[{CLOSERS}]*(?=\s|\Z)"
_SENTENCE = re.compile(rf"\S.*?(?:{_STOP}|[{OWN_ENDS}]+[{CLOSERS}]*|\Z)", re.DOTALL)
_STOPS = re.compile(rf"[{ENDS}]*[{CLOSERS}]*\Z")
_CLAUSE_END = re.compile(rf"{_STOP}|[,;:)]+[{CLOSERS}]*(?=\s|\Z)|[{OWN_PAUSES}{OWN_ENDS}）]|\s[–—]")
_MORE_WORDS = 3  # that may stand between the words of a link


@dataclass(frozen=True)
class _Span:
    start: int
    end: int

    def meets(self, others: Sequence[_Span]) -> bool:
        return any(self.start < other.end and other.start < self.end for other in others)


@dataclass(frozen=True)
class _Word(_Span):
    stem: str


@dataclass(frozen=True)
class _Sentence(_Span):
    words: tuple[_Word, ...]

    def tells(self, stems: set[str]) -> int:
        return len(stems & {word.stem for word in self.words})


def sentences_in(text: str) -> list[str]:
    """The sentences of `text`, in order."""
    return [match[0] for match in _SENTENCE.finditer(text)]


class _Paragraph:
    """A text, its sentences, and the changes to be made to it."""

    def __init__(self, text: str) -> None:
        self.text = text
        words = [_Word(m.start(), m.end(), stem(m[0])) for m in words_of(text)]
        self.sentences = [
            _Sentence(m.start(), m.end(), tuple(w for w in words if m.start() <= w.start < m.end()))
            for m in _SENTENCE.finditer(text)
        ]
        self.taken: list[_Span] = []
        self._changes: list[tuple[_Span, str]] = []

    def replace(self, span: _Span, new: str) -> None:
        self.taken.append(span)
        self._changes.append((span, new))

    def insert(self, place: int, new: str) -> None:
        inside = next((span for span in self.taken if span.start < place < span.end), None)
        place = inside.end if inside else place
        self._changes.append((_Span(place, place), new))

    def changed(self) -> str:
        out, last = "", 0
        for span, new in sorted(self._changes, key=lambda change: (change[0].start, change[0].end)):
            out += self.text[last : span.start] + new
            last = span.end
        return out + self.text[last:]


def put_back(text: str, pieces: Sequence[MarkupPiece]) -> str:
    """`text`, which holds no markup (`pieces.plain`), with every one of `pieces`."""
    if not pieces:
        return text
    paragraph = _Paragraph(text.strip())
    # Words first, since what stands after words must not come to stand inside a link; then all others in their order,
    # for several may come to stand at one place.
    in_words = [piece.kind in (PieceKind.LINK, PieceKind.WORD) and _in_words(paragraph, piece) for piece in pieces]
    for piece, done in zip(pieces, in_words, strict=True):
        if not done and piece.kind is not PieceKind.BLOCK:
            place = _place(paragraph, piece)
            glued = piece.kind is PieceKind.MARK and piece.glued
            paragraph.insert(place, ("" if glued else " ") + piece.alone)
    blocks = [piece.source for piece in pieces if piece.kind is PieceKind.BLOCK]
    return "\n\n".join([paragraph.changed().strip(), *(["\n".join(blocks)] if blocks else [])])


def _in_words(paragraph: _Paragraph, piece: MarkupPiece) -> bool:
    """Put a link around its words, another piece in their place; False where the text does not have them."""
    spans = _as_they_stand(paragraph, piece.words) or _inflected(paragraph, piece.words)
    if not spans and piece.kind is PieceKind.LINK:
        spans = _most_of(paragraph, content_words(piece.words))
    if not spans:
        return False
    note = _stems(piece.note)
    span = max(spans, key=lambda span: _sentence_of(paragraph, span).tells(note))
    words = paragraph.text[span.start : span.end]
    paragraph.replace(span, piece.source if _is_whole(piece, words) else words.join(piece.wrap))
    return True


def _is_whole(piece: MarkupPiece, words: str) -> bool:
    """Whether the piece stands as its author wrote it: a name with its capitals, but not the one of a note's start."""
    is_name = piece.words[1:] != piece.words[1:].lower()
    same = words.casefold() == piece.words.casefold() if is_name else words == piece.words
    return same or piece.kind is PieceKind.WORD


def _as_they_stand(paragraph: _Paragraph, words: str) -> list[_Span]:
    """Places of the very words, in any case; inside a longer word only where words are written without spaces."""
    if not words:
        return []
    apart = words.isascii() or " " in words
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    pattern = rf"(?<!\w){pattern}(?!\w)" if apart else pattern
    found = [_Span(m.start(), m.end()) for m in re.finditer(pattern, paragraph.text, re.IGNORECASE)]
    return [span for span in found if not span.meets(paragraph.taken)]


def _inflected(paragraph: _Paragraph, words: str) -> list[_Span]:
    """Places of all the words in a row, each in any form."""
    wanted = [stem(m[0]) for m in words_of(words)]
    spans = []
    for sentence in paragraph.sentences:
        for first in range(len(sentence.words) - len(wanted) + 1):
            row = sentence.words[first : first + len(wanted)]
            if row and [word.stem for word in row] == wanted:
                spans.append(_Span(row[0].start, row[-1].end))
    return [span for span in spans if not span.meets(paragraph.taken)]


def _most_of(paragraph: _Paragraph, words: Sequence[str]) -> list[_Span]:
    """The shortest places with the most of the words, at least half of them, close together in one sentence."""
    wanted = {stem(word) for word in words}
    best, found = (max(1, (len(wanted) + 1) // 2), -len(words) - _MORE_WORDS), list[_Span]()
    for sentence in paragraph.sentences:
        for first, last in _windows(sentence.words, wanted, len(words) + _MORE_WORDS):
            span = _Span(sentence.words[first].start, sentence.words[last].end)
            told = {word.stem for word in sentence.words[first : last + 1]} & wanted
            value = (len(told), first - last)
            if value < best or span.meets(paragraph.taken):
                continue
            if value > best:
                best, found = value, []
            found.append(span)
    return found


def _windows(words: Sequence[_Word], wanted: set[str], most: int) -> list[tuple[int, int]]:
    """First and last index of every stretch that begins and ends with a wanted word."""
    places = [index for index, word in enumerate(words) if word.stem in wanted]
    return [(first, last) for first in places for last in places if first <= last < first + most]


def _place(paragraph: _Paragraph, piece: MarkupPiece) -> int:
    """Where a piece stands that has no words of its own in the text."""
    sentence = _best(paragraph, _stems(piece.near), _stems(piece.note))
    if sentence is None:
        return 0
    if piece.kind is PieceKind.IMAGE:
        return sentence.end
    spot = _last_told(sentence, piece.near) if piece.kind is PieceKind.MARK else None
    if spot is None:
        stops = _STOPS.search(paragraph.text, sentence.start, sentence.end)
        return stops.start() if stops else sentence.end
    if not piece.ends_note:
        return spot
    clause_end = _CLAUSE_END.search(paragraph.text, spot, sentence.end)
    return clause_end.start() if clause_end else sentence.end


def _last_told(sentence: _Sentence, near: str) -> int | None:
    """Where the last word of `near` ends, else the one that stands last of those told; None where none is."""
    stems = [stem(word) for word in content_words(near)]
    ends = {word.stem: word.end for word in sentence.words if word.stem in stems}
    if not ends:
        return None
    return ends.get(stems[-1]) or max(ends.values())


def _best(paragraph: _Paragraph, near: set[str], note: set[str]) -> _Sentence | None:
    """The sentence that tells most of the words, the last one where none tells any."""
    return max(
        reversed(paragraph.sentences),
        key=lambda s: (s.tells(near), s.tells(note), -s.start * bool(s.tells(note | near))),
        default=None,
    )


def _sentence_of(paragraph: _Paragraph, span: _Span) -> _Sentence:
    return next(s for s in paragraph.sentences if s.start <= span.start < s.end)


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}
