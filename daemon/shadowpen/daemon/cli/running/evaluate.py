"""`shadowpen eval`: how good it is, measured on texts that are there already.

What is measured is in `daemon.evaluation`; here options are read, the daemon is asked and figures are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.wire.blocking_client import Client

_TIMEOUT_MS = 300_000
_ARMS = ("stock", "base", "memory", "adapter", "both", "full")
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("eval")
def evaluate() -> None:
    """Measure how good Shadowpen is on texts of yours."""


@evaluate.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--paragraphs", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many.")
@click.option("--candidates", type=click.IntRange(1, 8), default=3, show_default=True, help="To choose the best of.")
@click.option("--seed", type=int, default=1, show_default=True, help="What is chosen and sampled.")
@click.option("--examples", type=click.Path(path_type=Path), help="Write the first ten, whatever they are, to a file.")
@terminal.json_option
def expansions(
    files: tuple[Path, ...], paragraphs: int, candidates: int, seed: int, examples: Path | None, as_json: bool
) -> None:
    """Make notes of real paragraphs in FILES, paragraphs of the notes, and say how much of the notes they tell."""
    from dataclasses import asdict

    from rich.progress import track

    from shadowpen.daemon.base import store
    from shadowpen.daemon.evaluation.expansions import choose, markdown, measure, summarise
    from shadowpen.daemon.wire.blocking_client import Client

    chosen = choose([text_input.read(path, "") for path in files], paragraphs, seed)
    if not chosen:
        raise text_input.TextUnusable("There is no paragraph of 40 to 160 words in these files.", "Name others.")
    with Client(name="shadowpen eval") as client:
        work = measure(chosen, _expander(client, candidates), seed)
        made = list(track(work, "Expanding", len(chosen), console=terminal.console(error=True), disable=as_json))
    summary = summarise(made)
    if examples:
        store.write_atomic(examples, markdown(made[:10]).encode())
    if as_json:
        terminal.print_json(asdict(summary))
        return
    click.echo(f"{summary.paragraphs} paragraphs: {summary.told:.1%} of the notes' words told,")
    click.echo(f"at most 8 words copied in {summary.copied_little:.1%} (longest run {summary.longest_copied}),")
    click.echo(f"40 to 160 words long in {summary.in_length:.1%}.")


def _expander(client: Client, candidates: int) -> Callable[[Sequence[str], int], str]:
    from shadowpen.daemon.wire.protocol import Expand, Expansion

    def expand(notes: Sequence[str], seed: int) -> str:
        request = Expand(
            id=client.next_id(), document="shadowpen-eval:", notes="\n".join(notes), seed=seed, candidates=candidates
        )
        reply = client.request(request, timeout_ms=_TIMEOUT_MS)
        assert isinstance(reply, Expansion)
        return reply.candidates[0] if reply.candidates else ""

    return expand


@evaluate.command()
@click.option("--texts", type=_FOLDER, required=True, help="The folder of dated texts that are typed again.")
@click.option("--own", type=_FOLDER, help="A folder of older texts, learned before the first one is typed.")
@click.option("--author", default="", help="What the report calls these texts; else the folder's name.")
@click.option("--arms", default="base,memory", show_default=True, help=f"What is compared, of {', '.join(_ARMS)}.")
@click.option("--limit-characters", type=click.IntRange(0), default=500, show_default=True, help="Of a text; 0: all.")
@click.option("--limit-texts", type=click.IntRange(0), default=0, show_default=True, help="Type only so many; 0: all.")
@click.option("--context", type=click.IntRange(0, 8000), default=1500, show_default=True, help="Characters before.")
@click.option("--coverage", type=click.FloatRange(0.01, 1), default=0.2, show_default=True, help="Share shown.")
@click.option(
    "--train-every", type=click.IntRange(1), default=50, show_default=True, help="Texts, for arms that train."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Where typing begins, the pace, the bootstrap.")
@click.option("--out", type=_FOLDER, help="Keep the results in this folder, for `shadowpen report --eval`.")
@click.option("--resume", is_flag=True, help="Go on with the evaluation in --out.")
@terminal.json_option
def writer(arms: str, out: Path | None, resume: bool, as_json: bool, **wanted: Any) -> None:
    """Let a simulated writer type the texts of a folder again, oldest first: each is predicted, then learned.

    Nothing of yours is read, learned or changed but these folders and the installed models. Numbers are the same each
    time, whatever else the machine does; docs/evaluation.md says what they mean. adapter, both and full train for
    minutes to hours. An interrupted run goes on with --resume.
    """
    import contextlib
    import tempfile

    from shadowpen.daemon.base import config, store
    from shadowpen.daemon.evaluation.run import Wanted
    from shadowpen.daemon.evaluation.run import evaluate as measure

    if resume and out is None:
        raise ConfigInvalid("--resume needs --out: the folder of the evaluation that goes on.", "Name it.")
    plan = Wanted(arms=_named(arms), **wanted)
    with contextlib.ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shadowpen-eval-")))
        tell = stack.enter_context(_bars(hidden=as_json))
        summary = measure(plan, store.layout(), config.load(), folder, tell, resume=resume)
    if as_json:
        terminal.print_json(summary)
    else:
        _tell(summary)


def _named(arms: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in arms.split(",") if name.strip()))
    unknown = [name for name in names if name not in _ARMS]
    if unknown or not names:
        raise ConfigInvalid(f"There is no arm '{', '.join(unknown)}'.", f"There are: {', '.join(_ARMS)}.")
    return names


@contextmanager
def _bars(*, hidden: bool) -> Iterator[Callable[[str, float, float], None]]:
    """A bar a step on a terminal's standard error, a line a step elsewhere."""
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = terminal.console(error=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=hidden or not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: float, total: float) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
                if not hidden and not console.is_terminal:
                    console.print(step, markup=False)
            bars.update(tasks[step], completed=done, total=total or None)

        yield tell


