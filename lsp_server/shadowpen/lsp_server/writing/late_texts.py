"""A text that the editor refused, kept so that the same action brings it at once the second time.

Kate takes an edit only within two seconds of the command that asked for it, and writing a paragraph can take longer.
This file knows neither documents nor the daemon's connection.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from shadowpen.daemon.wire.protocol import Continue, Expand, Partial, Reply, RunVerb
from shadowpen.lsp_server.writing.writing import AskForText, WritingEditor

_Order = Continue | Expand | RunVerb


class LateTexts:
    """The last answer, and the editor's side of the work that it was for."""

    def __init__(self) -> None:
        self._last: tuple[_Order, Reply, WritingEditor] | None = None

    def asking(self, ask: AskForText, editor: WritingEditor) -> AskForText:
        """`ask`, which is not asked again for what the editor refused a moment ago."""

        async def asked(
            message: _Order, timeout_s: float, *, patient: bool, on_partial: Callable[[Partial], None]
        ) -> Reply:
            reply = self._refused(message)
            if reply is None:
                reply = await ask(message, timeout_s, patient=patient, on_partial=on_partial)
            self._last = message, reply, editor
            return reply

        return asked

    def _refused(self, message: _Order) -> Reply | None:
        if self._last is None:
            return None
        order, reply, editor = self._last
        same = structs.replace(message, id=order.id) == order
        return reply if same and editor.refused else None
