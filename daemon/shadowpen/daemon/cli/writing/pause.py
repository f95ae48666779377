"""`shadowpen pause`, `resume` and `manual`: control automatic ghost text in all editors.

A running daemon holds the state and tells the editors; where none runs, its file is written for the next one.
"""

from __future__ import annotations

import time
from datetime import date, datetime

import click
import msgspec

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, DaemonUnreachable, RequestInvalid
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.protocol import LONGEST_PAUSE_MINUTES, Attend, PauseWish
from shadowpen.daemon.wire.reports import AttentionState

_ANSWER_MS = 5000
_DAYS = words("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@click.command()
@click.argument("length", metavar="[15|30|60|MINUTES|tomorrow]", required=False)
@terminal.json_option
def pause(length: str | None, as_json: bool) -> None:
    """Pause ghost text in all editors: for a number of minutes, until tomorrow morning, or until `shadowpen resume`.

    Text that you ask for with a key still appears.
    """
    _carry_out(Attend(id="pause", pause=_length(length)), as_json=as_json)


@click.command()
@terminal.json_option
def resume(as_json: bool) -> None:
    """End a pause."""
    _carry_out(Attend(id="resume", pause=0), as_json=as_json)


@click.command()
@click.argument("mode", type=click.Choice(["on", "off"]))
@terminal.json_option
def manual(mode: str, as_json: bool) -> None:
    """Turn manual mode on (ghost text only on request) or off, in all editors and from now on."""
    _carry_out(Attend(id="manual", manual=mode == "on"), as_json=as_json)


def sentence(state: AttentionState) -> str:
    """What Attention.report says, for people."""
    if state.paused:
        until = state.paused_until
        return f"paused until {_at(until)}" if until is not None else "paused until `shadowpen resume`"
    return "in manual mode" if state.manual_only else "on"


def _length(given: str | None) -> PauseWish:
    if given is None:
        return "on"
    if given == "tomorrow":
        return "tomorrow"
    if given.isdecimal() and 0 < int(given) <= LONGEST_PAUSE_MINUTES:
        return float(given)
    wanted = f"a number of minutes, at most {LONGEST_PAUSE_MINUTES}, or `tomorrow`"
    raise ConfigInvalid(f"A pause takes {wanted}, not {given!r}.", "Try `shadowpen pause 30`.")


def _carry_out(wish: Attend, *, as_json: bool) -> None:
    state = attend(wish)
    if as_json:
        terminal.print_json(msgspec.to_builtins(state))
    else:
        terminal.say(f"Ghost text is {sentence(state)}.")


def attend(wish: Attend) -> AttentionState:
    """The state of ghost text after `wish`, which the daemon carries out where one runs."""
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.lock import holder
    from shadowpen.daemon.wire.protocol import AttentionReport

    layout = store.layout()
    if holder(layout) is None:
        return _without_daemon(layout, wish)
    try:
        with Client(f"shadowpen {wish.id}", start=False, layout=layout) as client:
            reply = client.request(wish, timeout_ms=_ANSWER_MS)
    except DaemonUnreachable:
        if holder(layout) is None:  # it ended meanwhile
            return _without_daemon(layout, wish)
        raise
    if not isinstance(reply, AttentionReport):
        raise RequestInvalid(f"The daemon answered with {type(reply).__name__}.", "Stop it with `shadowpen stop`.")
    return AttentionState(paused=reply.paused, paused_until=reply.paused_until, manual_only=reply.manual_only)


def _without_daemon(layout: store.Layout, wish: Attend) -> AttentionState:
    attention = Attention(layout.attention, manual_only=config.load(layout.config_file).completion.manual_only)
    attention.change(wish)
    return attention.report()


def _at(until: float) -> str:
    """Format a time, with the day unless that is today."""
    then = datetime.fromtimestamp(until)
    day = "" if then.date() == date.fromtimestamp(time.time()) else f"{_DAYS[then.weekday()]}, "
    return f"{day}{then:%H:%M}"
