"""A document's mistakes as the editor shows them: each with its place, as a diagnostic.

This file knows neither how mistakes are found nor when they are told.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from shadowpen.daemon.grammar.blocks import Block
from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point

SOURCE = "shadowpen"


@dataclass(frozen=True)
class Mistake:
    """A finding in a document, from `start` to `end`, where `text` stands."""

    start: Point
    end: Point
    text: str
    finding: GrammarFinding


@dataclass(frozen=True)
class Shown:
    """The mistakes of a document as it was in `revision`."""

    document: OpenDocument
    revision: int
    mistakes: tuple[Mistake, ...]

    @property
    def holds(self) -> bool:
        """Whether the document is still what it was, so that the places are right."""
        return not self.document.closed and self.document.revision == self.revision


def located(block: Block, finding: GrammarFinding) -> Mistake:
    """The finding in its document; line ends count as the editor counts them."""
    origin = Point(block.line, 0)
    start, end = (origin.after(block.text[:offset]) for offset in (finding.start, finding.end))
    return Mistake(start, end, block.text[finding.start : finding.end], finding)


def diagnostic(document: OpenDocument, mistake: Mistake) -> types.Diagnostic:
    """The mistake as editors show it, quietly: nothing here is an error."""
    finding = mistake.finding
    return types.Diagnostic(
        range=types.Range(document.position(mistake.start), document.position(mistake.end)),
        message=finding.message,
        severity=types.DiagnosticSeverity.Information if finding.is_mistake else types.DiagnosticSeverity.Hint,
        code=finding.rule,
        source=SOURCE,
    )
