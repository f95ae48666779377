"""When a document is checked and what is told of it: a moment after the last key, and its changed paragraphs alone.

What was read once is known by its text, so a check after an edit costs a paragraph. Nothing waits for a check: it
runs in another process, and its answer is dropped when the text moved on meanwhile. This file knows no editor.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from shadowpen.daemon import vocabulary
from shadowpen.daemon.config import GrammarSettings
from shadowpen.daemon.errors import StateUnusable
from shadowpen.lsp_server.documents import Document
from shadowpen.lsp_server.grammar import checker, fixes
from shadowpen.lsp_server.grammar.blocks import LANGUAGES, Block, blocks
from shadowpen.lsp_server.grammar.checker import Checker
from shadowpen.lsp_server.grammar.findings import Finding
from shadowpen.lsp_server.grammar.shown import Mistake, Shown, diagnostic, located
from shadowpen.lsp_server.grammar.words import OwnWords
from shadowpen.lsp_server.line_index import split_lines

MOST_CHARACTERS = 300_000  # some 50,000 words, 15 seconds of work; a longer document is not checked
_MOST_SHOWN = 500
_REST_S = 0.5
_KNOWN_BLOCKS = 8192
_IDLE_S = 300.0  # then the process ends, with the 160 MB that it takes
_MISSING = f"Spelling and grammar are switched on, but harper-py is not installed. {checker.HOW_TO_INSTALL}"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """What is known of a block by its text."""

    findings: list[Finding]
    words: Counter[str]


class Grammar:
    """The mistakes of all open documents.

    `publish` takes what the editor shall show, `why_inactive` gives the reason why a document is never read ("" when it
    is), `tell` puts a sentence before the user's eyes.
    """

    def __init__(
        self,
        settings: GrammarSettings,
        words: OwnWords,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        why_inactive: Callable[[Document], str],
        tell: Callable[[str], None],
        *,
        check: Checker | None = None,
        rest_s: float = _REST_S,
        idle_s: float = _IDLE_S,
    ) -> None:
        self._settings, self._words, self._rest_s, self._idle_s = settings, words, rest_s, idle_s
        self._publish, self._why_inactive, self._tell = publish, why_inactive, tell
        self._checker = check or Checker(settings.dialect)
        self._active = False
        self._resting: dict[str, asyncio.TimerHandle] = {}
        self._due: asyncio.Queue[Document] = asyncio.Queue()
        self._working: asyncio.Task[None] | None = None
        self._known: OrderedDict[tuple[str, str], _Read] = OrderedDict()
        self._read: dict[str, list[_Read]] = {}
        self._shown: dict[str, Shown] = {}

    # --- what happens to documents -------------------------------------------------------------------

    def configure(self, *, allowed: bool, documents: Iterable[Document]) -> None:
        """The author switches it on; an editor (not `allowed`) may only switch it off."""
        self._active = self._settings.enabled and allowed
        if self._active and not checker.installed():
            self._active = False
            self._tell(_MISSING)
        for document in documents:
            self.changed(document)

    def changed(self, document: Document) -> None:
        """The document was opened or edited, or other rules hold for it."""
        self._rest_no_more(document.uri)
        if not self._is_checked(document):
            self._clear(document.uri)
            return
        if self._working is None:
            self._working = asyncio.ensure_future(self._work())
        loop = asyncio.get_running_loop()
        self._resting[document.uri] = loop.call_later(self._rest_s, self._due.put_nowait, document)

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
        for shown in list(self._shown.values()):
            self.changed(shown.document)
        return True

    # --- checking ------------------------------------------------------------------------------------

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

    async def _check(self, document: Document) -> None:
        """Read what is not known of the document yet, and tell the editor, unless the text moves on meanwhile."""
        revision, language = document.revision, LANGUAGES[document.language]
        found: list[tuple[Block, _Read]] = []
        for block in blocks(split_lines(document.lines.text()), language):
            if document.revision != revision or document.closed or not self._is_checked(document):
                return
            found.append((block, await self._reading(block.text, language)))
        if document.revision == revision and not document.closed and self._is_checked(document):
            self._read[document.uri] = [read for _, read in found]
            self._words.look_again()
            self._show(Shown(document, revision, tuple(self._mistakes(found))))

    async def _reading(self, text: str, language: str) -> _Read:
        known = self._known.get((language, text))
        if known is None:
            findings = await self._checker.check(text, language)
            known = self._known[language, text] = _Read(findings, Counter(vocabulary.words(text)))
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

    def _is_checked(self, document: Document) -> bool:
        if not self._active or document.language not in LANGUAGES or document.lines.characters > MOST_CHARACTERS:
            return False
        return not self._why_inactive(document)

    def _show(self, shown: Shown) -> None:
        document = shown.document
        before = self._shown.get(document.uri)
        self._shown[document.uri] = shown
        if not shown.mistakes and (before is None or not before.mistakes):
            return
        diagnostics = [diagnostic(document, mistake) for mistake in shown.mistakes[:_MOST_SHOWN]]
        self._publish(types.PublishDiagnosticsParams(document.uri, diagnostics, document.version))

    def _clear(self, uri: str) -> None:
        self._read.pop(uri, None)
        shown = self._shown.pop(uri, None)
        if shown is not None and shown.mistakes:
            self._publish(types.PublishDiagnosticsParams(uri, []))

    def _rest_no_more(self, uri: str) -> None:
        with contextlib.suppress(KeyError):
            self._resting.pop(uri).cancel()
