"""Update an editor while the text it requested by key is still being written. Knows nothing of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

GROWING = "shadowpen/growing"


@dataclass(frozen=True)
class Growing:
    """A notification: ghost text while it is generated.

    Parameters of the notification: what may be drawn at `position` by now; the answer to the request will be more.

    `items` are as those of the answer, and replace the ones told before. Editors that do not know it wait for the
    answer.
    """

    textDocument: types.TextDocumentIdentifier
    position: types.Position
    items: Sequence[types.InlineCompletionItem]
