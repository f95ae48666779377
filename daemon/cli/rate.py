"""`shadowpen rate`: the writer's own mark for the suggestion taken last, kept beside it in the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon import config as configuration
from shadowpen.daemon import store
from shadowpen.daemon.cli import output
from shadowpen.daemon.errors import ConfigInvalid, DaemonUnreachable
from shadowpen.daemon.privacy.consent import journal_allowed

if TYPE_CHECKING:
    from shadowpen.daemon.journal import Edit

_RATINGS = {"good": 5, "bad": 1}
_RECORD_MS = 10_000


@click.command()
@click.argument("rating", type=click.Choice(list(_RATINGS)))
@click.option("--last", is_flag=True, help="The suggestion taken last; there is no other choice yet.")
@output.json_option
def rate(rating: str, last: bool, as_json: bool) -> None:
    """Say whether the suggestion you took last was good or bad. The words of a bad one are not learned."""
    layout, settings = store.layout(), configuration.load()
    if not journal_allowed(settings):
        raise ConfigInvalid("Learning is off: no suggestion is kept.", "`shadowpen learn on` allows it.")
    edit = _newest(layout)
    _record(layout, {"type": "rated", "id": edit.id, "time": time.time(), "rating": _RATINGS[rating]})
    if as_json:
        output.print_json({"id": edit.id, "rating": _RATINGS[rating]})
    else:
        click.echo(f"Noted as {rating}: “{edit.accepted.taken.strip()}”")


def _newest(layout: store.Layout) -> Edit:
    from shadowpen.daemon import journal

    edits = journal.read(layout.edits).edits
    if not edits:
        raise ConfigInvalid("No suggestion was taken yet.", "Take one first.")
    return edits[-1]


def _record(layout: store.Layout, event: dict[str, Any]) -> None:
    """By the daemon where one runs."""
    from shadowpen.daemon.blocking_client import Client
    from shadowpen.daemon.protocol import Record
    from shadowpen.daemon.recording import ConsentedJournal

    try:
        with Client("shadowpen rate", start=False, layout=layout) as client:
            client.request(Record(id=client.next_id(), events=[event]), timeout_ms=_RECORD_MS)
    except DaemonUnreachable:
        ConsentedJournal(layout).append([event])
