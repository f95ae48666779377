"""Quick fixes for mistakes: each suggestion as an edit, and adding a word to the user's own.

Nothing is offered for a text that has changed since it was checked. This file knows no checker.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.grammar.findings import MOST_SUGGESTIONS
from shadowpen.lsp_server.grammar.shown import Mistake, Shown, diagnostic

ADD_WORD_COMMAND = "shadowpen.addWord"
KIND = types.CodeActionKind.QuickFix
_LONGEST_TITLE = 60


def wanted(params: types.CodeActionParams) -> bool:
    """Whether the client asks for all kinds, or for this one."""
    names = [str(getattr(name, "value", name)) for name in params.context.only or ()]
    return not names or "" in names or str(KIND.value) in names


def fixes(shown: Shown, params: types.CodeActionParams, *, versioned: bool) -> list[types.CodeAction]:
    """The actions for every mistake that the range touches; `versioned` for clients that know versions of edits."""
    if not shown.holds or not wanted(params):
        return []
    first, last = sorted((shown.document.place(params.range.start), shown.document.place(params.range.end)))
    touched = [mistake for mistake in shown.mistakes if mistake.start <= last and mistake.end >= first]
    return [action for mistake in touched for action in _for(shown, mistake, versioned=versioned)]


def _for(shown: Shown, mistake: Mistake, *, versioned: bool) -> Iterator[types.CodeAction]:
    about = diagnostic(shown.document, mistake)
    for rank, replacement in enumerate(mistake.finding.suggestions[:MOST_SUGGESTIONS]):
        yield types.CodeAction(
            title=_title(mistake.text, replacement),
            kind=KIND,
            diagnostics=[about],
            is_preferred=True if rank == 0 else None,
            edit=_edit(shown, types.TextEdit(about.range, replacement), versioned=versioned),
        )
    if mistake.finding.is_spelling:
        title = translated(f"Add “{_short(mistake.text)}” to my words")
        command = types.Command(title=title, command=ADD_WORD_COMMAND, arguments=[mistake.text])
        yield types.CodeAction(title=title, kind=KIND, diagnostics=[about], command=command)


def _edit(shown: Shown, edit: types.TextEdit, *, versioned: bool) -> types.WorkspaceEdit:
    if not versioned:
        return types.WorkspaceEdit(changes={shown.document.uri: [edit]})
    target = types.OptionalVersionedTextDocumentIdentifier(uri=shown.document.uri, version=shown.document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(text_document=target, edits=[edit])])


def _title(text: str, replacement: str) -> str:
    if not replacement:
        return translated(f"Remove “{_short(text)}”")
    if replacement.startswith(text):
        return translated(f"Insert “{_short(replacement[len(text) :])}”")
    return translated(f"Replace with “{_short(replacement)}”")


def _short(text: str) -> str:
    line = " ".join(text.split()) or text
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"
