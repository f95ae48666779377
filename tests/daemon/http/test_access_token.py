"""The token: made once, for the user alone, and compared whole."""

from __future__ import annotations

import os
import stat

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.http.access_token import access_token, admits


def test_it_is_made_once_and_is_for_the_user_alone(layout: store.Layout) -> None:
    token = access_token(layout)
    assert len(token) >= 40 and token == access_token(layout)
    if os.name == "posix":
        assert stat.S_IMODE(layout.serve_token.stat().st_mode) == 0o600
    layout.serve_token.unlink()
    assert access_token(layout) != token


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40, b"x" * 5000])
def test_what_is_no_token_is_refused(layout: store.Layout, content: bytes) -> None:
    store.write_atomic(layout.serve_token, content)
    with pytest.raises(StateUnusable):
        access_token(layout)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_file_that_others_can_read_is_refused(layout: store.Layout) -> None:
    access_token(layout)
    layout.serve_token.chmod(0o644)
    with pytest.raises(StateUnusable, match="read by other users"):
        access_token(layout)


def test_only_the_whole_token_opens() -> None:
    token = "sp-" + "a" * 40
    assert admits(token, f"Bearer {token}".encode()) and admits(token, f"bearer  {token}".encode())
    wrong = [b"", b"Bearer", b"Bearer ", token.encode(), f"Basic {token}".encode(), f"Bearer {token}x".encode()]
    assert not any(admits(token, shown) for shown in [*wrong, f"Bearer {token[:-1]}".encode(), b"Bearer \xff"])
