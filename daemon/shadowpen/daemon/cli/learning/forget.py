"""`shadowpen forget`: preview what would be deleted, then delete it everywhere.

Everything that is known about where text lies is in `forgetting`; this command shows its plan and asks.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, ShadowpenError, StateUnusable
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.learning.forgetting import ForgettingPlan, Wish

_SHOWN = 10
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?! )")  # not "12:30.md", "~/a:b.md" or "Notes: May.md"


@click.command()
@click.argument("file", required=False)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Everything since this time.",
)
@click.option(
    "--matching", metavar="TEXT", help="Everything that contains these words; - reads them from standard input."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@terminal.json_option
def forget(file: str | None, since: datetime | None, matching: str | None, yes: bool, as_json: bool) -> None:
    """Delete text permanently: a FILE or folder, everything since a date, or everything with certain words.

    The text is deleted from the journal of your edits, together with every version of the model that learned it; an
    older version, or the base, takes over until the next training. Your own files stay as they are, but
    forgotten text is not learned from them again. Other users of this machine can see the arguments while the command
    runs: with --matching - you are asked for the words, unless they come from a pipe. Without --yes the command shows
    what it would delete and asks; with --json and without --yes it deletes nothing.
    """
    from shadowpen.daemon.learning import forgetting, runs

    layout, learning = store.layout(), configuration.load().learning
    wish = _wish(file, since, matching)
    plan = forgetting.plan(layout, learning, wish)
    minutes = learning.minutes_a_run * plan.tokens_again / runs.tokens_a_run(layout, learning.minutes_a_run)
    if not as_json:
        _show(plan)
    if not yes and (as_json or not _agreed()):
        _tell(plan, minutes, done=False, problem="", as_json=as_json)
        return
    problem = carried_out(layout, plan, wish)
    _tell(plan, minutes, done=True, problem=problem, as_json=as_json)


def carried_out(layout: store.Layout, plan: ForgettingPlan, wish: Wish) -> str:
    """Delete what the plan names, with its numbers, also from a running daemon; what failed at the end, "" for nothing.

    Raises as `forgetting.carry_out`.
    """
    from shadowpen.daemon.learning import forgetting
    from shadowpen.daemon.monitoring import record

    forgetting.carry_out(layout, plan)
    problems = []
    try:
        forgetting.reload_daemon(layout)
    except ShadowpenError as error:
        problems.append(f"The daemon could not apply this: {error.message} Stop it with `shadowpen stop`.")
    try:
        record.forget(layout, plan.versions, wish.since.date().isoformat() if wish.since is not None else "")
    except StateUnusable as error:
        problems.append(error.message)
    return " ".join(problems)


def _wish(file: str | None, since: datetime | None, matching: str | None) -> Wish:
    from shadowpen.daemon.learning.forgetting import Wish
    from shadowpen.daemon.privacy.forgotten import words

    given = [value for value in (file, since, matching) if value is not None]
    if len(given) != 1:
        raise ConfigInvalid("Choose what to forget.", "Use FILE, --since DATE or --matching TEXT.")
    if matching is not None:
        phrase = _words_from_outside() if matching == "-" else matching
        if not words(phrase):
            raise ConfigInvalid("The text to forget contains no words.", "Name at least one.")
        return Wish(phrase=phrase)
    if since is not None:
        return Wish.since_local(since)
    assert file is not None
    is_address = _ADDRESS.match(file) is not None and not Path(file).exists()
    return Wish(file=file if is_address else str(store.expanded(file).absolute()))


def _words_from_outside() -> str:
    """Read the words from standard input, so that they stand in no shell history."""
    if _is_person():
        return click.prompt(translated("Forget everything that contains the words"), err=True)
    return text_input.read(None, "")


def _agreed() -> bool:
    if not _is_person():
        raise ConfigInvalid(
            "Nothing was forgotten: there is no terminal to ask for confirmation.",
            "Check the list above, then add --yes.",
        )
    return click.confirm(translated("Forget it permanently?"), default=False)


def _is_person() -> bool:
    return sys.stdin.isatty()


def _show(plan: ForgettingPlan) -> None:
    versions = [f"{version}: {translated(why)}" for version, why in plan.versions.items()]
    edits, origins = [translated(f"{len(plan.edits)} in the journal")], [*map(terminal.visible, plan.origins)]
    for title, lines in zip(words("edits", "texts", "versions"), (edits, origins, versions), strict=True):
        shown = [*lines[:_SHOWN], *([translated(f"and {len(lines) - _SHOWN} more")] if len(lines) > _SHOWN else [])]
        for place, line in enumerate(shown or [translated("none")]):
            click.echo(f"{terminal.padded('' if place else title, 10)}{line}")
    terminal.say("It will not be learned again from any file. Your own files are not changed.")


def _tell(plan: ForgettingPlan, minutes: float, *, done: bool, problem: str, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"done": done, "edits": len(plan.edits), "texts": plan.origins}
        terminal.print_json({**told, "versions": plan.versions, "minutes": round(minutes, 1), "problem": problem})
        return
    if not done:
        terminal.say("Nothing was forgotten.")
        return
    again = f" That takes about {max(1, round(minutes))} minutes, in idle time." if minutes else ""
    terminal.say("Forgotten." + (f" The next training makes a version without it.{again}" if plan.versions else ""))
    if problem:
        terminal.say(f"! {problem}", err=True)
