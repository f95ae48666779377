"""Notebooks and canvases: the words of their author, and no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.formats.pieces import Terms, Unreadable
from shadowpen.daemon.formats.readers import notebooks

_CELLS = [
    {"cell_type": "markdown", "source": ["# Boats\n", "\n", "They float."]},
    {"cell_type": "code", "source": "x = 1", "outputs": [{"text": "printed"}]},
    {"cell_type": "markdown", "source": "The end."},
    {"cell_type": "markdown", "source": 7},
    "no cell",
]


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("content", [{"cells": _CELLS}, {"worksheets": [{"cells": _CELLS}], "nbformat": 3}])
def test_the_markdown_cells_of_a_notebook_are_one_text(tmp_path: Path, content: Any) -> None:
    (piece,) = notebooks.jupyter(written(tmp_path, content), Terms())

    assert piece.text.strip() == "# Boats\n\nThey float.\n\nThe end."


def test_the_cards_of_a_canvas_are_one_text(tmp_path: Path) -> None:
    nodes = [{"type": "text", "text": "A card."}, {"type": "file", "file": "note.md"}, {"type": "text", "text": "Two."}]
    (piece,) = notebooks.canvas(written(tmp_path, {"nodes": nodes}), Terms())

    assert piece.text == "A card.\n\nTwo."


@pytest.mark.parametrize("content", ["", "[1]", '{"cells": ', "[" * 200_000])
def test_what_is_no_notebook_has_a_reason(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        list(notebooks.jupyter(written(tmp_path, content), Terms()))
