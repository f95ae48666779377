"""One editor's session: its beginning and end, its documents, and text the user waits for.

All the parts meet here, without the protocol library: methods take the protocol's parameter types and answer with its
result types or plain values, so that they can be driven without a process. No failure of the daemon leaves a session:
it is reported as status, and the answer is "nothing".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from lsprotocol import types

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.wire.protocol import Close, Prepare
from shadowpen.lsp_server.documents.context import window
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument, known_version
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.grammar.diagnostics import Grammar
from shadowpen.lsp_server.grammar.words import OwnWords
from shadowpen.lsp_server.session.daemon_link import DaemonClient, DaemonLink
from shadowpen.lsp_server.session.settings import LiveSettings, Scope
from shadowpen.lsp_server.session.status import StatusParams, StatusReporter
from shadowpen.lsp_server.session.suggesting import EditorSuggestions
from shadowpen.lsp_server.writing import expansion, verbs
from shadowpen.lsp_server.writing.continuation import continue_paragraph
from shadowpen.lsp_server.writing.late_texts import LateTexts
from shadowpen.lsp_server.writing.writing import AskForText, WritingEditor, refused

_PREPARE_S = 60.0  # the first start loads the model
_CLOSE_S = 2.0
_SUGGESTING = frozenset({types.TEXT_DOCUMENT_INLINE_COMPLETION, types.TEXT_DOCUMENT_COMPLETION})

Send = Callable[[str, Any], None]


class SessionReport(StatusParams):
    """The status, how often what was done in this session, and the daemon's own report (None: it does not answer)."""

    counts: dict[str, int]
    daemon: Mapping[str, object] | None


