"""A rule in Harper's place and an editor's documents on both sides of Grammar, for tests of what is told when."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from lsprotocol import types
from support.waiting import until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.sections import GrammarSettings, LearningSettings
from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.grammar.checker import Checker
from shadowpen.lsp_server.grammar.diagnostics import Grammar
from shadowpen.lsp_server.grammar.words import OwnWords

URI = "file:///writing/essay.md"


class Rule(Checker):
    """Every word with an x is misspelled; waits for its gate."""

    def __init__(self) -> None:
        super().__init__("american")
        self.read: list[str] = []
        self.closed = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def check(self, text: str, language: str) -> list[GrammarFinding]:
        self.read.append(text)
        await self.gate.wait()
        found = re.finditer(r"\w*x\w*", text)
        return [
            GrammarFinding(*each.span(), "SpellCheck", "Spelling", "No word.", [each.group().replace("x", "s"), ""])
            for each in found
        ]

    async def close(self) -> None:
        self.closed += 1


class Desk:
    """A Grammar between an editor's documents and a rule; `pulls`: the editor asks, and counts when it is bid to."""

    def __init__(
        self,
        *,
        enabled: bool = True,
        learning: str = "on",
        idle_s: float = 300.0,
        pulls: bool = False,
        rest_s: float = 0.001,
        answer_s: float = 60.0,
    ) -> None:
        self.bid = 0
        self.documents = Documents()
        self.published: list[types.PublishDiagnosticsParams] = []
        self.told: list[str] = []
        self.inactive = ""
        self.rule = Rule()
        settings = Config(grammar=GrammarSettings(enabled=enabled), learning=LearningSettings(enabled=learning))
        self.grammar = Grammar(
            settings.grammar,
            OwnWords(store.layout(), settings),
            self.published.append,
            lambda document: self.inactive,
            self.told.append,
            look_again=self._look_again if pulls else None,
            check=self.rule,
            rest_s=rest_s,
            idle_s=idle_s,
            answer_s=answer_s,
        )
        self.grammar.configure(allowed=True, documents=())

    def _look_again(self) -> None:
        self.bid += 1

    def open(self, text: str, uri: str = URI, language: str = "markdown") -> OpenDocument:
        document = self.documents.open(types.TextDocumentItem(uri, language, 1, text))
        self.grammar.changed(document)
        return document

    def type(self, document: OpenDocument, line: int, character: int, text: str) -> None:
        at = types.Position(line, character)
        document.apply(types.TextDocumentContentChangePartial(types.Range(at, at), text))
        document.version = (document.version or 0) + 1
        self.grammar.changed(document)

    async def next(self, count: int = 1) -> types.PublishDiagnosticsParams:
        await until(lambda: len(self.published) >= count, "diagnostics")
        return self.published[count - 1]

    async def checked(self, marker: str = "ready") -> None:
        """Everything that was due before is done: a document opened after it was."""
        self.open(f"{marker}x", f"file:///{marker}.md")
        await until(lambda: any(each.uri == f"file:///{marker}.md" for each in self.published), "the later document")

    def fixes(self, character: int, *, versioned: bool = True, only: Any = None) -> list[types.CodeAction]:
        at = types.Position(0, character)
        context = types.CodeActionContext([], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(URI), types.Range(at, at), context)
        return self.grammar.fixes(params, versioned=versioned)


def ranges(told: types.PublishDiagnosticsParams) -> list[tuple[int, int, int, int]]:
    spans = [each.range for each in told.diagnostics]
    return [(span.start.line, span.start.character, span.end.line, span.end.character) for span in spans]
