"""The pages of the test's home, and a browser of few lines that came by their link."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support.web.pages import RunningPages, serving_pages

from shadowpen.daemon.base import store


@pytest.fixture
def pages(layout: store.Layout) -> Iterator[RunningPages]:
    """The pages of this test's home."""
    with serving_pages(layout) as running:
        yield running


@pytest.fixture
def browser(pages: RunningPages) -> Iterator[httpx.Client]:
    """A client that has the cookie, follows redirects and says where its forms come from."""
    with httpx.Client(
        base_url=pages.origin, follow_redirects=True, headers={"Origin": pages.origin}, trust_env=False, timeout=60
    ) as client:
        assert client.get(pages.link).status_code == 200
        yield client
