"""Detect that a version is accepted significantly less often than the one before, and go back.

A proportion test at 3.5 standard errors: a version is looked at hundreds of times, and the chance that any of these
looks speaks against one that is as good stays below 5 % in all (docs/decisions/0093). Takes up nothing in a running
daemon and tells nobody: that is the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelError
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts, by_version
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.placement import place

LEAST_SHOWN = 200  # suggestions of each of two versions that are compared
_SURELY = 3.5  # standard errors between their shares


def why_go_back(found: Mapping[str, Counts], now: str, before: str) -> str:
    """The sentence why `before` should answer again instead of `now`; "" while nothing sure speaks for it."""
    ours, theirs = found.get(now, Counts()), found.get(before, Counts())
    if min(ours.shown, theirs.shown) < LEAST_SHOWN:
        return ""
    share, earlier = ours.taken / ours.shown, theirs.taken / theirs.shown
    together = (ours.taken + theirs.taken) / (ours.shown + theirs.shown)
    error = math.sqrt(max(0.0, together * (1 - together)) * (1 / ours.shown + 1 / theirs.shown))
    if earlier - share <= _SURELY * error:
        return ""
    return (
        f"You accepted {share:.0%} of {ours.shown:,} suggestions by {_version(now)}, significantly less than the "
        f"{earlier:.0%} of {theirs.shown:,} by {_version(before)} before it."
    )


def go_back(layout: store.Layout, settings: Config) -> tuple[str, str]:
    """Have the version before answer again if the one in use surely does worse: (its name, the sentence), or ("", "").

    Once for a version: who chooses it again wants it. StateUnusable where the disk does not allow it. The caller holds
    `runs.only_run`.
    """
    pointer = versions.current(layout)
    if not pointer.version or not settings.monitoring.rollback:
        return "", ""
    names = [f"{settings.model.name}@{name or versions.BASE}" for name in (pointer.version, pointer.previous)]
    why = why_go_back(by_version(record.read(layout), dated=True), names[0], names[1])
    if not why:
        return "", ""
    try:
        version = versions.read(layout, pointer.version)
        if version.reasons:
            return "", ""
        model = models.resolve(settings.model.name, layout)
        versions.rollback(layout, model, place(layout, settings.model, model).precision)
    except ModelError:  # the one before cannot answer
        return "", ""
    versions.rewrite(layout, msgspec.structs.replace(version, reasons=[why]))
    before = pointer.previous or versions.BASE
    return before, f"{why} {before} answers again."


def _version(name: str) -> str:
    return name.partition("@")[2] or name
