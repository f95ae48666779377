"""What tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shadowpen.daemon.evaluation import keys


@pytest.fixture(scope="module", autouse=True)
def short_replays() -> Iterator[None]:
    """The simulated writer types little: what he saves with tiny models is chance, and his replay has its own tests."""
    pieces = keys.pieces
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "pieces", lambda documents, count=4, _characters=0: pieces(documents, min(count, 4), 60))
        yield
