"""Verbs that need a larger model: known by name, so that a request is answered with the reason.

Replying and translating write text that is new, which 135 million parameters make up. This file knows no
engine.
"""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.wire.protocol import Reply, RunVerb

_WHAT_TO_DO = (
    "Use another program, with a model of several billion parameters; `shadowpen tasks` lists what works here."
)


class _StrongerVerb:
    request_type = RunVerb
    title: str
    summary: str
    reads_model = True
    measured = ""
    unavailable: str

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        raise RequestInvalid(self.unavailable, _WHAT_TO_DO)


class ReplyVerb(_StrongerVerb):
    """The verb `reply`."""

    title = "Reply"
    summary = "Draft an answer to a message."
    unavailable = "Drafting replies needs a larger model than those that Shadowpen runs itself."


class TranslateVerb(_StrongerVerb):
    """The verb `translate`."""

    title = "Translate"
    summary = "Translate into another language."
    unavailable = "Translating needs a larger model than those that Shadowpen runs itself."
