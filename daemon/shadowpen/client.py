"""Use Shadowpen from Python: `from shadowpen.client import connect`.

The public names of `shadowpen.daemon.client`, which commands use too. See docs/python-client.md.
"""

from __future__ import annotations

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.client.answers import CompletedText, ContinuedText, ExpandedNotes, InstalledTask, Paragraph
from shadowpen.daemon.client.asynchronous import AsyncWritingClient
from shadowpen.daemon.client.blocking import WritingClient

__all__ = [
    "AsyncWritingClient",
    "CompletedText",
    "ContinuedText",
    "ExpandedNotes",
    "InstalledTask",
    "Paragraph",
    "ShadowpenError",
    "WritingClient",
    "connect",
    "connect_async",
]


def connect(name: str = "python", *, start: bool = True) -> WritingClient:
    """A client that is connected to the user's daemon, which is started when none runs and `start` is true.

    `name` is shown in `shadowpen status`. Raises a ShadowpenError with a hint when there is no way.
    """
    return WritingClient(name, start=start)


def connect_async(name: str = "python", *, start: bool = True) -> AsyncWritingClient:
    """The same for asyncio; it connects at the first request: `async with connect_async() as client: ...`."""
    return AsyncWritingClient(name, start=start)
