from __future__ import annotations

import pytest

from shadowpen.lsp_server.writing.work_done import _tail


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" Short\nand  plain.", "Short and plain."),
        ("word " * 100 + "end", "…" + ("word " * 100 + "end")[-79:]),
    ],
)
def test_a_line_of_progress_is_the_end_of_the_text(text: str, line: str) -> None:
    assert _tail(text) == line