def _tell(summary: dict[str, Any]) -> None:
    from rich.table import Table

    from shadowpen.daemon.evaluation import metrics

    arms = summary["arms"]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", *arms):
        table.add_column(name)
    for label, key, told in _ROWS:
        table.add_row(label, *(told(arm[key]) for arm in arms.values()))
    for count in (str(count) for count in metrics.WORDS):
        label = "next word exactly right" if count == "1" else f"next {count} words exactly right"
        table.add_row(label, *(_percent(arm["words_right"][count]["right"]) for arm in arms.values()))
    answer_ms = summary["informational"]["answer_ms_p50"]
    table.add_row("an answer (median)", *(f"{answer_ms[name]:.1f} ms" if name in answer_ms else "" for name in arms))
    for label, key in _COMPARED:
        table.add_row(label, *(_interval(arm["difference"].get(key)) for arm in arms.values()))
    terminal.console().print(table)
    for name, why in summary["left_out"].items():
        click.echo(f"{name} was left out: {why}")
    for name, arm in summary["arms"].items():
        for note in arm["notes"]:
            click.echo(f"{name}: {note}")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(found: dict[str, float | None] | None) -> str:
    if not found or found["mean"] is None:
        return ""
    if found["low"] is None or found["high"] is None:
        return f"{100 * found['mean']:+.1f}"
    return f"{100 * found['mean']:+.1f} ({100 * found['low']:+.1f} to {100 * found['high']:+.1f})"


_ROWS: tuple[tuple[str, str, Callable[[float | None], str]], ...] = (
    ("keys saved", "ksr", _percent),
    ("less what reading costs", "net_ksr", _percent),
    ("keys saved at equal coverage", "ksr_at_coverage", _percent),
    ("taken of what was shown", "accepted", _percent),
    ("right characters", "right", _percent),
    ("different texts per 100 keys", "ghosts_per_100_keys", _number),
    ("keys with grey text", "grey", _percent),
    ("bits a character", "bits_per_character", _number),
    ("perplexity of others' text", "general_perplexity", _number),
)
_COMPARED = (("keys saved, against the first", "ksr"), ("at equal coverage", "ksr_at_coverage"))
