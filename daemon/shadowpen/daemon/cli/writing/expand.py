"""`shadowpen expand`: turn notes into a paragraph.

What is being written can still change, so it is shown on the terminal and taken away again; only the finished
paragraph goes to standard output. Without a terminal it imports click, the client and no more.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Expand, Expansion

_TIMEOUT_MS = 300_000
_LARGEST_SEED = 2**53  # protocol.MOST_SEED
_DOCUMENT = "shadowpen-expand:"
_HINT = 'For example: echo "roof leaks, two offers, ask Anna" | shadowpen expand'


@click.command()
@click.option("--file", "-f", "path", type=click.Path(path_type=Path), help="Read the notes from a file.")
@click.option(
    "--candidates",
    "-n",
    type=click.IntRange(1, 8),
    default=4,
    show_default=True,
    help="Number of paragraphs to choose from.",
)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), default=0, show_default=True, help="Random seed.")
@click.option(
    "--max-words",
    "-w",
    type=click.IntRange(1, 400),
    default=160,
    show_default=True,
    help="Maximum number of words of a free paragraph; a faithful one tells every note.",
)
@click.option(
    "--free/--faithful", default=False, help="Let the model say more than the notes say, or not (the default)."
)
@terminal.json_option
def expand(path: Path | None, candidates: int, seed: int, max_words: int, free: bool, as_json: bool) -> None:
    """Turn notes from standard input or a file into a paragraph, on standard output.

    Notes are lines, bullets, phrases between commas, or one opening sentence; at most 400 words. Each note becomes a
    sentence; only small words such as "the" and "was" are added, so nothing is invented. With --free the model may
    write more; one opening sentence is always continued freely. --json prints all candidates, with the words of the
    notes that each lacks, the words it adds and the note that each sentence tells. Links, citations, footnotes, code
    and placeholders such as {{name}} or [TK] are kept. The same notes, seed and model give the same paragraph. A
    terminal shows it while it is written; Ctrl-C stops it at once. Example: echo "roof leaks, two offers, ask Anna" |
    shadowpen expand
    """
    notes = text_input.read(path, "Type the notes; end them with Ctrl-D on a line of its own.")
    if not notes.strip():
        raise text_input.TextUnusable("There are no notes to expand.", _HINT)
    # Only here: wrong notes cost no connection.
    from shadowpen.daemon.base import store
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Expand

    if sys.stderr.isatty() and not store.layout().connection_file.exists():
        click.echo("Starting the daemon ...", err=True)
    with Client(name="shadowpen expand") as client:
        request = Expand(
            id=client.next_id(),
            document=_DOCUMENT,
            notes=notes,
            candidates=candidates,
            seed=seed,
            max_words=max_words,
            free=free,
        )
        try:
            final = _ask(client, request, silent=as_json)
        except RequestInvalid as error:  # too many notes, or nothing but links: it is the text that is wrong
            raise text_input.TextUnusable(error.message, error.hint) from error
    if not final.candidates:
        raise text_input.TextUnusable("The model wrote nothing for these notes.", "Try another --seed.")
    if as_json:
        terminal.print_json(_document(final, seed))
    else:
        _print_best(final)


def _ask(client: Client, request: Expand, *, silent: bool) -> Expansion:
    from shadowpen.daemon.wire.protocol import Expansion

    with _preview(silent=silent) as show:
        final = client.request(request, _TIMEOUT_MS, lambda partial: show(partial.text))
    assert isinstance(final, Expansion), final
    return final


@contextlib.contextmanager
def _preview(*, silent: bool) -> Iterator[Callable[[str], None]]:
    """Shows a growing text on the terminal, if there is one, and takes it away in the end."""
    if silent or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.live import Live
    from rich.text import Text

    with Live(console=terminal.console(error=True), transient=True) as live:
        yield lambda text: live.update(Text(text.strip(), style="dim"))


def _print_best(final: Expansion) -> None:
    sys.stdout.write(final.candidates[0] + "\n")
    sys.stdout.flush()
    if final.missing[0]:
        click.echo(f"Not covered: {', '.join(final.missing[0])}.", err=True)


def _document(final: Expansion, seed: int) -> dict[str, object]:
    parts = zip(final.candidates, final.missing, final.added, final.tells, strict=True)
    return {
        "text": final.candidates[0],
        "candidates": [
            {
                "text": text,
                "missing": missing,
                "added": [{"start": start, "end": end, "word": text[start:end]} for start, end in added],
                "tells": tells,
            }
            for text, missing, added, tells in parts
        ],
        "seed": seed,
        "model": final.model,
        "timings": {name: getattr(final.timings, name) for name in final.timings.__struct_fields__},
    }
