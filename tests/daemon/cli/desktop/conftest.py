"""The pages on a free port, and a browser of few lines that came by their link."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.desktop.app import make_app
from shadowpen.daemon.cli.desktop.session import BrowserSession
from shadowpen.daemon.http import listening


@dataclass(frozen=True)
class RunningPages:
    """Pages that are served: their origin, and the link that opens them once."""

    origin: str
    link: str


@pytest.fixture
def pages(layout: store.Layout) -> Iterator[RunningPages]:
    """The pages of this test's home."""
    session = BrowserSession()
    with listening.listen(0) as listener:
        server = listening.server(make_app(layout, session))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started, "the pages")
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield RunningPages(origin, session.link(origin))
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def browser(pages: RunningPages) -> Iterator[httpx.Client]:
    """A client that has the cookie, follows redirects and says where its forms come from."""
    with httpx.Client(
        base_url=pages.origin, follow_redirects=True, headers={"Origin": pages.origin}, trust_env=False, timeout=60
    ) as client:
        assert client.get(pages.link).status_code == 200
        yield client