class EditorSession:
    """The state of one editor. `send` takes a notification's method and parameters, `show` a sentence.

    `ask_consent` asks whether anything may be kept (see consent.Consent). `look_again` tells an editor that asks for
    diagnostics to ask anew; None for one that is sent them.
    """

    def __init__(
        self,
        client: DaemonClient,
        settings: config.Config,
        send: Send,
        show: Callable[[str], None],
        ask_consent: Callable[[], None] = lambda: None,
        look_again: Callable[[], None] | None = None,
        client_name: str = "",
    ) -> None:
        self.documents = Documents()
        self.status = StatusReporter(send, show)
        self._settings = LiveSettings(settings)
        self._scope = Scope(self._settings)
        self._link = DaemonLink(client)
        self._late_texts = LateTexts()
        self.suggestions = EditorSuggestions(
            self.documents, self._settings, self._link, self.status, send, self._is_served, ask_consent, client_name
        )
        self.daemon = self.suggestions.daemon
        self.grammar = Grammar(
            settings.grammar,
            OwnWords(store.layout(), settings),
            lambda diagnostics: send(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, diagnostics),
            self._scope.why_inactive,
            self.status.tell,
            look_again=look_again,
        )

    # --- beginning and end ---------------------------------------------------------------------------

    def start(self, options: Any = None) -> None:
        """Take the editor's options, and find or start the daemon in the background."""
        for problem in self._settings.author().problems:
            self.status.tell(problem)
        self.configure(options)
        self.daemon.start()

    async def close(self) -> None:
        """Let go of the daemon, which goes on for others."""
        await self.suggestions.close()
        await self.grammar.close()
        await self.daemon.close()
        await self._link.close()

    def configure(self, raw: Any) -> None:
        """Take over the editor's options; what is wrong with them is told, and keeps its default."""
        for problem in self._settings.configure(raw):
            self.status.tell(problem)
        self.daemon.show_attention()
        for document in self.documents:
            if not self._is_served(document):
                self.suggestions.set_apart(document)
        self.grammar.configure(allowed=self._settings.options.grammar, documents=self.documents)

    @property
    def unsupported_methods(self) -> frozenset[str]:
        """The methods that are never answered, whatever the editor's options."""
        return frozenset() if self.grammar.available else frozenset({types.TEXT_DOCUMENT_DIAGNOSTIC})

    @property
    def inactive_methods(self) -> frozenset[str]:
        """The methods that are not answered with the options as they are."""
        suggesting = _SUGGESTING if not self._settings.options.enabled else frozenset()
        return suggesting if self.grammar.active else suggesting | {types.TEXT_DOCUMENT_DIAGNOSTIC}

    def refused(self, method: str) -> None:
        """The editor does not use `method`, which it was offered."""
        if method == types.TEXT_DOCUMENT_DIAGNOSTIC:
            self.grammar.push(self.documents)

    async def report(self) -> SessionReport:
        """The state, this session's counts, and what the daemon says of itself (null: it does not answer)."""
        daemon = msgspec.to_builtins(await self.daemon.report())
        return {**self.status.now.params(), "counts": dict(self.suggestions.counts), "daemon": daemon}

    # --- documents -----------------------------------------------------------------------------------

    def opened(self, item: types.TextDocumentItem) -> None:
        self.closed(item.uri)  # a client may open what is open: nothing of the text before holds for this one
        document = self.documents.open(item)
        self.grammar.changed(document)
        if self._is_served(document):
            self._prepare(document)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return
        for edit in document.edits(params.content_changes):
            self.suggestions.edited(document, edit)
        document.version = known_version(params.text_document.version)
        if self.grammar.active:
            self.grammar.changed(document)

    def closed(self, uri: str) -> None:
        document = self.documents.get(uri)
        if document is None:
            return
        self.suggestions.closing(document)
        self.documents.close(uri)
        self.grammar.closed(uri)
        self.status.forget(uri)
        if self._link.connected and not self._scope.why_inactive(document):
            self._link.tell(Close(id=uuid.uuid4().hex, document=uri), _CLOSE_S)

    def focused(self, uri: str | None, position: types.Position | None = None) -> None:
        """The user turned to a document, or to a place in it: what is read now need not be read at the first key."""
        document = self.documents.get(uri) if uri else None
        if document is not None and self._is_served(document):
            document.cursor = document.place(position) if position else document.cursor
            self._prepare(document)

    async def mistakes(self, uri: str, known_as: str | None) -> types.DocumentDiagnosticReport:
        """What is wrong in a document, as Grammar.report."""
        return await self.grammar.report(self.documents.get(uri), known_as)

    def _is_served(self, document: OpenDocument) -> bool:
        reason = self._scope.why_inactive(document)
        self.status.document(document.uri, reason)
        return not reason

    def _prepare(self, document: OpenDocument) -> None:
        if self.daemon.pause.active:
            return
        place = document.lines.clamp(document.cursor or document.lines.end())
        prefix = window(document.lines, place).prefix
        if prefix:
            self._link.tell(Prepare(id=uuid.uuid4().hex, document=document.uri, prefix=prefix), _PREPARE_S)

    # --- text that is asked for and waited for -------------------------------------------------------

    async def continue_paragraph(self, uri: str, position: types.Position, editor: WritingEditor) -> dict[str, Any]:
        """Write on at `position`; {"applied", "text", "reason"} as continuation.continue_paragraph."""
        document = self.documents.get(uri)
        if document is None or not self._is_served(document):
            return refused(self._why_not_served(document))
        with self.status.busy("Continuing the paragraph."):
            try:
                place = document.place(position)
                ask = self._ask_for(document, place, editor)
                return await continue_paragraph(document, place, ask, editor)
            except ShadowpenError as error:
                self.daemon.failed(error)
                return refused(f"{error.message} {error.hint}".strip())

    async def expand(
        self, uri: str, span: types.Range, wish: expansion.ExpansionOptions, editor: WritingEditor
    ) -> dict[str, Any]:
        """Make a paragraph of the notes in `span`; results as expansion.expand."""
        document = self.documents.get(uri)
        if document is None or not self._is_served(document):
            return expansion.refusal(self._why_not_served(document), wish, editor)
        start, end = document.place(span.start), document.place(span.end)
        with self.status.busy("Expanding the selection."):
            try:
                ask = self._ask_for(document, min(start, end), editor)
                return await expansion.expand(
                    document, start, end, wish, ask, editor, self.suggestions.paragraphs.threads
                )
            except ShadowpenError as error:
                self.daemon.failed(error)
                return expansion.refusal(f"{error.message} {error.hint}".strip(), wish, editor, document.version)

    async def run_verb(
        self, uri: str, span: types.Range, verb: str, options: dict[str, Any], editor: WritingEditor
    ) -> dict[str, Any]:
        """Carry out a verb on `span`; results as verbs.run."""
        document = self.documents.get(uri)
        if document is None or not self._is_served(document):
            return verbs.refusal(self._why_not_served(document), editor)
        places = document.place(span.start), document.place(span.end)

        def ask_at(place: Point) -> AskForText:
            return self._ask_for(document, place, editor)

        with self.status.busy("Working on the text."):
            try:
                return await verbs.run(document, places, verb, options, ask_at, editor)
            except ShadowpenError as error:
                self.daemon.failed(error)
                return verbs.refusal(f"{error.message} {error.hint}".strip(), editor)

    def _ask_for(self, document: OpenDocument, place: Point, editor: WritingEditor) -> AskForText:
        """Ask for text that is to stand at `place`, unless the editor refused just that text before."""
        return self.suggestions.paragraphs.noting(document, place, self._late_texts.asking(self._link.ask, editor))

    def holds_notes(self, uri: str, span: types.Range) -> bool:
        """Whether a range is more than the one character that some editors have selected wherever the cursor is."""
        document = self.documents.get(uri)
        if document is None:
            return False
        start, end = sorted((document.place(span.start), document.place(span.end)))
        return len(document.lines.between(start, end).strip()) > 1

    def _why_not_served(self, document: OpenDocument | None) -> str:
        return self._scope.why_inactive(document) if document else "The document is not open here."
