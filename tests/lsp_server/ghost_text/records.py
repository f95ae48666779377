"""Records of suggestions for tests: made up where only their id, place or text matters."""

from __future__ import annotations

from lsprotocol import types

from shadowpen.lsp_server.documents.context import TextWindow
from shadowpen.lsp_server.documents.documents import Documents
from shadowpen.lsp_server.ghost_text.suggestions import SuggestionRecord


def a_record(
    id: str = "g1",
    text: str = " brown fox jumps",
    prefix: str = "The quick",
    *,
    final: bool = True,
    uri: str = "file:///a.md",
    language: str = "markdown",
) -> SuggestionRecord:
    """`text`, suggested behind `prefix`, the beginning of a document."""
    document = Documents().open(types.TextDocumentItem(uri, language, 1, prefix))
    return SuggestionRecord.made(id, document, TextWindow(prefix, "", True), text, final=final, model="m@base")
