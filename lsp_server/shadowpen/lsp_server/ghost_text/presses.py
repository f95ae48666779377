"""The request key pressed again: each press at one place requests the next larger extent.

What is shown there is kept and goes on. Another place, another text or nothing shown begins anew. Knows neither what is
answered nor which key it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from shadowpen.daemon.wire.protocol import Extent
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point

EXTENTS: tuple[Extent, ...] = get_args(Extent)
_FIRST: Extent = "clause"


@dataclass(frozen=True)
class _Pressed:
    uri: str
    place: Point
    revision: int
    extent: Extent


class Presses:
    """Remembers the last press and how far its text goes."""

    def __init__(self) -> None:
        self._last: _Pressed | None = None

    def pressed(self, document: OpenDocument, place: Point, shown: str) -> Extent:
        """What a press asks for where `shown` (perhaps "") stands on the screen; the last may not be answered yet."""
        last = self._last
        again = shown and last is not None and (last.uri, last.place, last.revision) == _here(document, place)
        extent = EXTENTS[min(EXTENTS.index(last.extent) + 1, len(EXTENTS) - 1)] if last and again else _FIRST
        self.answered(document, place, extent)
        return extent

    def answered(self, document: OpenDocument, place: Point, extent: Extent) -> None:
        """The press at this place is answered with a text that goes as far as `extent`."""
        self._last = _Pressed(*_here(document, place), extent)


def _here(document: OpenDocument, place: Point) -> tuple[str, Point, int]:
    return document.uri, place, document.revision
