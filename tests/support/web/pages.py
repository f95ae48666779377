"""The pages of `shadowpen open`, served from a thread of this process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.desktop.app import make_app
from shadowpen.daemon.cli.desktop.session import BrowserSession
from support.web.served_app import served


@dataclass(frozen=True)
class RunningPages:
    """Pages that are served: their origin, and the link that opens them once."""

    origin: str
    link: str


@contextlib.contextmanager
def serving_pages(layout: store.Layout) -> Iterator[RunningPages]:
    """The pages of a home, until the end of the block."""
    session = BrowserSession()
    with served(lambda: make_app(layout, session)) as port:
        origin = f"http://127.0.0.1:{port}"
        yield RunningPages(origin, session.link(origin))
