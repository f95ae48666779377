"""`shadowpen complete`: continue a text and stream the result.

One process for one text, so what it imports counts: click, the client and no more.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.cli import text_input
from shadowpen.daemon.cli.writing.set_option import set_option
from shadowpen.daemon.text.sentences import whole_sentences

if TYPE_CHECKING:
    from shadowpen.daemon.client.answers import ContinuedText
    from shadowpen.daemon.client.blocking import WritingClient


@click.command()
@click.option("--file", "-f", "path", type=click.Path(path_type=Path), help="Read the text from a file.")
@click.option(
    "--words", "-w", type=click.IntRange(1, 400), default=40, show_default=True, help="Maximum number of words."
)
@set_option("continuation")
@terminal.json_option
def complete(path: Path | None, words: int, chosen: dict[str, str], as_json: bool) -> None:
    """Continue a text from standard input or a file, and stream the result to standard output.

    The text may end in the middle of a word; one final line break is ignored. A daemon is
    started if none is running. Example: echo "The harbour was" | shadowpen complete --words 12
    """
    prefix = _read(path)
    # Only here: a wrong text or setting costs no connection.
    from shadowpen.daemon.base import store
    from shadowpen.daemon.client import requests
    from shadowpen.daemon.client.blocking import WritingClient

    requests.checked_settings("continuation", chosen)
    if sys.stderr.isatty() and not store.layout().connection_file.exists():
        terminal.say("Starting the daemon ...", err=True)
    with WritingClient("shadowpen complete") as client:
        final = _print_as_it_comes(client, prefix, words, chosen, silent=as_json)
    if as_json:
        timings = {name: getattr(final.timings, name) for name in final.timings.__struct_fields__}
        terminal.print_json({"text": final.text, "model": final.model, "timings": timings})


def _read(path: Path | None) -> str:
    """The text, its last line break taken off; TextUnusable when it is none."""
    text = text_input.read(path, "Type the beginning; end it with Ctrl-D on a line of its own.")
    text = text.removesuffix("\n").removesuffix("\r")
    if not text.strip():
        hint = 'For example: echo "The harbour was" | shadowpen complete'
        raise text_input.TextUnusable("There is no text to continue.", hint)
    return text


def _print_as_it_comes(
    client: WritingClient, prefix: str, words: int, chosen: dict[str, str], *, silent: bool
) -> ContinuedText:
    """Print sentence by sentence: the daemon may yet take back an unfinished one, and what is printed stays."""
    printed = ""

    def print_up_to(text: str) -> None:
        nonlocal printed
        if not silent and text.startswith(printed):
            sys.stdout.write(text[len(printed) :])
            sys.stdout.flush()
            printed = text

    final = client.continue_text(
        prefix, max_words=words, settings=chosen, on_text=lambda text: print_up_to(whole_sentences(text))
    )
    print_up_to(f"{final.text}\n")
    return final
