"""Continue the paragraph at the cursor: a code action and its command.

This file knows neither the daemon's connection nor how messages travel.
"""

from __future__ import annotations

import uuid
from typing import Any

from lsprotocol import types

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.wire.protocol import Continuation, Continue, Reply
from shadowpen.lsp_server.documents.context import window
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.writing import writing

CONTINUE_COMMAND = "shadowpen.continue"
TITLE = "Continue paragraph"


def code_action(params: types.CodeActionParams, *, tagged: bool) -> types.CodeAction | None:
    """The action for the end of the asked range; None where the client wants another kind, or asks by itself.

    Also on a selection: some editors have no cursor without one.
    """
    if not writing.offered(params):
        return None
    position = params.range.end
    arguments = [params.text_document.uri, {"line": position.line, "character": position.character}]
    return writing.action(TITLE, CONTINUE_COMMAND, arguments, tagged=tagged)


async def continue_paragraph(
    document: OpenDocument, place: Point, ask: writing.AskForText, editor: writing.WritingEditor
) -> dict[str, Any]:
    """Write on from `place`; {"applied", "text", "reason"}. Cancelled by the user it changes nothing."""
    revision, context = document.revision, window(document.lines, place)
    request = Continue(id=uuid.uuid4().hex, document=document.uri, prefix=context.prefix, suffix=context.suffix)

    async def conclude(reply: Reply | None) -> dict[str, Any]:
        if reply is None:
            return writing.refused(writing.CANCELLED)
        if not isinstance(reply, Continuation):
            raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
        if not reply.text.strip():
            return writing.refused("the model has nothing to add here")
        return await writing.put(document, revision, (place, place), reply.text, TITLE, editor)

    return await writing.carry_out(request, TITLE, ask, editor, conclude)
