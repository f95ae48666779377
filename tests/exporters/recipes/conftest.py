"""What runs of several test files do without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shadowpen.daemon.evaluation.harm import guard


@pytest.fixture(scope="module")
def no_guard_on_harm() -> Iterator[None]:
    """No pairs about people are read: what random models make of them is chance. test_personal.py has the guard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "gaps", lambda *_, **__: {})
        yield
