"""`shadowpen monitor`: show how well suggestions, expansions and verbs do, and the current alarms.

On a terminal the tables are drawn again every two seconds until Ctrl-C; elsewhere, and with --json, they are shown
once. With --tensorboard the figures are written as event files instead, and with --wandb as runs of Weights & Biases.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from rich.console import RenderableType

_REDRAW_S = 2.0
_WORDS = ("day", "version", "task")  # columns of words, at the left


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, 730), default=7, show_default=True, help="Days to show, today included.")
@click.option("--once", is_flag=True, help="Show the table once and exit, even on a terminal.")
@click.option(
    "--tensorboard",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all figures as event files for TensorBoard below this folder, and show nothing.",
)
@click.option(
    "--wandb", is_flag=True, help="With --tensorboard: write them as offline runs of Weights & Biases, too; no upload."
)
@terminal.json_option
@click.pass_context
def monitor(
    context: click.Context, days: int, once: bool, tensorboard: Path | None, wandb: bool, as_json: bool
) -> None:
    """Show how well suggestions, expansions and verbs do, and current alarms; on a terminal, until Ctrl-C.

    The figures hold no text. The daemon writes them every `monitoring.log_interval_s` seconds. Starts no daemon.
    """
    if context.invoked_subcommand is not None:
        return
    if tensorboard is not None:
        _write_curves(tensorboard, wandb=wandb, as_json=as_json)
        return
    if wandb:
        raise click.UsageError("--wandb needs --tensorboard FOLDER.")
    if as_json:
        terminal.print_json(figures(store.layout(), days))
        return
    if once or not sys.stdout.isatty():
        terminal.console().print(_drawn(days))
        return
    from rich.live import Live

    with contextlib.suppress(KeyboardInterrupt), Live(_drawn(days), console=terminal.console()) as live:
        while True:
            time.sleep(_REDRAW_S)
            live.update(_drawn(days))


@monitor.command("password")
@click.option("--remove", is_flag=True, help="Remove the password from the keyring.")
def password(remove: bool) -> None:
    """Store the password of your mail server in the system's keyring, from a prompt or standard input.

    It belongs to monitoring.mail_user at monitoring.mail_server. Without a keyring, set SHADOWPEN_MAIL_PASSWORD in the
    environment that your editor starts from.
    """
    from shadowpen.daemon.engine.openai import key
    from shadowpen.daemon.monitoring import mail

    account = mail.account(config.load().monitoring)
    if remove:
        terminal.say("The password is removed." if key.remove(account) else "There is no password.")
        return
    asks = sys.stdin.isatty()
    given = click.prompt("Password", hide_input=True) if asks else text_input.first_line()
    if not given.strip():
        raise ConfigInvalid("No password was given.", "Type it, or pipe it: shadowpen monitor password < FILE")
    key.store(account, given.strip())
    terminal.say("The password is in the keyring.")


@monitor.command("test")
def test() -> None:
    """Send a test alarm to every channel you have set up: desktop, command, mail."""
    from shadowpen.daemon.monitoring import channels
    from shadowpen.daemon.monitoring.alarms import Alarm
    from shadowpen.daemon.monitoring.mail import send

    settings = config.load().monitoring
    if not (settings.desktop or settings.command or settings.mail_to):
        terminal.say("No channel is set: monitoring.desktop, monitoring.command or monitoring.mail_to.")
        return
    alarm = Alarm("test", "This is a test of Shadowpen's alarms.")
    problems = channels.told([alarm], settings)
    if problems:
        raise ConfigInvalid(" ".join(problems), "`shadowpen config` shows the settings.")
    if settings.mail_to:
        send([alarm], settings)
    terminal.say("The test alarm was sent.")


def figures(layout: store.Layout, days: int) -> dict[str, Any]:
    """The figures of the last `days` days, the alarms that stand, and what cannot be told for want of a package."""
    from shadowpen.daemon.monitoring import record, similarity
    from shadowpen.daemon.monitoring.bert_score import problem
    from shadowpen.daemon.monitoring.figures import since
    from shadowpen.daemon.monitoring.monitor import standing

    settings = config.load(layout.config_file).monitoring
    first = record.days_ago(days - 1)
    found = since(record.read(layout), first)
    tasks = {key: one for key, one in record.read_tasks(layout).items() if key[0] >= first}
    return {
        "days": [
            {
                "day": day,
                "version": version,
                "shown": one.shown,
                "taken": one.taken,
                "characters": one.characters,
                "taken_share": one.taken_share,
                "kept_share": one.kept_share,
                "edited_share": one.edited_share,
                "latency_ms": {"p50": one.latency_ms(0.5), "p90": one.latency_ms(0.9), "of": one.latencies.total()},
                "ratings": one.ratings,
                "rating": one.rating,
                "perplexity": one.perplexity,
            }
            for (day, version), one in sorted(found.items())
        ],
        "tasks": [
            {
                "day": day,
                "task": task,
                "version": version,
                "texts": one.texts,
                "kept_share": one.kept_share,
                "edited_share": one.edited_share,
                "compared": one.compared,
                **dict.fromkeys(similarity.Similarity._fields),
                **(one.similarity._asdict() if one.similarity is not None else {}),
                "encoded": one.encoded,
                "bert_score": one.mean_bert_score,
            }
            for (day, task, version), one in sorted(tasks.items())
        ],
        "missing": " ".join(one for one in (similarity.missing() if tasks else "", problem(settings.encoder)) if one),
        "alarms": [alarm._asdict() for alarm in standing(layout, settings)],
    }


def _drawn(days: int) -> RenderableType:
    """The figures as tables with the alarms below them."""
    from rich.console import Group
    from rich.text import Text

    found = figures(store.layout(), days)
    missing = [Text(translated(found["missing"]), style="dim")] if found["missing"] else []
    if not found["days"] and not found["tasks"]:
        nothing = f"Nothing was counted in the last {days} days. The daemon counts while you write in an editor."
        return Group(Text(translated(nothing)), *missing)
    alarms = [Text(translated(f"Alarm: {alarm['message']}"), style="bold red") for alarm in found["alarms"]]
    legend = "kept: still there after ten minutes; changed: letters per accepted letter; new text: its perplexity"
    shown: list[RenderableType] = [_days(found["days"]), Text(translated(legend), style="dim")]
    if found["tasks"]:
        legend = "BLEU, chrF, ROUGE-L: how similar the offered text and the text you kept are, from 0 to 100"
        shown += [Text(""), _tasks(found["tasks"]), Text(translated(legend), style="dim")]
        if any(one["encoded"] for one in found["tasks"]):
            shown.append(
                Text(translated("BERTScore: how similar the two are in meaning, to your encoder"), style="dim")
            )
    return Group(*shown, *missing, *alarms)


def _days(found: Iterable[dict[str, Any]]) -> RenderableType:
    header = (*words("day", "version", "shown", "accepted", "kept", "changed", "rating", "new text", "median"), "90 %")
    return _table(
        header,
        (
            (
                one["day"],
                one["version"],
                f"{one['shown']:,}",
                _told(one["taken_share"], ".0%"),
                _told(one["kept_share"], ".0%"),
                _told(one["edited_share"], ".2f"),
                _told(one["rating"], ".1f"),
                _told(one["perplexity"], ".1f"),
                _told(one["latency_ms"]["p50"], ".0f", " ms"),
                _told(one["latency_ms"]["p90"], ".0f", " ms"),
            )
            for one in found
        ),
    )


def _tasks(found: Sequence[dict[str, Any]]) -> RenderableType:
    """BERTScore has a column only where it was measured."""
    comparisons = {"bleu": "BLEU", "chrf": "chrF", "rouge_l": "ROUGE-L"}
    if any(one["encoded"] for one in found):
        comparisons["bert_score"] = "BERTScore"
    return _table(
        (*words("day", "task", "version", "texts", "kept", "changed"), *comparisons.values()),
        (
            (
                one["day"],
                one["task"],
                one["version"],
                f"{one['texts']:,}",
                _told(one["kept_share"], ".0%"),
                _told(one["edited_share"], ".2f"),
                *(_told(one[name], ".0f") for name in comparisons),
            )
            for one in found
        ),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in header:
        table.add_column(translated(name), justify="left" if name in _WORDS else "right", no_wrap=name != "version")
    for row in rows:
        table.add_row(*row)
    return table


def _write_curves(folder: Path, *, wandb: bool, as_json: bool) -> None:
    """Write the curves of this home below `folder`, and say how to see them."""
    from shadowpen.daemon.reporting import event_files, wandb_runs

    if wandb:
        wandb_runs.require()
    curves = event_files.curves(store.layout())
    written = event_files.write(folder, curves)
    offline = wandb_runs.write(folder, curves) if wandb and curves else []
    if as_json:
        terminal.print_json({"folder": str(folder.absolute()), "runs": written, "wandb": offline})
        return
    if not written:
        terminal.say("Nothing was counted yet, so no file was written.")
        return
    runs = f"{len(written):,} {'run' if len(written) == 1 else 'runs'}"
    terminal.say(f"Wrote {runs} to {folder}. To see them: tensorboard --logdir {shlex.quote(str(folder))}")
    if offline:
        terminal.say(f"To see them in the terminal: wandb leet {shlex.quote(str(folder / 'wandb'))}")


def _told(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else format(value, form) + unit
