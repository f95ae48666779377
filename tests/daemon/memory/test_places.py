"""A remembered text is found in its file by its words, and what is no file is not waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shadowpen.daemon.memory.places import Quote, SourcePlace, locate


def test_the_line_is_found_by_the_words(tmp_path: Path) -> None:
    path = tmp_path / "letter.md"
    path.write_text("# Harbour\n\nWe rowed out\nto the *grey* lighthouse.\n")
    assert locate(Quote(str(path), " rowed out to", " the grey lighthouse")) == SourcePlace(str(path), 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "letter.md")
    path = str(tmp_path / "letter.md")
    assert locate(Quote(path, " rowed out to", " the grey lighthouse")) == SourcePlace(path)
