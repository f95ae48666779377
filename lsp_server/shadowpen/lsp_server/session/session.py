"""One editor's session: what it has open, what it was shown, and what to do when it asks.

All the parts meet here, without the protocol library: methods take the protocol's parameter types and
answer with its result types or plain values, so that they can be driven without a process. No failure of
the daemon leaves this file: it is reported as status, and the answer is "nothing".
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from lsprotocol import types

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import DaemonUnreachable, RequestInvalid, ShadowpenError, from_code
from shadowpen.daemon.showing.attention import Attention
from shadowpen.daemon.wire.protocol import (
    Attend,
    AttentionReport,
    Close,
    Complete,
    Completion,
    Event,
    Explanation,
    Outcome,
    Partial,
    PauseWish,
    Prepare,
    Status,
    StatusReport,
    Why,
)
from shadowpen.lsp_server.documents.context import headings_above, window
from shadowpen.lsp_server.documents.documents import Document, Documents, known_version
from shadowpen.lsp_server.documents.last_edit import LastEdits
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.documents.scope import AuthorSettings, Scope
from shadowpen.lsp_server.editor.options import Options, parse
from shadowpen.lsp_server.ghost_text import completion_fallback, items
from shadowpen.lsp_server.ghost_text.acceptance import AcceptanceTracker, Accepted
from shadowpen.lsp_server.ghost_text.edit_reporter import EditReporter
from shadowpen.lsp_server.ghost_text.explanation import LastAnswers
from shadowpen.lsp_server.ghost_text.growing import GROWING, Growing
from shadowpen.lsp_server.ghost_text.inline import Offer, Suggester, Wish
from shadowpen.lsp_server.ghost_text.outcomes import End, Outcomes
from shadowpen.lsp_server.ghost_text.presses import Presses
from shadowpen.lsp_server.grammar.diagnostics import Grammar
from shadowpen.lsp_server.grammar.words import OwnWords
from shadowpen.lsp_server.session.daemon_link import DaemonClient, DaemonLink, StillWaiting
from shadowpen.lsp_server.session.pause import MANUAL, Pause
from shadowpen.lsp_server.session.status import State, StatusReporter, Training
from shadowpen.lsp_server.writing import expansion
from shadowpen.lsp_server.writing.continuation import continue_paragraph
from shadowpen.lsp_server.writing.writing import Editor, refused

_WARM_UP_S = 60.0  # the first start loads the model
_REPORT_S = 2.0
_SUGGESTING = frozenset({types.TEXT_DOCUMENT_INLINE_COMPLETION, types.TEXT_DOCUMENT_COMPLETION})

Send = Callable[[str, Any], None]


class Session:
    """The state of one editor. `send` takes a notification's method and parameters, `show` a sentence.

    `ask_consent` puts the question whether anything may be kept (see consent.Consent). `look_again` bids an editor that
    asks for diagnostics to ask anew; None for one that is sent them.
    """

    def __init__(
        self,
        client: DaemonClient,
        settings: config.Config,
        send: Send,
        show: Callable[[str], None],
        ask_consent: Callable[[], None] = lambda: None,
        look_again: Callable[[], None] | None = None,
    ) -> None:
        self.documents = Documents()
        self.status = StatusReporter(send, show)
        self.pause = Pause(self._attended)
        self.client_name = ""
        self._settings = settings
        self._options = Options()
        self._authors = AuthorSettings(settings)
        self._scope = Scope(self._options, self._authors)
        self._link = DaemonLink(client)
        self._suggester = Suggester(self._complete, self._failed)
        self._answers = LastAnswers()
        self._presses = Presses()
        self._asked: tuple[str, Place, int] | None = None  # where a menu was asked for last: URI, place, revision
        self._outcomes = Outcomes(self._tell_outcome)
        self._tracker = AcceptanceTracker(self._accepted, self._ended)
        self._send = send
        self._edits = LastEdits()
        self._reporter = EditReporter(self.documents, self._link.ask, ask_consent)
        self.grammar = Grammar(
            settings.grammar,
            OwnWords(store.layout(), settings),
            lambda diagnostics: send(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, diagnostics),
            lambda document: self._scope.why_inactive(document),
            self.status.tell,
            look_again=look_again,
        )
        self._silent_headings = bool(settings.completion.off_headings)
        self._counts = {"shown": 0, "accepted": 0, "accepted_characters": 0}
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: asyncio.Task[None] | None = None

    # --- life ----------------------------------------------------------------------------------------

    def start(self, options: Any = None) -> None:
        """Take the editor's options, and find or start the daemon in the background."""
        for problem in self._settings.problems:
            self.status.tell(problem)
        self.configure(options)
        for work in (self._listen(), self._warm_up()):
            self._begin(work)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it in the background, until the session ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Let go of the daemon, which goes on for others."""
        self.pause.close()
        self._suggester.close()
        await self._reporter.close()
        await self.grammar.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()

    def configure(self, raw: Any) -> None:
        """Take over the editor's options; what is wrong with them is told, and keeps its default."""
        self._options, problems = parse(raw)
        self._scope = Scope(self._options, self._authors)
        for problem in problems:
            self.status.tell(problem)
        self._attended()
        for document in self.documents:
            if not self._served(document):
                self._reporter.set_apart(document)
        self.grammar.configure(allowed=self._options.grammar, documents=self.documents)

    @property
    def never(self) -> frozenset[str]:
        """The methods that there is nothing to answer to, whatever the editor's options."""
        return frozenset() if self.grammar.available else frozenset({types.TEXT_DOCUMENT_DIAGNOSTIC})

    @property
    def idle(self) -> frozenset[str]:
        """The methods that there is nothing to answer to by the options as they are."""
        suggesting = _SUGGESTING if not self._options.enabled else frozenset()
        return suggesting if self.grammar.active else suggesting | {types.TEXT_DOCUMENT_DIAGNOSTIC}

    def refused(self, method: str) -> None:
        """The editor does not use `method`, which it was offered."""
        if method == types.TEXT_DOCUMENT_DIAGNOSTIC:
            self.grammar.push(self.documents)

    # --- documents -----------------------------------------------------------------------------------

    def opened(self, item: types.TextDocumentItem) -> None:
        self.closed(item.uri)  # a client may open what is open: nothing of the text before holds for this one
        document = self.documents.open(item)
        self.grammar.changed(document)
        if self._served(document):
            self._prepare(document)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return
        for edit in document.edits(params.content_changes):
            self._reporter.changed(document.uri, edit)
            ghost = self._tracker.place_of_rest(document.uri)
            suggested = self._tracker.changed(document, edit)
            kind = self._edits.judge(document.uri, edit, None if suggested else ghost)
            # Neovim tells some undos twice, the second time as a line that became what it was.
            document.last_edit = "typed" if suggested else kind or document.last_edit
            if kind == "pasted" and not suggested and not self._tracker.offered(document.uri, edit.inserted):
                self._reporter.pasted(document, edit, served=self._served(document))
        document.version = known_version(params.text_document.version)
        self.grammar.changed(document)

    def closed(self, uri: str) -> None:
        document = self.documents.get(uri)
        if document is None:
            return
        self._reporter.closing(document)
        self.documents.close(uri)
        self._tracker.close(uri)
        self._edits.close(uri)
        self.grammar.closed(uri)
        self._answers.close(uri)
        self._outcomes.closed(uri)
        self._suggester.ghosts.forget(uri)
        self.status.forget(uri)
        if self._link.connected and not self._scope.why_inactive(document):
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
        if self.pause.active:
            return
        place = document.lines.clamp(document.cursor or document.lines.end())
        prefix = window(document.lines, place).prefix
        if prefix:
            self._link.tell(Prepare(id=_new_id(), document=document.uri, prefix=prefix), _WARM_UP_S)

    # --- suggestions ---------------------------------------------------------------------------------

    async def inline(self, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        """Ghost text for a position: an empty list for nothing, whatever the reason."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return types.InlineCompletionList(items=[])
        explicit = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        place, revision = document.place(params.position), document.revision
        selected, with_range = params.context.selected_completion_info, items.takes_range(self.client_name)

        def answer(offers: Sequence[Offer]) -> types.InlineCompletionList:
            built = items.build(offers, document, place, selected, with_range=with_range)
            if built.items:
                self._shown(document, place, offers)
            return built

        def grow(offer: Offer) -> None:
            if document.revision == revision:
                self._send(GROWING, Growing(params.text_document, params.position, answer([offer]).items))

        return answer(await self._offers(document, place, explicit=explicit, on_growth=grow if explicit else None))

    async def completion(self, params: types.CompletionParams) -> types.CompletionList:
        """Suggestions as items of a menu, for clients without ghost text; who asks twice at a place presses a key."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return types.CompletionList(is_incomplete=True, items=[])
        place = document.place(params.position)
        asked = (document.uri, place, document.revision)
        again, self._asked = asked == self._asked, asked
        invoked = params.context is None or params.context.trigger_kind == types.CompletionTriggerKind.Invoked
        offers = await self._offers(document, place, explicit=again and invoked)
        self._shown(document, place, offers)
        return completion_fallback.build(offers, document, place)

    async def why(self, uri: str, position: types.Position) -> Explanation | None:
        """Why there is a suggestion at this place, or none; None where no answer was given for it."""
        document = self.documents.get(uri)
        if document is None:
            return None
        place = document.place(position)
        return await self._explanation(self._tracker.shown_at(uri, place) or self._answers.at(document, place))

    async def why_last(self) -> Explanation | None:
        """As `why`, of the answer given last, wherever that was."""
        return await self._explanation(self._answers.latest)

    async def _explanation(self, id: str | None) -> Explanation | None:
        if not id or not self._link.connected:
            return None
        try:
            reply = await self._link.ask(Why(id=_new_id(), of=id), _REPORT_S)
        except ShadowpenError:
            return None
        return reply if isinstance(reply, Explanation) and reply.reason else None

    async def _offers(
        self,
        document: Document,
        place: Place,
        *,
        explicit: bool,
        on_growth: Callable[[Offer], None] | None = None,
    ) -> list[Offer]:
        """What may be shown at `place`, best first; nothing for documents and moments without suggestions."""
        if self.pause.silences(explicit=explicit) or not self._served(document):
            return []
        document.cursor = place
        above = headings_above(document.lines, place, document.language) if self._silent_headings else []
        wish = Wish(explicit, self._deadline_ms(), self._options.single_line, tuple(above), on_growth=on_growth)
        if explicit:
            wish = self._next_step(document, place, wish)
        revision = document.revision
        offers = await self._suggester.suggest(document, place, wish)
        if offers and self._suggester.reached and document.revision == revision:
            self._presses.answered(document, place, self._suggester.reached)
        id = offers[0].id if offers else self._suggester.last
        if id and document.revision == revision:
            self._answers.note(document, place, id)
        return offers

    def _next_step(self, document: Document, place: Place, wish: Wish) -> Wish:
        """`wish` for the next larger extent where the same key was pressed at this place before; what is shown stays.

        It takes its time then: the writer watches it grow.
        """
        id = self._tracker.shown_at(document.uri, place)
        shown = self._tracker.recent(id) if id is not None else None
        text = shown.text if shown is not None and shown.text.strip() else ""
        return replace(wish, deadline_ms=None, extent=self._presses.pressed(document, place, text), shown=text)

    def _shown(self, document: Document, place: Place, offers: Sequence[Offer]) -> None:
        """The client has these now, the first of them on its screen."""
        if offers:
            best, *others = offers
            self._tracker.shown(document, place, best.id, best.text, best.model, [(o.id, o.text) for o in others])
            self._counts["shown"] += self._outcomes.shown(document.uri, best.id)

    def _deadline_ms(self) -> int | None:
        """The editor may ask for an earlier answer, not for a later one."""
        wished = self._options.deadline_ms
        return None if wished is None else min(wished, self._settings.completion.deadline_ms)

    async def _complete(self, request: Complete, timeout_s: float, on_partial: Callable[[Partial], None]) -> Completion:
        if not self._link.connected:
            self.status.waiting()
        reply = await self._link.ask(request, timeout_s, patient=request.explicit, on_partial=on_partial)
        if not isinstance(reply, Completion):
            raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
        self.status.ready(reply.model)
        return reply

    def confirm(self, id: str, text: str) -> None:
        """The editor says that `text` of suggestion `id` was taken."""
        self._tracker.confirm(id, text, self.documents.get)
        shown = self._tracker.recent(id)
        document = self.documents.get(shown.uri) if shown is not None and shown.accepted else None
        if document is not None:
            document.last_edit = "typed"  # whatever it looked like: some menus put in and take out a lot on the way

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

    async def mistakes(self, uri: str, known_as: str | None) -> types.DocumentDiagnosticReport:
        """What is wrong in a document, as Grammar.report."""
        return await self.grammar.report(self.documents.get(uri), known_as)

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

    def holds_notes(self, uri: str, span: types.Range) -> bool:
        """Whether a range is more than the one character that some editors have selected wherever the cursor is."""
        document = self.documents.get(uri)
        if document is None:
            return False
        start, end = sorted((document.place(span.start), document.place(span.end)))
        return len(document.lines.between(start, end).strip()) > 1

    def _why_not_served(self, document: Document | None) -> str:
        return self._scope.why_inactive(document) if document else "The document is not open here."

    def attend(self, pause: PauseWish | None = None, manual: bool | None = None) -> dict[str, Any]:
        """Pause, go on, or let ghost text come by a key only, in every editor; the status as it is now.

        It holds here at once, and for the others as soon as a daemon can be told; one that starts finds it kept.
        """
        self.pause.order(pause, manual)
        if self._link.connected:
            self._tell_attention()
        else:
            with contextlib.suppress(ShadowpenError):
                Attention(store.layout().attention).change(Attend(id=_new_id(), pause=pause, manual=manual))
        return self.status.now.params()

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
        if self.pause.untold and event.kind != "disconnected":
            self._tell_attention()
        self.pause.heed(event.data.get("attention"))
        if event.kind == "disconnected":
            self.status.waiting("The daemon is not running; it starts with the next key.")
        else:
            self._heed(event.data)

    def _tell_attention(self) -> None:
        """Tell the daemon what was ordered here; one telling at a time, so that the last word is the last one."""
        if self._telling is None or self._telling.done():
            self._telling = self._begin(self._tell_all_attention())

    async def _tell_all_attention(self) -> None:
        while untold := self.pause.untold:
            pause, manual = self.pause.wish()
            reply = None
            try:
                reply = await self._link.ask(Attend(id=_new_id(), pause=pause, manual=manual), _REPORT_S)
            except DaemonUnreachable:
                return  # told when it is heard of again
            except ShadowpenError as error:
                self.status.tell(f"{error.message} {error.hint}".strip())
            if self.pause.untold is untold:  # nothing else was ordered meanwhile
                self.pause.untold = frozenset()
            if isinstance(reply, AttentionReport):
                self.pause.heed(msgspec.structs.asdict(reply))

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

    def _attended(self) -> None:
        """The pause, the manual mode or the editor's own switch may have changed."""
        self.status.manual(MANUAL if self.pause.manual else "")
        if not self._options.enabled:
            self.status.off(State.INACTIVE, "Suggestions are switched off in this editor.")
        elif self.pause.active:
            self.status.off(State.PAUSED, self.pause.sentence, self.pause.until)
        else:
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
