"""OpenDocument texts (odt) as Markdown: headings, paragraphs, lists.

Notes, comments, tables of contents, tracked deletions and tables are left out; quotations and code keep their marks,
by which cleaning knows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import archive, pages

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}date"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}creation-date"
_LEFT_OUT = frozenset(
    (
        *(f"{_TEXT}{name}" for name in ("note", "tracked-changes", "table-of-content", "illustration-index")),
        *(f"{_TEXT}{name}" for name in ("table-index", "object-index", "user-index", "alphabetical-index")),
        *(f"{_TEXT}{name}" for name in ("bibliography", "sequence-decls", "variable-decls", "user-field-decls")),
        *(f"{_OFFICE}{name}" for name in ("annotation", "forms", "event-listeners")),
        f"{_TABLE}table",
        f"{_DRAW}image",
        f"{_DRAW}object",
    )
)
_MOST_SPACES = 100
_DEEPEST = 8  # lists within lists; more are of no author


def read(path: Path, terms: Terms) -> Iterator[Piece]:
    yield of_archive(path, terms)


def of_archive(source: archive.Source, terms: Terms, name: str = "") -> Piece:
    """The text of an OpenDocument text; Unreadable where it is another kind of document, or encrypted."""
    with archive.checked(source, terms, ".xml") as document:
        names = set(document.namelist())
        if "META-INF/manifest.xml" in names:
            manifest = archive.member(document, "META-INF/manifest.xml", terms)
            if b"encryption-data" in manifest:
                raise Unreadable("encrypted")
        content = pages.xml(archive.member(document, "content.xml", terms))
        meta = pages.xml(archive.member(document, "meta.xml", terms)) if "meta.xml" in names else None
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise Unreadable("not a text document")
    return Piece("\n\n".join(_blocks(body, _styles(content), 0)), name, date=_date(meta))


def _blocks(parent: Any, styles: dict[str, str], depth: int) -> Iterator[str]:
    """The paragraphs below `parent`, marked up."""
    for element in parent:
        if element.tag in _LEFT_OUT or not isinstance(element.tag, str):
            continue
        if element.tag == f"{_TEXT}h":
            level = element.get(f"{_TEXT}outline-level", "1")
            yield f"{'#' * min(6, int(level) if level.isdecimal() else 1)} {_line(element)}"
        elif element.tag == f"{_TEXT}p":
            yield _marked(_line(element), styles.get(element.get(f"{_TEXT}style-name", ""), ""))
        elif element.tag == f"{_TEXT}list" and depth < _DEEPEST:
            items = (" ".join(_blocks(item, styles, depth + 1)) for item in element)
            yield "\n".join(item if item.startswith("- ") else f"- {item}" for item in items if item.strip())
        elif depth < 2 * _DEEPEST:  # sections, frames
            yield from _blocks(element, styles, depth + 1)


def _marked(line: str, style: str) -> str:
    if style.startswith("Quotations"):
        return "> " + line.replace("\n", "\n> ")
    if style.startswith("Preformatted"):
        return "    " + line.replace("\n", "\n    ")
    return line


def _line(element: Any) -> str:
    """The words of a paragraph."""
    parts: list[str] = []
    pending: list[Any] = [element]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        if item.tag == f"{_TEXT}s":
            count = item.get(f"{_TEXT}c", "1")
            parts.append(" " * (min(_MOST_SPACES, int(count)) if count.isdecimal() else 1))
        elif item.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif item.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif isinstance(item.tag, str) and item.tag not in _LEFT_OUT:
            for child in reversed(item):
                pending += [child.tail or "", child]
            pending.append(item.text or "")
    return "".join(parts).strip()


def _styles(content: Any) -> dict[str, str]:
    """The named style of each automatic one, and of each named style itself."""
    found = {
        style.get(f"{_STYLE}name", ""): style.get(f"{_STYLE}parent-style-name", "")
        for style in content.iterfind(f"{_OFFICE}automatic-styles/{_STYLE}style")
    }
    return {name: name for name in ("Quotations", "Preformatted_20_Text")} | found


def _date(meta: Any) -> str:
    if meta is None:
        return ""
    told = {element.tag: (element.text or "").strip() for element in meta.iter() if isinstance(element.tag, str)}
    return told.get(_DUBLIN) or told.get(_META) or ""
