"""EPUB books: the chapters in their order, as one text."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import archive, pages

_OPF = "{http://www.idpf.org/2007/opf}"
_DATE = "{http://purl.org/dc/elements/1.1/}date"
_CONTAINER = "META-INF/container.xml"
_PAGE_TYPES = ("application/xhtml+xml", "text/html")
_MOST_CHAPTERS = 2_000


def epub(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """Chapters that cannot be read are left out; the others count."""
    with archive.opened(path) as book:
        package_name = _package_name(book, terms)
        package = pages.xml(archive.member(book, package_name, terms))
        locked = _encrypted(book, terms)
        chapters: list[str] = []
        left_bytes = terms.unpacked_bytes
        for place in _spine(package, posixpath.dirname(package_name))[:_MOST_CHAPTERS]:
            if place in locked:
                raise Unreadable("encrypted")
            try:
                content = archive.member(book, place, terms)
                left_bytes -= len(content)
                if left_bytes < 0:
                    raise Unreadable(f"unpacks to more than {terms.unpacked_bytes // 1_000_000} MB")
                chapters.append(pages.markdown(content))
            except Unreadable as error:
                yield LeftOut(str(error), place)
                if left_bytes < 0:
                    break
    date = next((element.text or "" for element in package.iter(_DATE)), "")
    if chapters:
        yield Piece("\n\n".join(chapters), date=date.strip())


def _package_name(book: Any, terms: Terms) -> str:
    for element in pages.xml(archive.member(book, _CONTAINER, terms)).iter():
        if str(element.tag).endswith("}rootfile") and element.get("full-path"):
            return str(element.get("full-path"))
    raise Unreadable("damaged, or not what its name says")


def _spine(package: Any, folder: str) -> list[str]:
    """The chapters' names in the archive, in the order of reading; a table of contents is none."""
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    places = []
    for reference in package.iter(f"{_OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or reference.get("linear") == "no" or "nav" in item.get("properties", "").split():
            continue
        if item.get("media-type") in _PAGE_TYPES:
            places.append(posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))))
    return places


def _encrypted(book: Any, terms: Terms) -> set[str]:
    """The members that are encrypted; fonts often are."""
    if "META-INF/encryption.xml" not in book.namelist():
        return set()
    told = pages.xml(archive.member(book, "META-INF/encryption.xml", terms))
    return {unquote(element.get("URI", "")) for element in told.iter() if str(element.tag).endswith("CipherReference")}
