"""`shadowpen expand`: turn notes into a paragraph.

What is being written can still change, so it is shown on the terminal and taken away again; only the finished
paragraph goes to standard output. Without a terminal it imports click, the client and no more.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.cli import text_input
from shadowpen.daemon.cli.writing.set_option import set_option

if TYPE_CHECKING:
    from shadowpen.daemon.base.store import Layout
    from shadowpen.daemon.client.answers import ExpandedNotes
    from shadowpen.daemon.storage.expansion_thread import StoredThread

_HINT = 'For example: echo "roof leaks, two offers, ask Anna" | shadowpen expand'


@click.command()
@click.option("--file", "-f", "path", type=click.Path(path_type=Path), help="Read the notes from a file.")
@click.option(
    "--candidates",
    "-n",
    type=click.IntRange(1, 8),
    help="Number of paragraphs to choose from.  [default: the setting expansion.candidates]",
)
@click.option("--seed", type=terminal.SEED, default=0, show_default=True, help="Random seed.")
@click.option(
    "--max-words",
    "-w",
    type=click.IntRange(1, 400),
    default=160,
    show_default=True,
    help="Maximum number of words of a free paragraph; a faithful one covers every note.",
)
@click.option("--free/--faithful", default=False, help="Let the model add to the notes, or keep to them (the default).")
@click.option(
    "--continue",
    "said",
    metavar="WORDS",
    help='Change the paragraph that was printed last: shorter, longer, "another beginning", "another wording", '
    '"less formal", "more formal", "mention …".',
)
@click.option("--take", is_flag=True, help="Print that paragraph once more, and delete it and its notes.")
@set_option("expansion")
@terminal.json_option
def expand(
    path: Path | None,
    candidates: int | None,
    seed: int,
    max_words: int,
    free: bool,
    said: str | None,
    take: bool,
    chosen: dict[str, str],
    as_json: bool,
) -> None:
    """Turn notes from standard input or a file into a paragraph, on standard output.

    Notes are lines, bullets, phrases between commas, or one opening sentence; at most 400 words. Each note becomes a
    sentence; only small words such as "the" and "was" are added, so nothing is invented. Notes in
    languages other than English become sentences unchanged. With --free the model may write more; one opening
    sentence is always continued freely. --json prints all candidates, each with the
    words it leaves out, the words it adds and the note behind each sentence. Links, citations, footnotes, code
    and placeholders such as {{name}} or [TK] are kept. The same notes, seed and model give the same paragraph. On a
    terminal you see it being written; Ctrl-C stops it at once. Example: echo "roof leaks, two offers, ask Anna" |
    shadowpen expand

    --continue changes the paragraph that was printed last and still covers every note; repeated changes add up. With a
    server (docs/engines.md) you can ask for anything. The notes and the paragraph are kept for this for at most an
    hour, in a file that only you can read; --take deletes them at once. Example:
    shadowpen expand --continue "mention the roof"
    """
    # Only here: wrong notes or settings cost no connection.
    from shadowpen.daemon.base import store
    from shadowpen.daemon.storage import expansion_thread

    layout = store.layout()
    if take:
        text = _kept(layout).text
        if as_json:
            terminal.print_json({"text": text})
        else:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()  # a paragraph that could not be printed is not deleted
        expansion_thread.delete(layout)
        return
    if said is None:
        thread = _begun(path, candidates, seed, max_words, chosen, free=free)
    else:
        thread = _said(_kept(layout), said)
    final = _expanded(thread, layout, as_json=as_json)
    expansion_thread.write(layout, structs.replace(thread, text=final.text, at_s=time.time()))
    if as_json:
        terminal.print_json(_document(final, thread.seed))
    else:
        _print_best(final)


def _kept(layout: Layout) -> StoredThread:
    from shadowpen.daemon.storage import expansion_thread

    thread = expansion_thread.read(layout)
    if thread is None:
        raise text_input.TextUnusable(
            "There is no expansion to change.", "Expand some notes first; they are kept for an hour."
        )
    return thread


def _begun(
    path: Path | None, candidates: int | None, seed: int, max_words: int, chosen: dict[str, str], *, free: bool
) -> StoredThread:
    """A new thread, of the notes that are read here."""
    notes = text_input.read(path, "Type the notes; end them with Ctrl-D on a line of its own.")
    if not notes.strip():
        raise text_input.TextUnusable("There are no notes to expand.", _HINT)
    from shadowpen.daemon.client import requests
    from shadowpen.daemon.storage.expansion_thread import StoredThread
    from shadowpen.daemon.wire.protocol import Sampling

    settings = requests.checked_settings("expansion", chosen)
    candidates = settings.pop("candidates", None) if candidates is None else candidates
    settings.pop("candidates", None)
    return StoredThread(
        notes=notes,
        text="",
        at_s=0.0,
        free=free,
        max_words=max_words,
        candidates=candidates,
        seed=seed,
        sampling=Sampling(**settings),
    )


def _said(thread: StoredThread, said: str) -> StoredThread:
    """`thread` with one turn more, about the paragraph that was printed last."""
    from shadowpen.daemon.wire.protocol import Turn

    return structs.replace(thread, turns=[*thread.turns, Turn(instruction=said, shown=thread.text)])


def _expanded(thread: StoredThread, layout: Layout, *, as_json: bool) -> ExpandedNotes:
    """What comes of the last turn of `thread`, or of its notes where it has none."""
    from shadowpen.daemon.client.blocking import WritingClient

    if sys.stderr.isatty() and not layout.connection_file.exists():
        terminal.say("Starting the daemon ...", err=True)
    settings = {name: value for name, value in structs.asdict(thread.sampling).items() if value is not None}
    with WritingClient("shadowpen expand") as client, _preview(silent=as_json) as show:
        try:
            final = client.expand(
                thread.notes,
                free=thread.free,
                max_words=thread.max_words,
                candidates=thread.candidates,
                seed=thread.seed,
                settings=settings,
                turns=[(turn.instruction, turn.shown) for turn in thread.turns],
                on_text=show,
            )
        except RequestInvalid as error:  # too many notes, or nothing but links: it is the text that is wrong
            raise text_input.TextUnusable(error.message, error.hint) from error
    if not final.paragraphs:
        raise text_input.TextUnusable("The model wrote nothing for these notes.", "Try another --seed.")
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


def _print_best(final: ExpandedNotes) -> None:
    best = final.paragraphs[0]
    sys.stdout.write(best.text + "\n")
    sys.stdout.flush()
    if best.missing:
        terminal.say(f"Not covered: {', '.join(best.missing)}.", err=True)


def _document(final: ExpandedNotes, seed: int) -> dict[str, object]:
    return {
        "text": final.text,
        "candidates": [
            {
                "text": one.text,
                "missing": one.missing,
                "added": [{"start": start, "end": end, "word": one.text[start:end]} for start, end in one.added],
                "tells": one.tells,
            }
            for one in final.paragraphs
        ],
        "seed": seed,
        "model": final.model,
        "timings": {name: getattr(final.timings, name) for name in final.timings.__struct_fields__},
    }
