"""Filters across documents: forgotten text, duplicates, near duplicates, other languages.

Of what stands twice the oldest is kept: the newest text judges a version, and must hold nothing that was learned.
This file knows neither folders nor the journal.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from shadowpen.daemon.corpus.documents import CONTEXT, Document, covered, joined, paragraphs
from shadowpen.daemon.corpus.folders import Report
from shadowpen.daemon.privacy.forgotten import PASSAGE_WORDS, ForgottenTexts, words

NEAR_DOUBLES = "near duplicates were not detected: datasketch is not installed (the extra `data`)"
_DOUBLE_CHARACTERS = 60  # shorter paragraphs may well be written twice
_NEAR_WORDS = 25  # in shorter ones a word or two makes another sentence
_SIMILARITY = 0.8  # of the sets of three words in a row (Jaccard), over 64 permutations
_PERMUTATIONS = 64
_SHINGLE_WORDS = 3
_PASTED = "pasted"
_PASTED_SHARE = 0.5  # of a paragraph's words
_OWN_STRETCH_WORDS = 2 * PASSAGE_WORDS  # in a row, beside what was pasted: where a paste was edited, fewer are left
_TEMPLATE = "similar to another paragraph of the text"
_TEMPLATE_SHARE = 0.5  # of a document's paragraphs: no person wrote them one by one
_TEMPLATE_PARAGRAPHS = 6
_LANGUAGE_CHARACTERS = 4_000
_LANGUAGE_LETTERS = 200  # fewer are too short to tell
_PARAGRAPH_LETTERS = 250


def without_known(documents: list[Document], known: ForgottenTexts, reason: str, report: Report) -> list[Document]:
    """`documents` without the paragraphs in which something stands that `known` knows."""
    return _filtered(documents, known.covers, report, reason) if known else documents


def without_pasted(documents: Iterable[Document], pasted: ForgottenTexts, report: Report) -> list[Document]:
    """`documents` with what was pasted as mere context, word by word.

    A paragraph that is mostly that goes, unless the author wrote a stretch of it.
    """
    if not pasted:
        return list(documents)
    left = []
    for document in documents:
        judged, foreign = [], []
        for start, end in paragraphs(document.text):
            text = document.text[start:end]
            known = [(start + first, start + last) for first, last in pasted.places(text)]
            mostly = known and _is_mostly(document.text, (start, end), known)
            judged.append(((start, end), _PASTED if mostly else ""))
            foreign += [] if mostly else known
        report.dropped.update({_PASTED: sum(end - start for start, end in foreign)} if foreign else {})
        left += _reduced(covered(document, foreign, CONTEXT) if foreign else document, judged, report, _PASTED)
    return left


def _is_mostly(text: str, paragraph: tuple[int, int], pasted: Sequence[tuple[int, int]]) -> bool:
    """Whether a paragraph's words are mostly in the `pasted` places, with no stretch of one's own between them."""
    start, end = paragraph
    edges = [start, *(edge for place in pasted for edge in place), end]
    own = [len(words(text[first:last])) for first, last in zip(edges[::2], edges[1::2], strict=True)]
    said = len(words(text[start:end]))
    return said - sum(own) > _PASTED_SHARE * said and max(own) < _OWN_STRETCH_WORDS


def without_doubles(documents: Iterable[Document], report: Report) -> list[Document]:
    """`documents` (oldest first) with each paragraph once; a document made of one template goes altogether."""
    doubles = _Doubles()
    if not doubles.sees_near:
        report.left_undone.add(NEAR_DOUBLES)
    kept = []
    for number, document in enumerate(documents):
        places = paragraphs(document.text)
        reasons = [doubles.reason(document.text[start:end], number) for start, end in places]
        if len(places) >= _TEMPLATE_PARAGRAPHS and reasons.count(_TEMPLATE) >= _TEMPLATE_SHARE * len(places):
            report.skip("made from a template", document.origin)
        else:
            kept += _reduced(document, list(zip(places, reasons, strict=True)), report, "all of it is in other texts")
    return kept


def without_other_languages(documents: Iterable[Document], report: Report, language: str = "") -> list[Document]:
    """What is in `language`, by default the one that most of the text is in: one small adapter cannot hold two."""
    found = [(document, language_of(document.text)) for document in documents]
    sizes: Counter[str] = Counter()
    for document, told in found:
        sizes[told] += len(document.text)
    main = language or next((name for name, _ in sizes.most_common() if name), "")
    kept = []
    for document, told in found:
        if told in ("", main):
            kept.append(document)
        else:
            report.skip("another language", document.origin)

    return _filtered(
        kept, lambda text: language_of(text, _PARAGRAPH_LETTERS) not in ("", main), report, "another language"
    )


def language_of(text: str, least_letters: int = _LANGUAGE_LETTERS) -> str:
    """The ISO 639-1 code of what a text is written in; "" if it is too short to tell."""
    import py3langid

    sample = text[:_LANGUAGE_CHARACTERS]
    if sum(map(str.isalpha, sample)) < least_letters:
        return ""
    return str(py3langid.classify(sample)[0])


# --- paragraphs --------------------------------------------------------------------------------------


def _filtered(
    documents: Iterable[Document], goes: Callable[[str], bool], report: Report, reason: str
) -> list[Document]:
    kept = []
    for document in documents:
        places = paragraphs(document.text)
        judged = [(place, reason if goes(document.text[slice(*place)]) else "") for place in places]
        kept += _reduced(document, judged, report, reason)
    return kept


def _reduced(
    document: Document, judged: Sequence[tuple[tuple[int, int], str]], report: Report, emptied: str
) -> list[Document]:
    """The document without the paragraphs that have a reason to go; none, `emptied`, if too little is left of it."""
    parts = [place for place, reason in judged if not reason]
    for (start, end), reason in judged:
        if reason:
            report.dropped[reason] += end - start
    if len(parts) == len(judged):
        return [document]
    if any(end - start >= _DOUBLE_CHARACTERS for start, end in parts):
        return [joined(document, parts)]
    report.skip(emptied, document.origin)
    return []


class _Doubles:
    """The paragraphs seen so far, by hash and, where datasketch is installed, by MinHash (Broder 1997)."""

    def __init__(self) -> None:
        self._exact: set[bytes] = set()
        self._near: Any = None
        self.sees_near = find_spec("datasketch") is not None

    def reason(self, paragraph: str, document: int) -> str:
        """Why a paragraph of the document with that number goes, "" for a new one, which is known from now on."""
        plain = " ".join(paragraph.lower().split())
        digest = hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._exact:
            return "double" if len(plain) >= _DOUBLE_CHARACTERS else ""
        self._exact.add(digest)
        said = words(plain) if self.sees_near else []
        return self._near_reason((document, len(self._exact)), said) if len(said) >= _NEAR_WORDS else ""

    def _near_reason(self, name: tuple[int, int], said: list[str]) -> str:
        from datasketch import MinHash, MinHashLSH

        if self._near is None:
            self._near = MinHashLSH(threshold=_SIMILARITY, num_perm=_PERMUTATIONS)
        sets = {" ".join(said[place : place + _SHINGLE_WORDS]) for place in range(len(said) - _SHINGLE_WORDS + 1)}
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([shingle.encode("utf-8", "replace") for shingle in sorted(sets)])
        alike = self._near.query(sketch)
        if not alike:
            self._near.insert(name, sketch)
            return ""
        return _TEMPLATE if any(document == name[0] for document, _ in alike) else "near double"
