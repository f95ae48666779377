"""Scrivener projects: the draft's texts in the order of the binder; research and trash are left out.

Version 3 keeps each text in `Files/Data/<id>/content.rtf`, version 2 in `Files/Docs/<id>.rtf`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import pages
from shadowpen.daemon.formats.readers.office import of_rich_text

_MOST_BYTES = 20_000_000
_DEEPEST = 60
_REASONS = {
    "TrashFolder": "in the trash of a Scrivener project",
    "ResearchFolder": "research of a Scrivener project",
}
_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")


def read(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """One piece for each text of the binder, named by the titles above it."""
    for place, item in _items(_binder(path), ""):
        if item.get("Type") in _REASONS:
            yield LeftOut(_REASONS[item.get("Type")], place)
            continue
        text = _file(path, item)
        if text is None:
            continue
        try:
            yield of_rich_text(text.read_bytes(), terms, place, _date(item))
        except (Unreadable, OSError) as error:
            yield LeftOut(str(error) if isinstance(error, Unreadable) else "unreadable", place)


def _binder(path: Path) -> Any:
    projects = sorted(path.glob("*.scrivx"))
    if not path.is_dir() or not projects or projects[0].stat().st_size > _MOST_BYTES:
        raise Unreadable("not a Scrivener project")
    binder = pages.xml(projects[0].read_bytes()).find("Binder")
    if binder is None:
        raise Unreadable("not a Scrivener project")
    return binder


def _items(binder: Any, above: str) -> Iterator[tuple[str, Any]]:
    """Every item with its place, in order; nothing below what is left out."""
    pending = [(above, 0, item) for item in reversed(binder.findall("BinderItem"))]
    while pending:
        above, depth, item = pending.pop()
        title = re.sub(r"[\s/\\]+", " ", item.findtext("Title") or "").strip()[:80] or "untitled"
        place = f"{above}/{title}".lstrip("/")
        yield f"{place} ({_id(item)[:8]})" if item.get("Type") == "Text" else place, item
        children = item.find("Children")
        if children is not None and item.get("Type") not in _REASONS and depth < _DEEPEST:
            pending += [(place, depth + 1, child) for child in reversed(children.findall("BinderItem"))]


def _id(item: Any) -> str:
    return str(item.get("UUID") or item.get("ID") or "")


def _file(path: Path, item: Any) -> Path | None:
    """Where the text of an item lies; None if it has none. An id that leads elsewhere is none."""
    name = _id(item)
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name):
        return None
    places = (path / "Files" / "Data" / name / "content.rtf", path / "Files" / "Docs" / f"{name}.rtf")
    return next((place for place in places if place.is_file() and not place.is_symlink()), None)


def _date(item: Any) -> str:
    """When it was last changed, as ISO 8601."""
    found = _DATE.match(item.get("Modified") or item.get("Created") or "")
    return f"{found[1]}T{found[2]}{found[3]}:{found[4]}" if found else ""
