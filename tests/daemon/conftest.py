"""What is typed in the tests of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon import typist


@pytest.fixture(scope="session")
def diary() -> str:
    """The text that is built in."""
    return Path(typist.__file__).with_name("demo_diary.txt").read_text("utf-8")
