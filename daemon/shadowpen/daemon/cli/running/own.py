"""The part of `shadowpen status` about learning: texts, journal, version, next run.

Nothing is read anew: it is what was counted when the texts were read last.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import LearningSettings

_NO_TEXTS = "not read yet"


@dataclass(frozen=True)
class KnownOfUser:
    """What is known, as numbers and names; `documents`, `own_tokens` and `read` are None before the texts were read."""

    learning: str
    folders: int
    documents: int | None
    own_tokens: int | None
    read: float | None
    accepted: int
    written_instead: int
    version: str
    next_run: str


def figures(layout: store.Layout, learning: LearningSettings) -> KnownOfUser:
    """What is known now."""
    from shadowpen.daemon.learning import known, runs
    from shadowpen.daemon.storage import journal, versions

    counted = known.read(layout)
    contents = journal.read(layout.edits)
    run, pointer = runs.status(layout), versions.current(layout)
    return KnownOfUser(
        learning=learning.enabled,
        folders=len(learning.folders),
        documents=counted.documents if counted else None,
        own_tokens=counted.own_tokens if counted else None,
        read=counted.read if counted else None,
        accepted=sum(edit.was_taken for edit in contents.edits),
        written_instead=len(contents.typed_over),
        version=pointer.version or versions.BASE,
        next_run=_next_run(run, learning, counted.own_tokens if counted else 0),
    )


def rows(found: KnownOfUser) -> list[tuple[str, str]]:
    """The same as lines for people."""
    return [
        ("texts", _texts(found)),
        ("journal", _journal(found)),
        ("version", _version(found.version)),
        ("next run", found.next_run),
    ]


def _texts(found: KnownOfUser) -> str:
    folders = f"{found.folders} {'folder' if found.folders == 1 else 'folders'}"
    if not found.folders:
        return "no folders yet; `shadowpen learn add FOLDER` adds one"
    if found.documents is None or found.read is None:
        return f"{folders}, {_NO_TEXTS}; `shadowpen learn preview` reads them now"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.read))
    tokens = f"about {found.own_tokens:,} tokens of your own words"
    documents = f"{found.documents:,} {'document' if found.documents == 1 else 'documents'}"
    return f"{documents} with {tokens}, {folders} (read {when})"


def _journal(found: KnownOfUser) -> str:
    taken = f"{found.accepted:,} {'suggestion' if found.accepted == 1 else 'suggestions'} accepted"
    counts = f"{taken}, {found.written_instead:,} typed over or dismissed"
    if found.learning == "on":
        return counts
    why = "you have not chosen yet" if found.learning == "ask" else "learning is off"
    kept = f"; kept from before: {counts}" if found.accepted or found.written_instead else ""
    return f"nothing is kept: {why} (`shadowpen learn on`){kept}"


def _version(name: str) -> str:
    from shadowpen.daemon.storage import versions

    return "the model without your text (base)" if name == versions.BASE else f"{name}, trained on your own text"


def _next_run(run: Any, learning: LearningSettings, own_tokens: int) -> str:
    from shadowpen.daemon.learning.conditions import packages

    if run.state in ("running", "paused"):
        share = f", {run.done / run.total:.0%}" if run.total else ""
        return f"running now: {run.phase}{share}" + ("; waiting until you stop typing" if run.state == "paused" else "")
    if learning.enabled != "on":
        return "none: learning is not on"
    if name := packages.missing():
        missing = packages.unavailable(name)
        return f"none: {missing.message} {missing.hint}"
    if not learning.automatic:
        return "only with `shadowpen train now` (learning.automatic is off)"
    lacking = learning.min_new_tokens - max(0, own_tokens - run.tokens)
    if lacking <= 0:
        return f"when you have not typed for {learning.idle_s:.0f} seconds, on mains power"
    return f"after about {lacking:,} more tokens of your own, or {learning.min_new_edits:,} newly accepted edits"
