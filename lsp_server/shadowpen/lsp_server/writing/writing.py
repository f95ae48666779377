"""Text that takes seconds: offered as a code action, streamed as progress, inserted as one edit.

The progress can be cancelled; the edit names the version it was made for, so that one `u` or Ctrl+Z takes all
of it back and text that changed meanwhile is never overwritten. This file knows neither what is written nor
the daemon's connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from lsprotocol import types

from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.wire.protocol import Continue, Expand, Partial, Reply, RunVerb
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point

CANCELLED = "cancelled; the text is as it was"
_TIMEOUT_S = 120.0
_KIND = types.CodeActionKind.RefactorRewrite

Change = tuple[tuple[Point, Point], str]  # a range, and what takes its place


class WritingEditor(Protocol):
    """What writing needs of an editor: progress, edits, and messages. `refused`: it did not make the last edit."""

    refused: bool

    async def begin(self, title: str, on_cancel: Callable[[], object]) -> None: ...

    def report(self, text: str) -> None: ...

    def end(self, message: str) -> None: ...

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult: ...

    def warn(self, sentence: str) -> None: ...


class AskForText(Protocol):
    """Ask the daemon for text, as `DaemonLink.ask` does."""

    async def __call__(
        self,
        message: Continue | Expand | RunVerb,
        timeout_s: float,
        *,
        patient: bool,
        on_partial: Callable[[Partial], None],
    ) -> Reply: ...


def offered(params: types.CodeActionParams) -> bool:
    """Whether the client wants rewriting, and does not ask by itself.

    Asked at each move of the cursor it would put a light bulb on every line.
    """
    if params.context.trigger_kind == types.CodeActionTriggerKind.Automatic:
        return False
    kind = str(_KIND.value)
    names = [str(getattr(wanted, "value", wanted)) for wanted in params.context.only or ()]
    return not names or any(kind == name or kind.startswith(name + ".") or not name for name in names)


def action(title: str, command: str, arguments: list[Any], *, tagged: bool) -> types.CodeAction:
    """The code action that runs `command`; `tagged` as made by a model, for clients that know the tag."""
    title = translated(title)
    return types.CodeAction(
        title=title,
        kind=_KIND,
        command=types.Command(title=title, command=command, arguments=arguments),
        tags=[types.CodeActionTag.LlmGenerated] if tagged else None,
    )


async def carry_out(
    request: Continue | Expand | RunVerb,
    title: str,
    ask: AskForText,
    editor: WritingEditor,
    conclude: Callable[[Reply | None], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """Ask, show what comes meanwhile, and return what `conclude` makes of the reply (None: the user cancelled).

    The progress ends with the result's "reason". Raises what `ask` raises.
    """
    work = asyncio.ensure_future(
        ask(request, _TIMEOUT_S, patient=True, on_partial=lambda partial: editor.report(partial.text))
    )
    outcome = "nothing was written"
    try:
        await editor.begin(title, on_cancel=work.cancel)
        result = await conclude(await _unless_cancelled(work))
        outcome = result["reason"] or "done"
        return result
    finally:
        work.cancel()
        editor.end(outcome)


async def _unless_cancelled(work: asyncio.Future[Reply]) -> Reply | None:
    """The reply, or None when the work (and not its waiter) was cancelled."""
    await asyncio.wait({work})
    return None if work.cancelled() else work.result()


async def put(
    document: OpenDocument, revision: int, span: tuple[Point, Point], text: str, title: str, editor: WritingEditor
) -> dict[str, Any]:
    """Have the editor put `text` in the place of `span`, as it was in `revision`; {"applied", "text", "reason"}.

    A refusal is told to the user as well.
    """
    return await put_all(document, revision, [(span, text)], text, title, editor)


async def put_all(
    document: OpenDocument,
    revision: int,
    changes: Sequence[Change],
    text: str,
    title: str,
    editor: WritingEditor,
) -> dict[str, Any]:
    """As `put`, for several `changes` of one edit; `text` is what they come to."""
    reason = await _why_not_put(document, revision, changes, title, editor)
    if reason:
        editor.warn(f"Shadowpen: {reason}.")
    return {"applied": not reason, "text": text, "reason": reason}


async def _why_not_put(
    document: OpenDocument, revision: int, changes: Sequence[Change], title: str, editor: WritingEditor
) -> str:
    if document.closed or document.revision != revision:
        return "the text changed meanwhile and was left as it is"
    target = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    edits = [types.TextEdit(types.Range(*map(document.position, span)), text) for span, text in changes]
    change = types.TextDocumentEdit(text_document=target, edits=list(edits))
    answer = await editor.apply(title, types.WorkspaceEdit(document_changes=[change]))
    if answer.applied:
        return ""
    if answer.failure_reason:
        return f"the editor did not apply the edit: {answer.failure_reason}"
    return "the editor did not take the text, which may have come too late; choose the same action again"


def refused(reason: str) -> dict[str, Any]:
    """The result of a command that wrote nothing."""
    return {"applied": False, "text": "", "reason": reason}
