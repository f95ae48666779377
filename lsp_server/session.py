"""One editor's session: what it has open, what it was shown, and what to do when it asks.

All the parts meet here, without the protocol library: methods take the protocol's parameter types and
answer with its result types or plain values, so that they can be driven without a process. No failure of
the daemon leaves this file: it is reported as status, and the answer is "nothing".
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from lsprotocol import types

from shadowpen.daemon import config
from shadowpen.daemon.errors import RequestInvalid, ShadowpenError, from_code
from shadowpen.daemon.protocol import Close, Complete, Completion, Event, Outcome, Prepare, Status, StatusReport
from shadowpen.lsp_server import expansion, items
from shadowpen.lsp_server.acceptance import AcceptanceTracker, Accepted
from shadowpen.lsp_server.context import window
from shadowpen.lsp_server.continuation import continue_paragraph
from shadowpen.lsp_server.daemon_link import DaemonClient, DaemonLink, StillWaiting
from shadowpen.lsp_server.documents import Document, Documents, known_version
from shadowpen.lsp_server.edit_reporter import EditReporter
from shadowpen.lsp_server.inline import Suggester, Wish
from shadowpen.lsp_server.last_edit import kind_of
from shadowpen.lsp_server.options import Options, parse
from shadowpen.lsp_server.outcomes import End, Outcomes
from shadowpen.lsp_server.pause import Pause
from shadowpen.lsp_server.scope import Scope
from shadowpen.lsp_server.status import State, StatusReporter, Training
from shadowpen.lsp_server.writing import Editor, refused

_WARM_UP_S = 60.0  # the first start loads the model
_REPORT_S = 2.0

Send = Callable[[str, dict[str, Any]], None]


class Session:
    """The state of one editor. `send` takes a notification's method and parameters, `show` a sentence.

    `ask_consent` puts the question whether anything may be kept (see consent.Consent).
    """

    def __init__(
        self,
        client: DaemonClient,
        settings: config.Config,
        send: Send,
        show: Callable[[str], None],
        ask_consent: Callable[[], None] = lambda: None,
    ) -> None:
        self.documents = Documents()
        self.status = StatusReporter(send, show)
        self.pause = Pause(self._paused)
        self.client_name = ""
        self._settings = settings
        self._options = Options()
        self._scope = Scope(self._options, settings.learning)
        self._link = DaemonLink(client)
        self._suggester = Suggester(self._complete, self._failed)
        self._outcomes = Outcomes(self._tell_outcome)
        self._tracker = AcceptanceTracker(self._accepted, self._ended)
        self._reporter = EditReporter(self.documents, self._link.ask, ask_consent)
        self._counts = {"shown": 0, "accepted": 0, "accepted_characters": 0}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ----------------------------------------------------------------------------------------

    def start(self, options: Any = None) -> None:
        """Take the editor's options, and find or start the daemon in the background."""
        for problem in self._settings.problems:
            self.status.tell(problem)
        self.configure(options)
        for work in (self._listen(), self._warm_up()):
            task = asyncio.ensure_future(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let go of the daemon, which goes on for others."""
        self._suggester.close()
        await self._reporter.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()

    def configure(self, raw: Any) -> None:
        """Take over the editor's options; what is wrong with them is told, and keeps its default."""
        self._options, problems = parse(raw)
        self._scope = Scope(self._options, self._settings.learning)
        for problem in problems:
            self.status.tell(problem)
        if not self._options.enabled:
            self.status.off(State.INACTIVE, "Suggestions are switched off in this editor.")
        elif not self.pause.active:
            self.status.on()
        for document in self.documents:
            self._served(document)

    # --- documents -----------------------------------------------------------------------------------

    def opened(self, item: types.TextDocumentItem) -> None:
        self.closed(item.uri)  # a client may open what is open: nothing of the text before holds for this one
        document = self.documents.open(item)
        if self._served(document):
            self._prepare(document)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return
        for change in params.content_changes:
            edit = document.apply(change)
            self._reporter.changed(document.uri, edit)
            suggested = self._tracker.changed(document, edit)
            document.last_edit = "typed" if suggested else kind_of(edit)
            if document.last_edit == "pasted":
                self._reporter.pasted(document, edit)
        document.version = known_version(params.text_document.version)

    def closed(self, uri: str) -> None:
        document = self.documents.get(uri)
        if document is None:
            return
        self._reporter.closing(document)
        self.documents.close(uri)
        self._tracker.close(uri)
        self._outcomes.closed(uri)
        self._suggester.ghosts.forget(uri)
        self.status.forget(uri)
        if self._link.connected:
            self._link.tell(Close(id=_new_id(), document=uri), _REPORT_S)

    def focused(self, uri: str | None, position: types.Position | None = None) -> None:
        """The user turned to a document, or to a place in it: what is read now need not be read at the first key."""
        document = self.documents.get(uri) if uri else None
        if document is not None and self._served(document):
            document.cursor = document.place(position) if position else document.cursor
            self._prepare(document)

    def _served(self, document: Document) -> bool:
        reason = self._scope.why_inactive(document)
        self.status.document(document.uri, reason)
        return not reason

    def _prepare(self, document: Document) -> None:
        place = document.lines.clamp(document.cursor or document.lines.end())
        prefix = window(document.lines, place).prefix
        if prefix:
            self._link.tell(Prepare(id=_new_id(), document=document.uri, prefix=prefix), _WARM_UP_S)

    # --- suggestions ---------------------------------------------------------------------------------

    async def inline(self, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        """Ghost text for a position: an empty list for nothing, whatever the reason."""
        document = self.documents.get(params.text_document.uri)
        if document is None or self.pause.active or not self._served(document):
            return types.InlineCompletionList(items=[])
        place = document.cursor = document.place(params.position)
        explicit = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        wish = Wish(explicit, self._deadline_ms(), self._options.single_line)
        offers = await self._suggester.suggest(document, place, wish)
        answer = items.build(
            offers,
            document,
            place,
            params.context.selected_completion_info,
            with_range=items.takes_range(self.client_name),
        )
        if answer.items:
            self._tracker.shown(document, place, offers[0].id, offers[0].text, offers[0].model)
            self._counts["shown"] += self._outcomes.shown(document.uri, offers[0].id)
        return answer

    def _deadline_ms(self) -> int | None:
        """The editor may ask for an earlier answer, not for a later one."""
        wished = self._options.deadline_ms
        return None if wished is None else min(wished, self._settings.completion.deadline_ms)

    async def _complete(self, request: Complete, timeout_s: float) -> Completion:
        if not self._link.connected:
            self.status.waiting()
        reply = await self._link.ask(request, timeout_s, patient=request.explicit)
        if not isinstance(reply, Completion):
            raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
        self.status.ready(reply.model)
        return reply

    def confirm(self, id: str, text: str) -> None:
        """The editor says that `text` of suggestion `id` was taken."""
        self._tracker.confirm(id, text, self.documents.get)

    def dismiss(self, id: str | None) -> None:
        """The editor says that suggestion `id` (None: the one it shows) was waved away."""
        for uri, dismissed in self._tracker.dismiss(id):
            self._suggester.ghosts.dismiss(uri, dismissed)

    def rate(self, rating: float) -> bool:
        """The author's mark, 1 (bad) to 5 (good), for what they took last; False if there is nothing to mark."""
        return self._reporter.rate(rating)

    def _tell_outcome(self, outcome: Outcome) -> None:
        if self._link.connected:
            self._link.tell(outcome, _REPORT_S)

    def _accepted(self, accepted: Accepted) -> None:
        before = self._outcomes.taken(accepted.id, len(accepted.taken))
        self._counts["accepted"] += not before
        self._counts["accepted_characters"] += max(0, len(accepted.taken) - before)
        self._reporter.accepted(accepted)

    def _ended(self, id: str, how: End) -> None:
        self._outcomes.ended(id, how)
        self._reporter.ended(self._tracker.recent(id), how)

    # --- commands ------------------------------------------------------------------------------------

    async def continue_paragraph(self, uri: str, position: types.Position, editor: Editor) -> dict[str, Any]:
        """Write on at `position`; {"applied", "text", "reason"} as continuation.continue_paragraph."""
        document = self.documents.get(uri)
        if document is None or not self._served(document):
            return refused(self._why_not_served(document))
        with self.status.busy("Continuing the paragraph."):
            try:
                return await continue_paragraph(document, document.place(position), self._link.ask, editor)
            except ShadowpenError as error:
                self._failed(error)
                return refused(f"{error.message} {error.hint}".strip())

    async def expand(self, uri: str, span: types.Range, wish: expansion.Wish, editor: Editor) -> dict[str, Any]:
        """Make a paragraph of the notes in `span`; results as expansion.expand."""
        document = self.documents.get(uri)
        if document is None or not self._served(document):
            return expansion.refusal(self._why_not_served(document), wish, editor)
        start, end = document.place(span.start), document.place(span.end)
        with self.status.busy("Expanding the selection."):
            try:
                return await expansion.expand(document, start, end, wish, self._link.ask, editor)
            except ShadowpenError as error:
                self._failed(error)
                return expansion.refusal(f"{error.message} {error.hint}".strip(), wish, editor, document.version)

    def _why_not_served(self, document: Document | None) -> str:
        return self._scope.why_inactive(document) if document else "The document is not open here."

    async def report(self) -> dict[str, Any]:
        """The state, this session's counts, and what the daemon says of itself (null: it does not answer)."""
        try:
            reply = await self._link.ask(Status(id=_new_id()), _REPORT_S)
        except ShadowpenError:
            reply = None
        daemon = reply.report if isinstance(reply, StatusReport) else None
        return {**self.status.now.params(), "counts": dict(self._counts), "daemon": daemon}

    # --- the daemon ----------------------------------------------------------------------------------

    async def _warm_up(self) -> None:
        try:
            reply = await self._link.ask(Status(id=_new_id()), _WARM_UP_S)
        except ShadowpenError as error:
            self._failed(error)
        else:
            self._heed(reply.report.get("model") if isinstance(reply, StatusReport) else None)

    async def _listen(self) -> None:
        async for event in self._link.events():
            self._heard(event)

    def _heard(self, event: Event) -> None:
        if event.kind == "model_swapped":
            self._suggester.ghosts.forget()  # what another model said is not what this one would
        if event.kind == "training":
            self.status.training(_training(event.data.get("training")))
        if event.kind == "disconnected":
            self.status.waiting("The daemon is not running; it starts with the next key.")
        else:
            self._heed(event.data)

    def _heed(self, model: Any) -> None:
        """Take over what the daemon says of its model; see daemon.model_slot.ModelSlot.state."""
        told = model if isinstance(model, dict) else {}
        match told.get("state"):
            case "ready":
                self.status.ready(str(told.get("model", "")))
            case "loading":
                self.status.waiting("The model is being loaded.")
            case "failed":
                error = told.get("error") or {}
                self._failed(from_code(error.get("code", ""), error.get("message", ""), error.get("hint", "")))
            case _ if self.status.now.state is State.STARTING:
                self.status.ready()

    def _failed(self, error: ShadowpenError) -> None:
        if isinstance(error, StillWaiting):
            self.status.waiting(error.message)
        else:
            self.status.failed(error)

    def _paused(self, message: str) -> None:
        if message:
            self.status.off(State.PAUSED, message)
        elif self._options.enabled:
            self.status.on()


def _training(told: Any) -> Training | None:
    """A run as the daemon tells of it (see daemon.training.watcher); None when it has ended, or for nonsense."""
    if not isinstance(told, dict) or told.get("state") not in ("running", "paused"):
        return None
    if told["state"] == "paused":
        return Training("Waiting until nobody types")
    done, total = told.get("done"), told.get("total")
    fraction = None
    if isinstance(done, int | float) and isinstance(total, int | float) and total > 0:
        fraction = round(min(1.0, done / total), 2)
    return Training(str(told.get("phase", "")), fraction)


def _new_id() -> str:
    return uuid.uuid4().hex
