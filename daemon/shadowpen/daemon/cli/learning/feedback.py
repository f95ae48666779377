"""`shadowpen feedback`: list or export the suggestions that were rated low.

Reads the journal, and only what counts in it: what was forgotten is not there. Starts no daemon and no run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable

if TYPE_CHECKING:
    from shadowpen.daemon.storage.journal import Edit


@click.group()
def feedback() -> None:
    """List or export the suggestions that you rated low.

    A rating is low if it is below the setting feedback.threshold.
    """


@feedback.command("list")
@terminal.json_option
def list_(as_json: bool) -> None:
    """List the suggestions that you rated low, oldest first, and what you wrote instead."""
    found = [_item(edit) for edit in _low_rated()]
    if as_json:
        terminal.print_json({"threshold": configuration.load().feedback.threshold, "items": found})
    elif not found:
        terminal.say("You have not rated any suggestion low. `shadowpen rate bad` rates the last one.")
    for item in () if as_json else found:
        click.echo(f"{item.rated[:10]}  {item.rating:g}  {_shown(item)}")


@feedback.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead of the screen."
)
def export(out: Path | None) -> None:
    """Write the suggestions that you rated low as JSON lines, one object a line.

    `taken` is what you accepted of `suggested` after `context`; `written` is what stood in its place later, null if
    that is unknown or nothing changed.
    """
    import msgspec

    lines = [msgspec.json.encode(_item(edit)) + b"\n" for edit in _low_rated()]
    if out is None:
        if not lines:
            terminal.say("You have not rated any suggestion low.", err=True)
        click.echo(b"".join(lines), nl=False)
        return
    path = store.real(out)
    _put(path, b"".join(lines))
    terminal.say(f"{len(lines)} suggestions are in {path}.", err=True)


def _put(path: Path, content: bytes) -> None:
    """Write a file of the user's own, whole or not at all; no device and no pipe is replaced by it."""
    if path.exists() and not path.is_file():
        raise ConfigInvalid(f"{path} is not a file.", "Name a file, or leave out --out.")
    try:
        store.write_atomic(path, content, narrow=False)
    except StateUnusable as error:
        reason = store.in_words(error.__cause__ or error)
        raise ConfigInvalid(f"{path} cannot be written: {reason}.", "Name a file in a folder that exists.") from error


def _low_rated() -> list[Edit]:
    from shadowpen.daemon.learning.conditions.ratings import low_rated
    from shadowpen.daemon.storage import journal

    contents = journal.read(store.layout().edits)
    return low_rated(contents.edits, configuration.load().feedback.threshold)


@dataclass(frozen=True)
class RatedSuggestion:
    """What the journal knows of a suggestion; the text that was taken out of it is "" here.

    `written` is what stood in its place later, None where that is unknown or nothing changed.
    """

    id: str
    rated: str
    rating: float | None
    context: str
    suggested: str
    taken: str
    written: str | None
    document: str
    language: str
    model: str


def _item(edit: Edit) -> RatedSuggestion:
    from shadowpen.daemon.storage.journal import TAKEN_OUT

    accepted, written = edit.accepted, edit.final_text
    gone = accepted.taken == TAKEN_OUT
    return RatedSuggestion(
        id=edit.id,
        rated=edit.rated.isoformat() if edit.rated else "",
        rating=edit.rating,
        context=accepted.context,
        suggested="" if gone else accepted.suggested,
        taken="" if gone else accepted.taken,
        written=written if written.strip() and written != accepted.taken else None,
        document=accepted.document,
        language=accepted.language,
        model=accepted.model,
    )


def _shown(item: RatedSuggestion) -> str:
    if not item.taken:
        return "(you deleted it)"
    taken = " ".join(item.taken.split())
    instead = f", then “{' '.join(item.written.split())}”" if item.written else ""
    return f"“{taken}”{instead}"
