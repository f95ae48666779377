"""A daemon that repeats the text before the cursor, behind pages and servers that a real browser asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import daemons
from support.models import fake_model

from shadowpen.daemon.base import store

from . import install

# These tests exist where a browser was installed for them: `make editors EDITORS=codemirror`.
collect_ignore_glob = ["test_*.py"] if install.missing() else []


@pytest.fixture
def writing(layout: store.Layout) -> Iterator[None]:
    """The daemon runs: it suggests the prefix again, and expands notes by repeating them."""
    fake_model.install(layout)
    with daemons.in_thread(layout, fake_model.load):
        yield
