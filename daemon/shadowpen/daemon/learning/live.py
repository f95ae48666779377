"""The figures of each version in use: suggestions taken, characters kept, and new text read before it is learned.

    live.json    numbers by the name that replies carry (model@version), no text

Taken and kept are counted in the journal; what the user deletes there stays counted here. A version that is surely
taken less often than the one before it is not for this file to replace: it only says so.
"""

from __future__ import annotations

import math

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.corpus import verbatim
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.journal import Contents, Edit

LOOKED_AT = "10min"  # after the suggestion was taken
LEAST_OUTCOMES = 200  # suggestions of each of two versions that are compared
# Standard errors between their shares. Looked at four times an hour for weeks, two would come about by chance.
_SURELY = 3.5


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """Of a version: suggestions `taken`, and `passed_over` after they were seen for a while.

    Of the `looked_at` characters that could be looked at ten minutes later, `kept` still stood there. It needed `nats`
    for the `tokens` of text that was new to it when the next run was judged.
    """

    taken: int = 0
    passed_over: int = 0
    looked_at: int = 0
    kept: int = 0
    tokens: int = 0
    nats: float = 0.0

    @property
    def outcomes(self) -> int:
        return self.taken + self.passed_over

    @property
    def taken_share(self) -> float | None:
        return self.taken / self.outcomes if self.outcomes else None

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.looked_at if self.looked_at else None

    @property
    def perplexity(self) -> float | None:
        """On new text, before it was learned."""
        return math.exp(min(700.0, self.nats / self.tokens)) if self.tokens else None


def read(layout: store.Layout) -> dict[str, Live]:
    """What is known of each version; nothing readable there is nothing known."""
    try:
        return msgspec.json.decode(store.read_bounded(layout.live), type=dict[str, Live])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def look(layout: store.Layout) -> dict[str, Live]:
    """Count what the journal holds now, and keep it; StateUnusable if it cannot be kept."""
    before = read(layout)
    found = dict(before)
    for name, counted in _counted(journal.read(layout.edits)).items():
        known = before.get(name, Live())
        if counted.outcomes >= known.outcomes:
            found[name] = msgspec.structs.replace(counted, tokens=known.tokens, nats=known.nats)
    if found != before:
        _write(layout, found)
    return found


def read_new_text(layout: store.Layout, name: str, tokens: int, nats: float) -> None:
    """The version needed `nats` for so many tokens of text that is new to it."""
    found = read(layout)
    known = found.get(name, Live())
    found[name] = msgspec.structs.replace(known, tokens=known.tokens + tokens, nats=known.nats + nats)
    _write(layout, found)


def why_go_back(found: dict[str, Live], now: str, before: str) -> str:
    """The sentence why `before` should answer again instead of `now`; "" while nothing sure speaks for it."""
    ours, theirs = found.get(now, Live()), found.get(before, Live())
    if min(ours.outcomes, theirs.outcomes) < LEAST_OUTCOMES:
        return ""
    share, earlier = ours.taken / ours.outcomes, theirs.taken / theirs.outcomes
    together = (ours.taken + theirs.taken) / (ours.outcomes + theirs.outcomes)
    error = math.sqrt(together * (1 - together) * (1 / ours.outcomes + 1 / theirs.outcomes))
    if earlier - share <= _SURELY * error:
        return ""
    return (
        f"You took {share:.0%} of {ours.outcomes} suggestions by {_version(now)}, surely less than the "
        f"{earlier:.0%} of {theirs.outcomes} by {_version(before)} before it."
    )


def _counted(contents: Contents) -> dict[str, Live]:
    found: dict[str, Live] = {}
    for edit in contents.edits:
        if edit.was_taken and edit.accepted.model:
            found[edit.accepted.model] = _with_edit(found.get(edit.accepted.model, Live()), edit)
    for event in contents.dismissed:
        if event.model:
            known = found.get(event.model, Live())
            found[event.model] = msgspec.structs.replace(known, passed_over=known.passed_over + 1)
    return found


def _with_edit(known: Live, edit: Edit) -> Live:
    text, later = edit.accepted.taken, edit.kept.get(LOOKED_AT)
    kept = 0 if later is None else sum(end - start for start, end in verbatim(text, later))
    return msgspec.structs.replace(
        known,
        taken=known.taken + 1,
        looked_at=known.looked_at + (0 if later is None else len(text)),
        kept=known.kept + min(kept, len(text)),
    )


def _version(name: str) -> str:
    return name.partition("@")[2] or name


def _write(layout: store.Layout, found: dict[str, Live]) -> None:
    store.write_atomic(layout.live, msgspec.json.encode(found) + b"\n")
