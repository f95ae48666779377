"""Suggestions in one editor: requests, what is shown, and outcomes.

Takes the protocol's parameters and answers with its results. No failure of the daemon leaves this file: it is reported,
and the answer is "nothing". This file knows neither how the editor is spoken to nor when documents open and close.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lsprotocol import types

from shadowpen.daemon.base.errors import RequestInvalid, ShadowpenError
from shadowpen.daemon.wire.protocol import Complete, Completion, Explanation, Outcome, Partial, Why
from shadowpen.lsp_server.documents.context import headings_above
from shadowpen.lsp_server.documents.documents import DocumentEdit, Documents, OpenDocument
from shadowpen.lsp_server.documents.last_edit import LastEdits
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text import completion_fallback, explanation, items, type_through
from shadowpen.lsp_server.ghost_text.acceptance import AcceptanceTracker, Outcomes
from shadowpen.lsp_server.ghost_text.edit_reporter import EditReporter
from shadowpen.lsp_server.ghost_text.growing import GROWING, Growing
from shadowpen.lsp_server.ghost_text.inline import Offer, Suggester, SuggestOptions
from shadowpen.lsp_server.ghost_text.presses import Presses
from shadowpen.lsp_server.ghost_text.suggestions import End, SuggestionRecord, Suggestions
from shadowpen.lsp_server.session.daemon_events import DaemonEvents
from shadowpen.lsp_server.session.daemon_link import DaemonLink
from shadowpen.lsp_server.session.settings import LiveSettings
from shadowpen.lsp_server.session.status import StatusReporter
from shadowpen.lsp_server.writing.taken import TakenParagraphs

_REPORT_S = 2.0

Send = Callable[[str, Any], None]


class EditorSuggestions:
    """The suggestions of one editor. `is_served` tells whether a document gets any; `send` takes a notification."""

    def __init__(
        self,
        documents: Documents,
        settings: LiveSettings,
        link: DaemonLink,
        status: StatusReporter,
        send: Send,
        is_served: Callable[[OpenDocument], bool],
        ask_consent: Callable[[], None],
        client_name: str,
    ) -> None:
        self._documents, self._settings, self._link, self._status = documents, settings, link, status
        self._send, self._is_served, self._client_name = send, is_served, client_name
        self._records = Suggestions()
        self.daemon = DaemonEvents(link, status, settings, self._records.model_changed)
        self._suggester = Suggester(self._records, self._complete, self.daemon.failed)
        self._outcomes = Outcomes(self._records, self._tell_outcome)
        self._tracker = AcceptanceTracker(self._records, self._accepted, self._ended)
        self._edits = LastEdits()
        self.paragraphs = TakenParagraphs(self._paragraph_taken, self._verb_taken)
        self._reporter = EditReporter(documents, self._records, link.ask, ask_consent, settings.author)
        self._presses = Presses()
        self._asked: tuple[str, Point, int] | None = None  # where a menu was asked for last: URI, place, revision
        self.counts = {"shown": 0, "accepted": 0, "accepted_characters": 0}

    # --- what happens to documents -------------------------------------------------------------------

    def edited(self, document: OpenDocument, edit: DocumentEdit) -> None:
        """Judge an edit that `document` already contains."""
        self._reporter.changed(document.uri, edit)
        ghost = self._tracker.place_of_rest(document.uri)
        suggested = self._tracker.changed(document, edit)
        kind = self._edits.judge(document.uri, edit, None if suggested else ghost)
        # Neovim tells some undos twice, the second time as a line that became what it was.
        document.last_edit = "typed" if suggested else kind or document.last_edit
        written = self.paragraphs.changed(document, edit)
        if (
            kind == "pasted"
            and not suggested
            and not written
            and not self._tracker.offered(document.uri, edit.inserted)
        ):
            self._reporter.pasted(document, edit, served=self._is_served(document))

    def closing(self, document: OpenDocument) -> None:
        """The document is about to close: tell what became of its suggestions, and forget them."""
        self._reporter.closing(document)
        self._outcomes.closed(document.uri)
        self._records.close(document.uri)
        self._edits.close(document.uri)
        self.paragraphs.close(document.uri)

    def set_apart(self, document: OpenDocument) -> None:
        """The document is not served any more: nothing of it is told."""
        self._reporter.set_apart(document)

    async def close(self) -> None:
        """The session ends: wait, not for ever, until everything is reported."""
        self._suggester.close()
        await self._reporter.close()

    # --- what the editor asks for --------------------------------------------------------------------

    async def inline(self, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        """Ghost text for a position: an empty list for nothing, whatever the reason."""
        document = self._documents.get(params.text_document.uri)
        if document is None:
            return types.InlineCompletionList(items=[])
        explicit = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        place, revision = document.place(params.position), document.revision
        selected, with_range = params.context.selected_completion_info, items.takes_range(self._client_name)

        def answer(offers: Sequence[Offer]) -> types.InlineCompletionList:
            built = items.build(offers, document, place, selected, with_range=with_range)
            if built.items:
                self._show(document, place, offers)
            return built

        def grow(offer: Offer) -> None:
            if document.revision == revision:
                self._send(GROWING, Growing(params.text_document, params.position, answer([offer]).items))

        return answer(await self._offers(document, place, explicit=explicit, on_growth=grow if explicit else None))

    async def completion(self, params: types.CompletionParams) -> types.CompletionList:
        """Suggestions as items of a menu, for clients without ghost text; asking twice at a place counts as a key."""
        document = self._documents.get(params.text_document.uri)
        if document is None:
            return types.CompletionList(is_incomplete=True, items=[])
        place = document.place(params.position)
        asked = (document.uri, place, document.revision)
        again, self._asked = asked == self._asked, asked
        invoked = params.context is None or params.context.trigger_kind == types.CompletionTriggerKind.Invoked
        offers = await self._offers(document, place, explicit=again and invoked)
        self._show(document, place, offers)
        return completion_fallback.build(offers, document, place)

    async def why(self, uri: str, position: types.Position) -> Explanation | None:
        """Why there is a suggestion at this place, or none; None where no answer was given for it."""
        document = self._documents.get(uri)
        if document is None:
            return None
        place = document.place(position)
        shown = self._tracker.shown_at(uri, place)
        return await self._explanation(shown.id if shown is not None else self._records.answer_at(document, place))

    async def why_last(self) -> Explanation | None:
        """As `why`, of the answer given last, wherever that was; `FORGOTTEN` where the daemon knows it no longer."""
        latest = self._records.latest_answer
        forgotten = Explanation(id="", reason=explanation.FORGOTTEN) if latest else None
        return await self._explanation(latest) or forgotten

    def confirm(self, id: str, text: str) -> None:
        """The editor says that `text` of suggestion `id` was taken."""
        self._tracker.confirm(id, text, self._documents.get)
        record = self._records.get(id)
        if record is not None and record.display is not None and record.display.accepted:
            document = self._documents.get(record.uri)
            if document is not None:
                document.last_edit = "typed"  # whatever it looked like: some menus put in and take out a lot on the way

    def dismiss(self, id: str | None) -> None:
        """The user dismissed suggestion `id` (None: the one that is shown)."""
        for record in self._tracker.dismiss(id):
            type_through.dismiss(self._records, record.uri, record.id)

    def rate(self, rating: float) -> bool:
        """The user's rating, 1 (bad) to 5 (good), of what they took last; False if there is nothing to rate."""
        return self._reporter.rate(rating)

    # --- from the daemon to the editor and back ------------------------------------------------------

    async def _offers(
        self,
        document: OpenDocument,
        place: Point,
        *,
        explicit: bool,
        on_growth: Callable[[Offer], None] | None = None,
    ) -> Sequence[Offer]:
        """What may be shown at `place`, best first; nothing for documents and moments without suggestions."""
        if self.daemon.pause.silences(explicit=explicit) or not self._is_served(document):
            return ()
        document.cursor = place
        needs_headings = bool(self._settings.author().completion.off_headings)
        above = headings_above(document.lines, place, document.language) if needs_headings else []
        deadline_ms, single_line = self._settings.deadline_ms(), self._settings.options.single_line
        wish = SuggestOptions(explicit, deadline_ms, single_line, tuple(above), on_growth=on_growth)
        if explicit:
            wish = self._next_step(document, place, wish)
        revision = document.revision
        answer = await self._suggester.suggest(document, place, wish)
        if answer.offers and answer.reached and document.revision == revision:
            self._presses.answered(document, place, answer.reached)
        if answer.request and document.revision == revision:
            self._records.note_answer(document, place, answer.request)
        return answer.offers

    def _next_step(self, document: OpenDocument, place: Point, wish: SuggestOptions) -> SuggestOptions:
        """`wish` for the next larger extent where the same key was pressed at this place before; what is shown stays.

        It takes its time then: the writer watches it grow.
        """
        shown = self._tracker.shown_at(document.uri, place)
        text = shown.display.text if shown is not None and shown.display is not None else ""
        text = text if text.strip() else ""
        return replace(wish, deadline_ms=None, extent=self._presses.pressed(document, place, text), shown=text)

    def _show(self, document: OpenDocument, place: Point, offers: Sequence[Offer]) -> None:
        """The client has these now, the first of them on its screen."""
        shown = [(record, offer.text) for offer in offers if (record := self._records.get(offer.id)) is not None]
        if shown:
            self._tracker.shown(document, place, shown)
            self.counts["shown"] += self._outcomes.shown(shown[0][0])

    async def _complete(self, request: Complete, timeout_s: float, on_partial: Callable[[Partial], None]) -> Completion:
        if not self._link.connected:
            self._status.waiting()
        reply = await self._link.ask(request, timeout_s, patient=request.explicit, on_partial=on_partial)
        if not isinstance(reply, Completion):
            raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
        self._status.ready(reply.model)
        return reply

    async def _explanation(self, id: str | None) -> Explanation | None:
        if not id or not self._link.connected:
            return None
        try:
            reply = await self._link.ask(Why(id=uuid.uuid4().hex, of=id), _REPORT_S)
        except ShadowpenError:
            return None
        return reply if isinstance(reply, Explanation) and reply.reason else None

    def _tell_outcome(self, outcome: Outcome) -> None:
        if self._link.connected:
            self._link.tell(outcome, _REPORT_S)

    def _accepted(self, record: SuggestionRecord) -> None:
        assert record.display is not None, "what was never shown is never taken"
        characters = len(record.display.passed)
        before = self._outcomes.taken(record, characters)
        self.counts["accepted"] += not before
        self.counts["accepted_characters"] += max(0, characters - before)
        self._reporter.accepted(record)

    def _paragraph_taken(self, record: SuggestionRecord, notes: str) -> None:
        self._reporter.accepted(self._records.add(record), notes)

    def _verb_taken(self, record: SuggestionRecord) -> None:
        self._reporter.produced(self._records.add(record))

    def _ended(self, record: SuggestionRecord, how: End) -> None:
        self._outcomes.ended(record, how)
        self._reporter.ended(record, how)
