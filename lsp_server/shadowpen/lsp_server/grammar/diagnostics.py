"""Check the changed paragraphs of a document a moment after the last key, and send the result.

What was read once is known by its text, so a check after an edit costs a paragraph. Nothing else waits for a check: it
runs in another process, and its answer is dropped when the text moved on meanwhile. An editor is sent what is found,
or asks for it: then nothing is checked that nobody asked for, and nothing is sent. This file knows no editor.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.base.sections import GrammarSettings
from shadowpen.daemon.grammar.blocks import LANGUAGES, Block, blocks
from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.daemon.storage import own_words
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.line_index import split_lines
from shadowpen.lsp_server.grammar import checker, fixes
from shadowpen.lsp_server.grammar.checker import Checker
from shadowpen.lsp_server.grammar.reports import Reports
from shadowpen.lsp_server.grammar.shown import Mistake, Shown, diagnostic, located
from shadowpen.lsp_server.grammar.words import OwnWords

MOST_CHARACTERS = 300_000  # some 50,000 words, 15 seconds of work; a longer document is not checked
_MOST_SHOWN = 500
_REST_S = 0.5
_KNOWN_BLOCKS = 8192
_IDLE_S = 300.0  # then the process ends, with the 160 MB that it takes
_ANSWER_S = (
    5.0  # then who asks shall ask again: a long document may take three times as long, and some give up after ten
)
_MISSING = "Checking of spelling and grammar is on, but harper-py is not installed."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """What is known of a block."""

    findings: list[GrammarFinding]
    words: Counter[str]


class Grammar:
    """The mistakes of all open documents.

    `publish` takes what the editor shall show, `why_inactive` gives the reason why a document is never read ("" when it
    is), `tell` puts a sentence before the user's eyes. `look_again` bids an editor that asks to ask anew; None for one
    that is sent what is found. While it is not `active` it need not hear of edits.
    """

    def __init__(
        self,
        settings: GrammarSettings,
        words: OwnWords,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        why_inactive: Callable[[OpenDocument], str],
        tell: Callable[[str], None],
        *,
        look_again: Callable[[], None] | None = None,
        check: Checker | None = None,
        rest_s: float = _REST_S,
        idle_s: float = _IDLE_S,
        answer_s: float = _ANSWER_S,
    ) -> None:
        self._settings, self._words, self._rest_s, self._idle_s = settings, words, rest_s, idle_s
        self._publish, self._why_inactive, self._tell = publish, why_inactive, tell
        self._look_again, self._answer_s = look_again, answer_s
        self._checker = check or Checker(settings.dialect)
        self.active = False
        self._resting: dict[str, asyncio.TimerHandle] = {}
        self._due: asyncio.Queue[OpenDocument] = asyncio.Queue()
        self._working: asyncio.Task[None] | None = None
        self._known: OrderedDict[tuple[str, str], _Read] = OrderedDict()
        self._read: dict[str, list[_Read]] = {}
        self._shown: dict[str, Shown] = {}
        self._reports = Reports()
        self._unread: set[str] = set()  # what changed since it was told
        self._asking: dict[str, set[asyncio.Future[None]]] = {}

    @property
    def available(self) -> bool:
        """Whether the author wants it and it can be had."""
        return self._settings.enabled and checker.installed()

    # --- what happens to documents -------------------------------------------------------------------

    def configure(self, *, allowed: bool, documents: Iterable[OpenDocument]) -> None:
        """The author switches it on; an editor (not `allowed`) may only switch it off."""
        self.active = self._settings.enabled and allowed
        if self.active and not checker.installed():
            self.active = False
            self._tell(f"{_MISSING} {install_hint('grammar')}")
        self._change_all(documents)

    def push(self, documents: Iterable[OpenDocument]) -> None:
        """The editor does not ask after all: from now on it is sent what is found."""
        self._look_again = None
        self._change_all(documents)

    def changed(self, document: OpenDocument) -> None:
        """The document was opened or edited, or other rules hold for it."""
        self._rest_no_more(document.uri)
        if not self._is_checked(document):
            self._clear(document.uri)
            return
        self._begin()
        self._unread.add(document.uri)
        loop = asyncio.get_running_loop()
        self._resting[document.uri] = loop.call_later(self._rest_s, self._rested, document)

    def closed(self, uri: str) -> None:
        self._rest_no_more(uri)
        self._clear(uri)

    async def close(self) -> None:
        """Check nothing any more, and end the process."""
        for uri in list(self._resting):
            self._rest_no_more(uri)
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        for uri in list(self._asking):
            self._answer(uri)
        await self._checker.close()

    # --- what editors ask for ------------------------------------------------------------------------

    def fixes(self, params: types.CodeActionParams, *, versioned: bool) -> list[types.CodeAction]:
        """Quick fixes for a range, as fixes.fixes."""
        shown = self._shown.get(params.text_document.uri)
        return fixes.fixes(shown, params, versioned=versioned) if shown is not None else []

    def add_word(self, word: str) -> bool:
        """Make `word` one of the author's; False, and the reason is told, if it cannot be written down."""
        try:
            self._words.add(word)
        except StateUnusable as error:
            self._tell(f"{error.message} {error.hint}".strip())
            return False
        self._change_all([shown.document for shown in self._shown.values()])
        return True

    async def report(self, document: OpenDocument | None, known_as: str | None) -> types.DocumentDiagnosticReport:
        """What is wrong in a document as it is when the answer comes, for an editor that has the report `known_as`.

        Nothing for what is never read. TimeoutError: it takes longer than anybody may be kept waiting.
        """
        if document is None:
            return self._reports.answer("", known_as)
        uri = document.uri
        if not self._is_checked(document):
            self._clear(uri)
        elif uri in self._unread or uri not in self._shown:
            self._begin()
            self._unread.add(uri)
            if uri not in self._resting:
                self._due.put_nowait(document)
            await self._told(uri)
        return self._reports.answer(uri, known_as)

    async def _told(self, uri: str) -> None:
        """Wait until a document is read, or not to be read any more."""
        waiting = asyncio.get_running_loop().create_future()
        self._asking.setdefault(uri, set()).add(waiting)
        try:
            async with asyncio.timeout(self._answer_s):
                await waiting
        finally:
            asking = self._asking.get(uri, set())
            asking.discard(waiting)
            if not asking:
                self._asking.pop(uri, None)

    # --- checking ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._working is None:
            self._working = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._idle_s):
                    document = await self._due.get()
            except TimeoutError:
                await self._checker.close()
                continue
            try:
                await self._check(document)
            except Exception as error:  # its text may hold the author's
                _log.warning("A document could not be checked: %s", type(error).__name__)
                self._answer(document.uri)

    async def _check(self, document: OpenDocument) -> None:
        """Read what is not known of the document yet, and tell the editor, unless the text moves on meanwhile."""
        revision = document.revision
        if not self._is_due(document, revision):
            return
        language = LANGUAGES[document.language]
        found: list[tuple[Block, _Read]] = []
        for block in blocks(split_lines(document.lines.text()), language):
            found.append((block, await self._reading(block.text, language)))
            if not self._is_due(document, revision):
                return
        self._read[document.uri] = [read for _, read in found]
        self._words.look_again()
        self._show(Shown(document, revision, tuple(self._mistakes(found))))

    def _is_due(self, document: OpenDocument, revision: int) -> bool:
        """Whether somebody wants to know of the document as it was in `revision`, and does not know yet.

        What is set apart meanwhile shows nothing any more.
        """
        if document.revision != revision or document.closed or document.uri not in self._unread:
            return False
        if not self._is_checked(document):
            self._clear(document.uri)
            return False
        return self._look_again is None or document.uri in self._asking

    async def _reading(self, text: str, language: str) -> _Read:
        known = self._known.get((language, text))
        if known is None:
            findings = await self._checker.check(text, language)
            known = self._known[language, text] = _Read(findings, Counter(own_words.words(text)))
            if len(self._known) > _KNOWN_BLOCKS:
                self._known.popitem(last=False)
        self._known.move_to_end((language, text))
        return known

    def _mistakes(self, found: Iterable[tuple[Block, _Read]]) -> Iterator[Mistake]:
        own: dict[str, bool] = {}
        for block, read in found:
            for finding in read.findings:
                word = block.text[finding.start : finding.end]
                if finding.is_spelling and word not in own:
                    own[word] = self._words.know(word, self._counted())
                if not (finding.is_spelling and own[word]):
                    yield located(block, finding)

    def _counted(self) -> Iterator[Counter[str]]:
        """The words of every block of every open document."""
        return (read.words for reads in self._read.values() for read in reads)

    # --- telling -------------------------------------------------------------------------------------

    def _is_checked(self, document: OpenDocument) -> bool:
        if not self.active or document.language not in LANGUAGES or document.lines.characters > MOST_CHARACTERS:
            return False
        return not self._why_inactive(document)

    def _show(self, shown: Shown) -> None:
        document = shown.document
        self._shown[document.uri] = shown
        diagnostics = [diagnostic(document, mistake) for mistake in shown.mistakes[:_MOST_SHOWN]]
        if self._reports.put(document.uri, diagnostics) and self._look_again is None:
            self._publish(types.PublishDiagnosticsParams(document.uri, diagnostics, document.version))
        self._settle(document.uri)

    def _clear(self, uri: str) -> None:
        self._read.pop(uri, None)
        self._shown.pop(uri, None)
        if self._reports.drop(uri) and self._look_again is None:
            self._publish(types.PublishDiagnosticsParams(uri, []))
        self._settle(uri)

    def _settle(self, uri: str) -> None:
        """What there is to know of a document is known: whoever asked is answered."""
        self._unread.discard(uri)
        self._answer(uri)

    def _answer(self, uri: str) -> None:
        for waiting in self._asking.pop(uri, ()):
            if not waiting.done():
                waiting.set_result(None)

    def _change_all(self, documents: Iterable[OpenDocument]) -> None:
        """Other rules hold for all of these."""
        known = list(documents)
        for document in known:
            self.changed(document)
        if known and self._settings.enabled and self._look_again is not None:
            self._look_again()

    def _rested(self, document: OpenDocument) -> None:
        del self._resting[document.uri]
        if self._look_again is None or document.uri in self._asking:
            self._due.put_nowait(document)

    def _rest_no_more(self, uri: str) -> None:
        with contextlib.suppress(KeyError):
            self._resting.pop(uri).cancel()
