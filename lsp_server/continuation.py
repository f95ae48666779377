"""Continuing the paragraph at the cursor: a code action and the command behind it.

The text arrives while it is made, as progress the user can cancel; the document gets it in one edit that
names the version it was made for, so that one `u` or Ctrl+Z takes all of it back and text that changed
meanwhile is never overwritten. This file knows neither the daemon's connection nor how messages travel.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from lsprotocol import types

from shadowpen.daemon.errors import RequestInvalid
from shadowpen.daemon.protocol import Continuation, Continue, Partial, Reply
from shadowpen.lsp_server.context import window
from shadowpen.lsp_server.documents import Document
from shadowpen.lsp_server.positions import Place

CONTINUE_COMMAND = "shadowpen.continue"
TITLE = "Continue paragraph"
_TIMEOUT_S = 120.0


class Editor(Protocol):
    """What is needed of the editor: progress under one token, and edits."""

    async def begin(self, title: str, on_cancel: Callable[[], object]) -> None: ...

    def report(self, text: str) -> None: ...

    def end(self, message: str) -> None: ...

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult: ...


class Ask(Protocol):
    """As `DaemonLink.ask`."""

    async def __call__(
        self, message: Continue, timeout_s: float, *, patient: bool, on_partial: Callable[[Partial], None]
    ) -> Reply: ...


def code_action(params: types.CodeActionParams, *, tagged: bool) -> types.CodeAction | None:
    """The action for the end of the asked range; None where the client wants another kind, or asks by itself.

    Asked at each move of the cursor it would put a light bulb on every line.
    """
    only, trigger = params.context.only, params.context.trigger_kind
    kind = types.CodeActionKind.RefactorRewrite
    if trigger == types.CodeActionTriggerKind.Automatic or not _wanted(str(kind.value), only):
        return None
    position = params.range.end
    arguments = [params.text_document.uri, {"line": position.line, "character": position.character}]
    return types.CodeAction(
        title=TITLE,
        kind=kind,
        command=types.Command(title=TITLE, command=CONTINUE_COMMAND, arguments=arguments),
        tags=[types.CodeActionTag.LlmGenerated] if tagged else None,
    )


def _wanted(kind: str, only: Any) -> bool:
    names = [str(getattr(wanted, "value", wanted)) for wanted in only or ()]
    return not names or any(kind == name or kind.startswith(name + ".") or not name for name in names)


async def continue_paragraph(document: Document, place: Place, ask: Ask, editor: Editor) -> dict[str, Any]:
    """Write on from `place`; {"applied", "text", "reason"}. Cancelled by the user it changes nothing."""
    version, context = document.version, window(document.lines, place)
    request = Continue(id=uuid.uuid4().hex, document=document.uri, prefix=context.prefix, suffix=context.suffix)
    work = asyncio.ensure_future(
        ask(request, _TIMEOUT_S, patient=True, on_partial=lambda partial: editor.report(partial.text))
    )
    outcome = "nothing was inserted"
    try:
        await editor.begin(TITLE, on_cancel=work.cancel)
        text = _text_of(await _unless_cancelled(work))
        result = await _insert(document, place, version, text, editor)
        outcome = result["reason"] or "done"
        return result
    finally:
        work.cancel()
        editor.end(outcome)


async def _unless_cancelled(work: asyncio.Future[Reply]) -> Reply | None:
    """The reply, or None when the work (and not its waiter) was cancelled."""
    await asyncio.wait({work})
    return None if work.cancelled() else work.result()


def _text_of(reply: Reply | None) -> str | None:
    if reply is None:
        return None
    if not isinstance(reply, Continuation):
        raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
    return reply.text


async def _insert(document: Document, place: Place, version: int, text: str | None, editor: Editor) -> dict[str, Any]:
    if text is None:
        return _refused("", "cancelled; nothing was inserted")
    if not text.strip():
        return _refused("", "the model has nothing to add here")
    if document.version != version:
        return _refused(text, "the text changed meanwhile; nothing was inserted")
    position = document.position(place)
    edit = types.TextEdit(types.Range(position, position), text)
    target = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=version)
    change = types.TextDocumentEdit(text_document=target, edits=[edit])
    answer = await editor.apply(TITLE, types.WorkspaceEdit(document_changes=[change]))
    if not answer.applied:
        why = answer.failure_reason or "no reason was given"
        return _refused(text, f"the editor did not apply the edit: {why}")
    return {"applied": True, "text": text, "reason": ""}


def _refused(text: str, reason: str) -> dict[str, Any]:
    return {"applied": False, "text": text, "reason": reason}
