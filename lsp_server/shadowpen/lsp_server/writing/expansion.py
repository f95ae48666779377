"""Expand the selected notes: a code action and its command.

Any client gets the best candidate put in the notes' place. A client with a preview of its own gets all of them, may
say more about one ("shorter"), and puts in what the user takes. This file knows neither the daemon's connection nor
how messages travel.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from msgspec import structs

from shadowpen.daemon.base.errors import RequestCancelled, RequestInvalid
from shadowpen.daemon.wire.protocol import Expand, Expansion, Reply
from shadowpen.lsp_server.documents.context import plain_ends, text_above
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.writing import writing
from shadowpen.lsp_server.writing.threads import ExpansionThreads

EXPAND_COMMAND = "shadowpen.expand"
TITLE = "Expand into a paragraph"
_NOTHING = "the model wrote nothing for these notes"
_NOTHING_NEW = "the model found no other paragraph for these notes"


@dataclass(frozen=True)
class ExpansionOptions:
    """How to expand: `preview` returns the `candidates` and changes nothing; another `seed` brings others.

    `free` lets the model say more than the notes say. `turn` is what the user says about the paragraph that is `shown`,
    such as "shorter".
    """

    preview: bool = False
    seed: int = 0
    candidates: int = 3
    free: bool = False
    turn: str = ""
    shown: str = ""


def code_action(params: types.CodeActionParams, *, tagged: bool) -> types.CodeAction | None:
    """The action for a selection; None without one, where the client wants another kind, or asks by itself."""
    start, end = params.range.start, params.range.end
    if start == end or not writing.offered(params):
        return None
    span = {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
    return writing.action(TITLE, EXPAND_COMMAND, [params.text_document.uri, span], tagged=tagged)


async def expand(
    document: OpenDocument,
    start: Point,
    end: Point,
    wish: ExpansionOptions,
    ask: writing.AskForText,
    editor: writing.WritingEditor,
    threads: ExpansionThreads,
) -> dict[str, Any]:
    """Make a paragraph of the text from `start` to `end`: {"applied", "text", "reason"}; for a preview see `_preview`.

    Blanks around the notes stay where they are. Notes that cannot be expanded are refused with the reason.
    """
    version, revision = document.version, document.revision
    span = _without_blanks(document, *sorted((start, end)))
    notes = plain_ends(document.lines.between(*span))
    heading, before = text_above(document.lines, span[0], document.language)
    request = Expand(
        id=uuid.uuid4().hex,
        document=document.uri,
        notes=notes,
        free=wish.free,
        heading=heading,
        before=before,
        candidates=wish.candidates,
        seed=wish.seed,
    )

    async def conclude(reply: Reply | None) -> dict[str, Any]:
        if reply is None:
            return _preview(None, version) if wish.preview else writing.refused(writing.CANCELLED)
        new = threads.answered(request, _expansion(reply).candidates)
        if wish.preview:
            nothing = _NOTHING_NEW if _expansion(reply).candidates else _NOTHING
            return _preview(_only(_expansion(reply), new), version, nothing=nothing)
        found = _expansion(reply).candidates
        if not found:
            return refusal(_NOTHING, wish, editor)
        return await writing.put(document, revision, span, found[0], TITLE, editor)

    if not notes:
        return refusal("there are no notes to expand: select some words first", wish, editor, version)
    try:
        request = threads.asked(request, wish.turn, wish.shown)
        return await writing.carry_out(request, TITLE, ask, editor, conclude)
    except (RequestInvalid, RequestCancelled) as error:  # about these notes, not about the daemon
        return refusal(f"{error.message} {error.hint}".strip(), wish, editor, version)


def _without_blanks(document: OpenDocument, start: Point, end: Point) -> tuple[Point, Point]:
    """The part of a selection between its first and its last letter; empty where there is none."""
    text = document.lines.between(start, end)
    notes = text.strip()
    if not notes:
        return start, start
    head = text.index(notes)
    return start.after(text[:head]), start.after(text[: head + len(notes)])


def _preview(reply: Reply | None, version: int | None, reason: str = "", nothing: str = _NOTHING) -> dict[str, Any]:
    """{"applied": False, "candidates", "missing", "added", "tells", "version", "reason"}: nothing was changed.

    `missing` holds for each candidate the words of the notes that it lacks, `added` the start and end of each word that
    is not from the notes, `tells` for each of its sentences the place of the note it tells; `version` is the text's
    that was read.
    """
    found = Expansion(id="") if reply is None else _expansion(reply)
    if not reason and not found.candidates:
        reason = writing.CANCELLED if reply is None else nothing
    return {
        "applied": False,
        "candidates": found.candidates,
        "missing": found.missing,
        "added": found.added,
        "tells": found.tells,
        "version": version,
        "reason": reason,
    }


def _only(reply: Expansion, places: Sequence[int]) -> Expansion:
    """The candidates at `places`, with what is told of each."""

    def kept(values: Sequence[Any]) -> list[Any]:
        return [values[place] for place in places if place < len(values)]

    return structs.replace(
        reply,
        candidates=kept(reply.candidates),
        missing=kept(reply.missing),
        added=kept(reply.added),
        tells=kept(reply.tells),
    )


def _expansion(reply: Reply) -> Expansion:
    if not isinstance(reply, Expansion):
        raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Update Shadowpen.")
    return reply


def refusal(
    reason: str, wish: ExpansionOptions, editor: writing.WritingEditor, version: int | None = None
) -> dict[str, Any]:
    """The result where nothing is expanded. The user is told, unless the client has a preview to tell it in."""
    if wish.preview:
        return _preview(None, version, reason)
    editor.warn(f"Shadowpen: {reason.rstrip('.')}.")
    return writing.refused(reason)
