"""JSON files in which people write: Jupyter notebooks and Obsidian canvases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable


def jupyter(path: Path, terms: Terms) -> Iterator[Piece]:
    """The Markdown cells of a notebook as one text; notebooks of version 3 have sheets of them."""
    notebook = _json(path)
    sheets = notebook.get("worksheets")
    cells = [
        cell
        for part in (sheets if isinstance(sheets, list) else [notebook])
        if isinstance(part, dict)
        for cell in _listed(part.get("cells"))
    ]
    yield Piece("\n\n".join(_source(cell.get("source")) for cell in cells if cell.get("cell_type") == "markdown"))


def canvas(path: Path, terms: Terms) -> Iterator[Piece]:
    """The cards of a canvas as one text; notes that it only shows are files of their own."""
    nodes = _listed(_json(path).get("nodes"))
    yield Piece("\n\n".join(_source(node.get("text")) for node in nodes if node.get("type") == "text"))


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Unreadable("damaged, or not what its name says") from error
    if not isinstance(content, dict):
        raise Unreadable("damaged, or not what its name says")
    return content


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _source(value: Any) -> str:
    """A text, or the list of its lines."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
