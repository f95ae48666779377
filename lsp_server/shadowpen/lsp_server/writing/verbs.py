"""Verbs on a selection or a paragraph: code actions and their command.

Correcting and reformatting change the text where it stands; a summary or an outline is put above it, so that nothing
of the user's is lost. Each is one edit, refused when the text is no longer the one it was made for. This file knows
neither the daemon's connection nor what a verb does.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lsprotocol import types

from shadowpen.daemon.base.errors import RequestCancelled, RequestInvalid
from shadowpen.daemon.text.sentences import SENTENCE_END
from shadowpen.daemon.wire.protocol import Reply, RunVerb, VerbEdit, VerbResult
from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.writing import writing

VERB_COMMAND = "shadowpen.verb"
_BEFORE_CHARACTERS = 400
_BY_MODEL = frozenset({"correct", "rewrite"})
_ABOVE = frozenset({"summarize", "outline"})
# Title, verb and options; the first alone is offered without a selection, for the paragraph at the cursor.
_OFFERED: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Correct spelling and grammar", "correct", {}),
    ("Rewrite: shorter", "rewrite", {"to": "shorter"}),
    ("Rewrite: plainer", "rewrite", {"to": "plainer"}),
    ("Rewrite: more formal", "rewrite", {"to": "formal"}),
    ("Rewrite: friendlier", "rewrite", {"to": "friendlier"}),
    ("Put a summary above", "summarize", {}),
    ("Put an outline above", "outline", {}),
    ("Reformat as a list", "reformat", {"to": "list"}),
    ("Reformat as prose", "reformat", {"to": "prose"}),
    ("Reformat as a table", "reformat", {"to": "table"}),
    ("Reformat as plain text", "reformat", {"to": "plain"}),
    ("Reformat as Markdown", "reformat", {"to": "markdown"}),
)


def code_actions(params: types.CodeActionParams, *, selected: bool, tagged: bool) -> list[types.CodeAction]:
    """The actions for a range; `selected`: whether it is more than a cursor."""
    if not writing.offered(params):
        return []
    start, end = params.range.start, params.range.end
    span = {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
    return [
        writing.action(
            title, VERB_COMMAND, [params.text_document.uri, span, verb, options], tagged=tagged and verb in _BY_MODEL
        )
        for title, verb, options in (_OFFERED if selected else _OFFERED[:1])
    ]


async def run(
    document: OpenDocument,
    span: tuple[Point, Point],
    verb: str,
    options: Mapping[str, Any],
    ask_at: Callable[[Point], writing.AskForText],
    editor: writing.WritingEditor,
) -> dict[str, Any]:
    """Carry out `verb` on `span`, or on the paragraph around an empty one: {"applied", "text", "reason"}.

    `ask_at` asks for text that is to stand at a place. With the option `preview` nothing is changed: see `_preview`.
    """
    wished = dict(options)
    preview = wished.pop("preview", False) is True
    version, revision = document.version, document.revision
    start, end = _solid(document, *_widened(document, *sorted(span)))
    text = document.lines.between(start, end)
    if not text:
        return refusal("there is no text here: select some first", editor)
    request = RunVerb(
        id=uuid.uuid4().hex,
        document=document.uri,
        verb=verb,
        text=plain_ends(text),
        before=plain_ends(document.lines.before(start, _BEFORE_CHARACTERS)),
        language=document.language,
        options=wished,
    )
    title = f"Shadowpen: {verb}"

    async def conclude(reply: Reply | None) -> dict[str, Any]:
        if reply is None:
            return writing.refused(writing.CANCELLED)
        if not isinstance(reply, VerbResult):
            raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
        if preview:
            return _preview(document, request, (start, end), version, reply)
        if not reply.edits and reply.text == request.text:
            return refusal(reply.notes[0] if reply.notes else "there is nothing to change", editor)
        changes = _changes(request, reply, start, end)
        return await writing.put_all(document, revision, changes, reply.text, title, editor)

    try:
        return await writing.carry_out(request, title, ask_at(start), editor, conclude)
    except (RequestInvalid, RequestCancelled) as error:  # about this text, not about the daemon
        return refusal(f"{error.message} {error.hint}".strip(), editor)


def refusal(reason: str, editor: writing.WritingEditor) -> dict[str, Any]:
    """The result where nothing is changed; the user is told."""
    editor.warn(f"Shadowpen: {reason.rstrip('.')}.")
    return writing.refused(reason)


def _changes(request: RunVerb, reply: VerbResult, start: Point, end: Point) -> list[writing.Change]:
    if request.verb in _ABOVE:
        return [((start, start), f"{reply.text}\n\n")]
    if reply.edits:
        return [(_place(request.text, start, edit), edit.text) for edit in reply.edits]
    return [((start, end), reply.text)]


def _place(text: str, start: Point, edit: VerbEdit) -> tuple[Point, Point]:
    return start.after(text[: edit.start]), start.after(text[: edit.end])


def _preview(
    document: OpenDocument, request: RunVerb, span: tuple[Point, Point], version: int | None, reply: VerbResult
) -> dict[str, Any]:
    """{"applied": False, "text", "edits", "changes", "range", "version", "reason"}: nothing was changed.

    `changes` are those of the edit, in order, each with its "range", its "text" and its "sentence", by which they can
    be taken one sentence after the other; none where nothing would change.
    """
    changes = _changes(request, reply, *span) if reply.edits or reply.text != request.text else []
    starts = [edit.start for edit in reply.edits] or [0]
    return {
        "applied": False,
        "text": reply.text,
        "edits": len(reply.edits),
        "changes": [
            {"range": _range(document, place), "text": text, "sentence": _sentence(request.text, start)}
            for (place, text), start in zip(changes, starts, strict=False)
        ],
        "range": _range(document, span),
        "version": version,
        "reason": reply.notes[0] if reply.notes else "",
    }


def _range(document: OpenDocument, span: tuple[Point, Point]) -> dict[str, Any]:
    start, end = map(document.position, span)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }


def _sentence(text: str, place: int) -> int:
    """The number, from 0, of the sentence of `text` in which `place` is."""
    return sum(match.end() <= place for match in SENTENCE_END.finditer(text))


def _widened(document: OpenDocument, start: Point, end: Point) -> Sequence[Point]:
    """A range that is more than a cursor as it is, else the lines of the paragraph around it."""
    lines = document.lines
    if len(lines.between(start, end).strip()) > 1:
        return start, end
    first = last = start.line
    if lines.line(first).strip():
        while first > 0 and lines.line(first - 1).strip():
            first -= 1
        while last + 1 < len(lines) and lines.line(last + 1).strip():
            last += 1
    return Point(first, 0), Point(last, len(lines.line(last)))


def _solid(document: OpenDocument, start: Point, end: Point) -> tuple[Point, Point]:
    """A range without the blank lines and blanks around it, but with the indentation of its first line."""
    text = document.lines.between(start, end)
    solid = text.rstrip()
    head = len(solid) - len(solid.lstrip("\r\n"))
    return start.after(solid[:head]), start.after(solid)
