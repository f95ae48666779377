"""`shadowpen eval`: measure the quality of suggestions on existing texts.

What is measured is in `daemon.evaluation`; here options are read, the daemon is asked and figures are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.cli import text_input
from shadowpen.daemon.cli.running.harm import harm
from shadowpen.daemon.cli.running.progress import bars

if TYPE_CHECKING:
    from shadowpen.daemon.wire.blocking_client import Client

_TIMEOUT_MS = 300_000
_ARMS = ("untuned", "base", "memory", "adapter", "both", "full")
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("eval")
def evaluate() -> None:
    """Measure the quality of suggestions on your texts."""


evaluate.add_command(harm)


@evaluate.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--paragraphs", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Maximum number of paragraphs."
)
@click.option("--candidates", type=click.IntRange(1, 8), default=3, show_default=True, help="Candidates per note.")
@click.option("--seed", type=terminal.SEED, default=1, show_default=True, help="Random seed of choice and sampling.")
@click.option("--examples", type=click.Path(path_type=Path), help="Write the first ten results to a file.")
@terminal.json_option
def expansions(
    files: tuple[Path, ...], paragraphs: int, candidates: int, seed: int, examples: Path | None, as_json: bool
) -> None:
    """Turn paragraphs in FILES into notes, expand the notes, and measure how much of the notes the result covers."""
    from dataclasses import asdict

    from rich.progress import track

    from shadowpen.daemon.base import store
    from shadowpen.daemon.evaluation.expansions import choose, markdown, measure, summarise
    from shadowpen.daemon.wire.blocking_client import Client

    chosen = choose([text_input.read(path, "") for path in files], paragraphs, seed)
    if not chosen:
        raise text_input.TextUnusable("These files contain no paragraph of 40 to 160 words.", "Name others.")
    with Client(name="shadowpen eval") as client:
        work = measure(chosen, _expander(client, candidates), seed)
        made = list(track(work, "Expanding", len(chosen), console=terminal.console(error=True), disable=as_json))
    summary = summarise(made)
    if examples:
        store.write_atomic(examples, markdown(made[:10]).encode(), narrow=False)
    if as_json:
        terminal.print_json(asdict(summary))
        return
    terminal.say(f"{summary.paragraphs} paragraphs: {summary.told:.1%} of the notes' words covered,")
    terminal.say(f"at most 8 words copied in {summary.copied_little:.1%} (longest run {summary.longest_copied}),")
    terminal.say(f"40 to 160 words long in {summary.in_length:.1%}.")


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
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Maximum number of sentences.")
@terminal.json_option
def correct(file: Path, limit: int, as_json: bool) -> None:
    """Correct the sentences of FILE and compare the edits with the right ones.

    FILE has a line of JSON for each sentence: "source" and "target", or "sentence" where nothing is wrong. Sentences of
    fewer than four words are left out. An edit is right if both its place and its words are.
    """
    from dataclasses import asdict
    from itertools import islice

    from rich.progress import track

    from shadowpen.daemon.evaluation.corrections import corrected, read_pairs, score
    from shadowpen.daemon.wire.blocking_client import Client

    try:
        pairs = list(islice(read_pairs(text_input.read(file, "").split("\n")), limit))
    except ValueError as error:
        raise text_input.TextUnusable(f"{file} cannot be read: {error}.", "Write one JSON object a line.") from error
    if not pairs:
        raise text_input.TextUnusable("This file has no sentences of four words or more.", "Name another.")
    with Client(name="shadowpen eval") as client:
        work = corrected(pairs, _corrector(client))
        bar = track(work, "Correcting", len(pairs), console=terminal.console(error=True), disable=as_json)
        found = score(bar)
    if as_json:
        terminal.print_json(asdict(found))
        return
    if found.pairs:
        terminal.say(f"{found.pairs} sentences with mistakes: F0.5 {found.f05:.3f}")
        terminal.say(f"(right among the edits {found.precision:.1%}, found of the mistakes {found.recall:.1%}).")
    if found.touched is not None:
        terminal.say(f"{found.clean} sentences without: {found.touched:.1%} changed.")


def _corrector(client: Client) -> Callable[[str], str]:
    from shadowpen.daemon.wire.protocol import RunVerb, VerbResult

    def correct(sentence: str) -> str:
        request = RunVerb(
            id=client.next_id(), document="shadowpen-eval:", verb="correct", text=sentence, language="plaintext"
        )
        reply = client.request(request, timeout_ms=_TIMEOUT_MS)
        assert isinstance(reply, VerbResult)
        return reply.text

    return correct


@evaluate.command()
@click.option("--texts", type=_FOLDER, required=True, help="Folder of dated texts to type.")
@click.option("--own", type=_FOLDER, help="Folder of older texts to learn before typing starts.")
@click.option("--author", default="", help="Name of these texts in the report; default: the folder's name.")
@click.option("--arms", default="base,memory", show_default=True, help=f"What to compare: {', '.join(_ARMS)}.")
@click.option(
    "--limit-characters",
    type=click.IntRange(0),
    default=500,
    show_default=True,
    help="Characters typed of each text; 0: all.",
)
@click.option("--limit-texts", type=click.IntRange(0), default=0, show_default=True, help="Number of texts; 0: all.")
@click.option(
    "--context",
    type=click.IntRange(0, 8000),
    default=1500,
    show_default=True,
    help="Characters of text before the first key.",
)
@click.option(
    "--coverage",
    type=click.FloatRange(0.01, 1),
    default=0.2,
    show_default=True,
    help="Share of positions with ghost text at which models are compared.",
)
@click.option(
    "--train-every", type=click.IntRange(1), default=50, show_default=True, help="Train after this many texts."
)
@click.option(
    "--seed", type=terminal.SEED, default=0, show_default=True, help="Random seed of starts, pace and bootstrap."
)
@click.option("--out", type=_FOLDER, help="Keep the results in this folder, for `shadowpen report --eval`.")
@click.option("--resume", is_flag=True, help="Continue the evaluation in --out.")
@terminal.json_option
def writer(arms: str, out: Path | None, resume: bool, as_json: bool, **wanted: Any) -> None:
    """Let a simulated writer type the texts of a folder, oldest first: each is predicted, then learned.

    Only these folders and the installed models are read, and nothing of yours is changed. The numbers are the same each
    time, however busy the machine; docs/evaluation.md explains them. The arms adapter, both and full train for minutes
    to hours. --resume continues an interrupted run.
    """
    import contextlib
    import tempfile

    from shadowpen.daemon.base import config, store
    from shadowpen.daemon.evaluation.run import Wanted
    from shadowpen.daemon.evaluation.run import evaluate as measure

    if resume and out is None:
        raise ConfigInvalid("--resume needs --out with the folder of the evaluation to continue.", "Name it.")
    plan = Wanted(arms=_named(arms), **wanted)
    with contextlib.ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shadowpen-eval-")))
        tell = stack.enter_context(bars(hidden=as_json))
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


def _tell(summary: dict[str, Any]) -> None:
    from rich.table import Table

    from shadowpen.daemon.evaluation import metrics
    from shadowpen.daemon.typist import glances

    arms = summary["arms"]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", *arms):
        table.add_column(name)
    for label, key in (("texts (n)", "texts"), ("characters typed", "characters")):
        table.add_row(translated(label), *(f"{arm[key]:,}" for arm in arms.values()))
    for label, key, told in _ROWS:
        table.add_row(translated(label), *(told(arm[key]) for arm in arms.values()))
    for label, key in _SECONDS:
        table.add_row(translated(label), *(_number((arm.get("time") or {}).get(key)) for arm in arms.values()))
    for count in (str(count) for count in metrics.WORDS):
        label = "next word exact" if count == "1" else f"next {count} words exactly right"
        table.add_row(translated(label), *(_percent(arm["words_right"][count]["right"]) for arm in arms.values()))
    answer_ms = summary["informational"]["answer_ms_p50"]
    table.add_row(
        translated("time per answer (median)"),
        *(f"{answer_ms[name]:.1f} ms" if name in answer_ms else "" for name in arms),
    )
    for label, key in _COMPARED:
        table.add_row(translated(label), *(_interval(arm["difference"].get(key)) for arm in arms.values()))
    terminal.console().print(table)
    for name, why in summary["left_out"].items():
        terminal.say(f"{name} was left out: {why}")
    for name, arm in summary["arms"].items():
        for note in arm["notes"]:
            terminal.say(f"{name}: {note}")
    if cost := glances.told(list(arms.values())[-1].get("time")):
        terminal.say(cost)
    terminal.say(_conclusion(arms))


def _conclusion(arms: dict[str, Any]) -> str:
    """What it comes to, in one sentence: the last arm, and how sure it is that it does better than the first."""
    first, last = next(iter(arms)), list(arms)[-1]
    count, characters = arms[last]["texts"], arms[last]["characters"]
    texts = f"{count:,} {'text' if count == 1 else 'texts'} ({characters:,} characters)"
    keys = f"{_percent(arms[last]['ksr']) or 'none'} of the keys ({last})"
    saved = f"On {'this' if count == 1 else 'these'} {texts} Shadowpen would have saved {keys}"
    found = arms[last]["difference"].get("ksr") if last != first else None
    if not found or found["mean"] is None:
        return f"{saved}."
    more = f"{abs(100 * found['mean']):.1f} points {'more' if found['mean'] >= 0 else 'less'} than {first}"
    if found["low"] is None or found["high"] is None:
        return f"{saved}, {more}; so few texts do not tell whether that is chance."
    is_sure = found["low"] > 0 or found["high"] < 0
    return f"{saved}, {more}, which {'is more than chance' if is_sure else 'may be chance'}."


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
    ("net of reading cost", "net_ksr", _percent),
    ("keys saved at equal coverage", "ksr_at_coverage", _percent),
    ("accepted of those shown", "accepted", _percent),
    ("right characters", "right", _percent),
    ("different texts per 100 keys", "ghosts_per_100_keys", _number),
    ("keys with ghost text", "grey", _percent),
    ("bits per character", "bits_per_character", _number),
    ("perplexity of other people's text", "general_perplexity", _number),
)
_SECONDS = (
    ("seconds saved per 1,000 characters, reading paid", "saved_s"),
    ("... that keys not pressed save", "strokes_s"),
    ("... that reading costs", "reading_s"),
    ("typing speed (s per key) from which time is saved", "break_even_key_s"),
)
_COMPARED = (("keys saved, compared with the first", "ksr"), ("at equal coverage", "ksr_at_coverage"))
