"""Models in words."""

from __future__ import annotations

import pytest

from shadowpen.daemon.showing.naming import spoken


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("default@base", "the default model"),
        ("default", "the default model"),
        ("default@v0003-20260301", "your version v0003"),
        ("smol@base", "the model smol"),
        ("smol@v0012-20260301", "your version v0012 of the model smol"),
        ("", ""),
        ("unknown", "the model unknown"),
    ],
)
def test_a_writer_understands_them(name: str, words: str) -> None:
    assert spoken(name) == words
