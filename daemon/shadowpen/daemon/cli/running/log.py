"""`shadowpen log`: show why recent suggestions were shown or not, without their text.

The daemon keeps the last decisions in memory; with the daemon they go.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click
import msgspec

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli.writing.pause import sentence
from shadowpen.daemon.showing.silence import reasons
from shadowpen.daemon.showing.silence.attention import Attention

if TYPE_CHECKING:
    from shadowpen.daemon.wire.protocol import LoggedDecision

_ANSWER_MS = 5000
_OUTCOMES = dict(
    zip(
        ("shown", "taken", "typed_over", "dismissed", "typed_out", "left", "characters_taken"),
        words("shown", "accepted", "typed over", "dismissed", "typed out", "left", "characters accepted"),
        strict=True,
    )
)


@click.command()
@click.option(
    "--count", "-n", default=20, show_default=True, type=click.IntRange(1, 1000), help="Maximum number of decisions."
)
@terminal.json_option
def log(count: int, as_json: bool) -> None:
    """Show why recent suggestions were shown or not: time, document, probability, reason; no text.

    Documents are shown as the first digits of the SHA-256 of their address. The outcome of a suggestion follows its
    reason. Editors request nothing during a pause; the last line then says so. --json prints the codes of the reasons.
    """
    layout = store.layout()
    decisions = _ask(layout, count)
    if as_json:
        terminal.print_json({"decisions": msgspec.to_builtins(decisions or [])})
    elif decisions is None:
        terminal.say("No daemon is running, so there are no recent decisions.")
    elif not decisions:
        terminal.say("No suggestions have been requested yet.")
    else:
        for decision in decisions:
            click.echo(_line(decision))
    if not as_json:
        _say_if_silenced(layout)


def outcome(kind: str) -> str:
    """An outcome as the protocol names it, in the words of the glossary and the user's language."""
    return translated(_OUTCOMES.get(kind, kind))


def _say_if_silenced(layout: store.Layout) -> None:
    """Say so if the user paused ghost text: that explains silence first."""
    settings = config.load(layout.config_file).completion
    attention = Attention(layout.attention, manual_only=settings.manual_only).report()
    if attention.paused or attention.manual_only:
        terminal.say(f"Ghost text is {sentence(attention)}.")


def _ask(layout: store.Layout, count: int) -> list[LoggedDecision] | None:
    """The last decisions, oldest first; None when no daemon runs."""
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.lock import holder
    from shadowpen.daemon.wire.protocol import Log, LogReport

    if holder(layout) is None:
        return None
    try:
        with Client(name="shadowpen log", start=False, layout=layout) as client:
            reply = client.request(Log(id=client.next_id(), count=count), timeout_ms=_ANSWER_MS)
    except DaemonUnreachable:
        if holder(layout) is None:  # it ended meanwhile
            return None
        raise
    assert isinstance(reply, LogReport), reply
    return reply.decisions


def _line(decision: LoggedDecision) -> str:
    when = time.strftime("%H:%M:%S", time.localtime(decision.time))
    asked = translated(" on request") if decision.explicit else ""
    size = translated(f", {decision.characters} characters") if decision.characters else ""
    came_of = f", {outcome(decision.outcome)}" if decision.outcome in _OUTCOMES else ""
    why = translated(reasons.sentence(decision.reason))
    return f"{when}  {decision.document}  {decision.probability:4.0%}  {why}{asked}{size}{came_of}"
