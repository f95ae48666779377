"""Progress that can be cancelled, and edits, as the editor's side of longer work.

This file knows neither documents nor the daemon.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from shadowpen.daemon.base.translation.language import translated

_LINE = 80  # characters that fit where editors show progress
_ANSWER_S = 2.0  # for a client that never answers window/workDoneProgress/create


class WorkDone:
    """One piece of work, under the client's own progress token or, where it allows that, one of ours."""

    def __init__(self, server: LanguageServer, token: types.ProgressToken | None) -> None:
        self._server = server
        self._token = token
        self._draws_itself = token is not None
        self._begun = False
        self.refused = False
        self._early = ""  # reported before the client agreed to the token

    async def begin(self, title: str, on_cancel: Callable[[], object]) -> None:
        """Show `title`; `on_cancel` is called when the user cancels. Without progress in the client: nothing."""
        if self._token is None:
            self._token = await self._created()
        if self._token is None:
            return
        progress = self._server.work_done_progress
        progress.begin(self._token, types.WorkDoneProgressBegin(title=translated(title), cancellable=True))
        progress.tokens[self._token].add_done_callback(lambda _: on_cancel())
        self._begun = True
        if self._early:
            self.report(self._early)

    def report(self, text: str) -> None:
        """Show the text so far: all of it to a client that brought its token to draw it, else a line of its end."""
        if self._token is None or not self._begun:
            self._early = text
            return
        message = text if self._draws_itself else _tail(text)
        report = types.WorkDoneProgressReport(message=message, cancellable=True)
        self._server.work_done_progress.report(self._token, report)

    def end(self, message: str) -> None:
        if self._token is not None and self._begun:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd(message=translated(message)))
            self._server.work_done_progress.tokens.pop(self._token, None)

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult:
        """Have the editor make `edit` as one step of its undo history; an error that it answers is a refusal."""
        wish = types.ApplyWorkspaceEditParams(edit=edit, label=translated(label))
        try:
            answer = await self._server.workspace_apply_edit_async(wish)
        except JsonRpcException as refusal:
            answer = types.ApplyWorkspaceEditResult(applied=False, failure_reason=refusal.message)
        self.refused = not answer.applied
        return answer

    def warn(self, sentence: str) -> None:
        """Put `sentence` before the user's eyes."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, translated(sentence)))

    async def _created(self) -> types.ProgressToken | None:
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return None
        token = f"shadowpen-{uuid.uuid4().hex}"
        try:
            await asyncio.wait_for(self._server.work_done_progress.create_async(token), _ANSWER_S)
        except (TimeoutError, JsonRpcException):
            return None
        return token


def _tail(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE else "…" + line[-_LINE + 1 :]
