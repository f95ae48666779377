"""A client of chosen abilities, before its handshake, with a daemon behind the server that suggests one text."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base import config_file, store

from .abled import GHOST, Abled


@pytest.fixture
def client(home: object) -> Abled:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    client = Abled()
    client.daemon.suggests(GHOST)
    return client
