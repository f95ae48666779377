"""`shadowpen eval`: how good it is, measured on texts that are there already.

What is measured is in `daemon.evaluation`; here texts are read, the daemon is asked and figures are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.cli import output, text_input

if TYPE_CHECKING:
    from shadowpen.daemon.blocking_client import Client

_TIMEOUT_MS = 300_000


@click.group("eval")
def evaluate() -> None:
    """Measure how good Shadowpen is on texts of yours."""


@evaluate.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--paragraphs", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many.")
@click.option("--candidates", type=click.IntRange(1, 8), default=3, show_default=True, help="To choose the best of.")
@click.option("--seed", type=int, default=1, show_default=True, help="What is chosen and sampled.")
@click.option("--examples", type=click.Path(path_type=Path), help="Write the first ten, whatever they are, to a file.")
@output.json_option
def expansions(
    files: tuple[Path, ...], paragraphs: int, candidates: int, seed: int, examples: Path | None, as_json: bool
) -> None:
    """Make notes of real paragraphs in FILES, paragraphs of the notes, and say how much of the notes they tell."""
    from dataclasses import asdict

    from rich.progress import track

    from shadowpen.daemon import store
    from shadowpen.daemon.blocking_client import Client
    from shadowpen.daemon.evaluation.expansions import choose, markdown, measure, summarise

    chosen = choose([text_input.read(path, "") for path in files], paragraphs, seed)
    if not chosen:
        raise text_input.TextUnusable("There is no paragraph of 40 to 160 words in these files.", "Name others.")
    with Client(name="shadowpen eval") as client:
        work = measure(chosen, _expander(client, candidates), seed)
        made = list(track(work, "Expanding", len(chosen), console=output.console(error=True), disable=as_json))
    summary = summarise(made)
    if examples:
        store.write_atomic(examples, markdown(made[:10]).encode())
    if as_json:
        output.print_json(asdict(summary))
        return
    click.echo(f"{summary.paragraphs} paragraphs: {summary.told:.1%} of the notes' words told,")
    click.echo(f"at most 8 words copied in {summary.copied_little:.1%} (longest run {summary.longest_copied}),")
    click.echo(f"40 to 160 words long in {summary.in_length:.1%}.")


def _expander(client: Client, candidates: int) -> Callable[[Sequence[str], int], str]:
    from shadowpen.daemon.protocol import Expand, Expansion

    def expand(notes: Sequence[str], seed: int) -> str:
        request = Expand(
            id=client.next_id(), document="shadowpen-eval:", notes="\n".join(notes), seed=seed, candidates=candidates
        )
        reply = client.request(request, timeout_ms=_TIMEOUT_MS)
        assert isinstance(reply, Expansion)
        return reply.candidates[0] if reply.candidates else ""

    return expand
