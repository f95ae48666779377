"""The text layer of PDF documents: lines joined into paragraphs, without page headers and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import IO, Any

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable

_FEWEST_PAGES = 4  # of fewer nobody can tell what is repeated
_REPEATED_SHARE = 0.4
_EDGE_LINES = 2
_SHORT_SHARE = 0.8  # of a full line; the last line of a paragraph is shorter
_SAME_LINE = 0.4  # of the letters' height, for what is raised
_GAP = 1.25  # of the distance between most lines
_OTHER_SIZE = 0.15
_MOST_INDENT = 6.0
_ENDED = re.compile(r"[.!?:…\"”’»)\]。！？।]\s*\Z")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\Z")


def read(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    with path.open("rb") as file:
        yield from of_file(file, terms)


def of_file(file: IO[bytes], terms: Terms, name: str = "") -> Iterator[Piece | LeftOut]:
    """The text of the first pages; Unreadable if it is encrypted or has none."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        document = pypdf.PdfReader(file)
        if document.is_encrypted and not _unlocked(document):
            raise Unreadable("encrypted")
        count = len(document.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable("damaged, or not what its name says") from error
    found: list[list[str]] = []
    characters = 0
    for number in range(min(count, terms.pages)):
        lines = _lines(document, number)
        if lines is None:
            yield LeftOut("a damaged page", f"{name}#page={number + 1}" if name else f"page {number + 1}")
            continue
        found.append(lines)
        characters += sum(map(len, lines))
        if characters > terms.characters:
            raise Unreadable("too large")
    if count > terms.pages:
        yield LeftOut(f"pages beyond the first {terms.pages:,}", name)
    text = "\n\n".join(paragraphs(found))
    if not text:
        raise Unreadable("has no text layer")
    yield Piece(text, name, ".txt", _date(document))


def paragraphs(pages: Sequence[Sequence[str]]) -> Iterator[str]:
    """The paragraphs of the pages' lines, those that run across a page's end in one."""
    repeated = _repeated(pages)
    lines = [line for page in pages for line in _without_edges(page, repeated)]
    widths = [len(line) for line in lines if len(line) > 20]
    full = quantiles(widths, n=10)[7] if len(widths) > 1 else 0
    block, apart = "", False
    for line in lines:
        if not line:
            apart = True
            continue
        if block and apart and not (line[:1].islower() and not _ENDED.search(block)):
            yield block
            block = ""
        apart = False
        block = _HYPHEN.sub("", block) + line if _HYPHEN.search(block) and line[:1].islower() else f"{block} {line}"
        block = block.strip()
        if len(line) < _SHORT_SHARE * full and _ENDED.search(line):
            yield block
            block = ""
    if block:
        yield block


def _repeated(pages: Sequence[Sequence[str]]) -> set[str]:
    """The lines at pages' edges that stand on many of them, numbers aside."""
    counts = Counter(key for page in pages for key in {_plain(line) for line in _edges(page)})
    return {key for key, count in counts.items() if count >= max(3, _REPEATED_SHARE * len(pages))}


def _without_edges(page: Sequence[str], repeated: set[str]) -> list[str]:
    """A page without running heads and page numbers."""
    solid = [place for place, line in enumerate(page) if line]
    edges = {*solid[:_EDGE_LINES], *solid[-_EDGE_LINES:]}
    return [
        line
        for place, line in enumerate(page)
        if place not in edges or not (_PAGE_NUMBER.fullmatch(line) or _plain(line) in repeated)
    ]


def _edges(page: Sequence[str]) -> list[str]:
    solid = [line for line in page if line]
    return [*solid[:_EDGE_LINES], *solid[-_EDGE_LINES:]]


def _plain(line: str) -> str:
    return re.sub(r"[\d\s]+", " ", line).strip().lower()


class _PdfPage:
    """The lines of a page in the order of its text, as pypdf tells of them, each with its place and size."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    def add(self, text: str, page: Sequence[float], place: Sequence[float], _: Any, size: float) -> None:
        """A stretch of text; pypdf calls this. Both matrices move it, the second also scales it."""
        solid = text.replace("\n", " ")
        if not solid.strip():
            if self._lines:
                self._lines[-1].text += solid
            return
        x, y = page[4] + place[4], page[5] + place[5] * page[3]
        height = abs(size * place[3] * page[3]) or 1.0
        if self._lines and abs(self._lines[-1].y - y) < _SAME_LINE * height:
            self._lines[-1].text += solid
        else:
            self._lines.append(_Line(solid, x, y, height))

    def lines(self) -> list[str]:
        """The lines, an empty one where a paragraph ends by a gap, an indent or another size of letters."""
        gaps = sorted(above.y - below.y for above, below in pairwise(self._lines) if above.y > below.y)
        leading = gaps[len(gaps) // 4] if gaps else 0.0  # of short paragraphs every second gap is a wide one
        margin = Counter(round(line.x) for line in self._lines).most_common(1)[0][0] if self._lines else 0
        found: list[str] = []
        above: _Line | None = None
        for line in self._lines:
            if above is not None and line.is_apart_from(above, leading, margin):
                found.append("")
            found.append(" ".join(line.text.split()))
            above = line
        return found


@dataclass
class _Line:
    """A line; `x` and `y` where it starts, counted from the page's lower left corner, `height` of its letters."""

    text: str
    x: float
    y: float
    height: float

    def is_apart_from(self, above: _Line, leading: float, margin: float) -> bool:
        """Whether another paragraph begins here; a jump upwards is the next column, where one may go on."""
        gap = above.y - self.y
        indent = self.x - margin
        return (
            gap > _GAP * leading
            or abs(above.height - self.height) > _OTHER_SIZE * self.height
            or (0.5 * self.height < indent < _MOST_INDENT * self.height and abs(above.x - margin) < 1)
        )


def _lines(document: Any, number: int) -> list[str] | None:
    """The lines of a page; None if it cannot be read."""
    page = _PdfPage()
    try:
        document.pages[number].extract_text(visitor_text=page.add)
        return page.lines()
    except MemoryError:
        raise
    except Exception:  # pypdf raises what Python raises over a damaged page
        return None


def _unlocked(document: Any) -> bool:
    """Whether it opens without a password, as one does that only forbids printing."""
    try:
        return bool(document.decrypt(""))
    except Exception:  # a cipher for which no library is installed
        return False


def _date(document: Any) -> str:
    try:
        told = document.metadata and (document.metadata.modification_date or document.metadata.creation_date)
        return told.isoformat() if told else ""
    except Exception:  # a date that is none
        return ""
