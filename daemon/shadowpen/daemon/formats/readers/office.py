"""Documents of word processors: Word (docx) and RTF; `opendocument` has the third."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import archive, pages

# Quotations and tables of contents are not the author's text; headings keep their level.
_WORD_STYLES = """
p[style-name='Quote'] => blockquote:fresh
p[style-name='Intense Quote'] => blockquote:fresh
p[style-name='Block Text'] => blockquote:fresh
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='TOC Heading'] => !
p[style-name='HTML Preformatted'] => pre:separator('\\n')
""" + "".join(f"p[style-name='toc {level}'] => !\n" for level in range(1, 10))
_MOST_RTF_BYTES = 20_000_000
_RTF_HEAD = 200_000  # characters in which what a document says of itself stands: behind fonts and styles


def word(path: Path, terms: Terms) -> Iterator[Piece]:
    yield of_word(path, terms)


def of_word(source: archive.Source, terms: Terms, name: str = "") -> Piece:
    """The text of a Word document, deletions that were tracked left out and insertions kept."""
    import mammoth

    with archive.checked(source, terms, ".xml", ".rels") as document:
        for part in document.namelist():
            if part.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.member(document, part, terms):
                raise Unreadable("defines XML entities, which are not allowed")
        date = _core_date(document, terms)
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(archive.rewound(source).read()) as file:
        page = mammoth.convert_to_html(
            file, style_map=_WORD_STYLES, convert_image=mammoth.images.img_element(lambda image: {})
        ).value
    return Piece(pages.markdown(page), name, date=date)


def rich_text(path: Path, terms: Terms) -> Iterator[Piece]:
    yield of_rich_text(path.read_bytes(), terms)


def of_rich_text(content: bytes, terms: Terms, name: str = "", date: str = "") -> Piece:
    """The text of an RTF document, a paragraph for each of its own."""
    from striprtf.striprtf import rtf_to_text

    if len(content) > _MOST_RTF_BYTES:
        raise Unreadable("too large")
    if not content.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("damaged, or not what its name says")
    written = content.decode("latin-1")
    text = rtf_to_text(written, errors="ignore")
    return Piece(re.sub(r"\n+", "\n\n", text), name, ".txt", date or _rich_text_date(written))


def _rich_text_date(written: str) -> str:
    """When an RTF document says it was last changed, or else made, "" if it says neither."""
    told = dict(
        re.findall(r"\{\\(revtim|creatim)((?:\\(?:yr|mo|dy|hr|min|sec)\d{1,4}){3,6})\s?\}", written[:_RTF_HEAD])
    )
    numbers = dict(re.findall(r"\\(yr|mo|dy)(\d{1,4})", told.get("revtim") or told.get("creatim") or ""))
    if len(numbers) < 3:
        return ""
    return f"{int(numbers['yr']):04}-{int(numbers['mo']):02}-{int(numbers['dy']):02}"


def _core_date(document: Any, terms: Terms) -> str:
    """When a Word document was last changed, "" if it does not say."""
    if "docProps/core.xml" not in document.namelist():
        return ""
    properties = pages.xml(archive.member(document, "docProps/core.xml", terms))
    told = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in properties}
    return told.get("modified") or told.get("created") or ""
