"""`shadowpen rate`: store the user's rating of the last accepted suggestion in the journal.

A rating goes from 1 to 5; good is 5 and bad is 1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, DaemonUnreachable
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.wire.journal_events import Rated

if TYPE_CHECKING:
    from shadowpen.daemon.storage.journal import Edit

_RATINGS = {"good": 5, "bad": 1, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_RECORD_MS = 10_000


@click.command()
@click.argument("rating", type=click.Choice(list(_RATINGS)))
@click.option("--last", is_flag=True, help="The suggestion accepted last (the default).")
@terminal.json_option
def rate(rating: str, last: bool, as_json: bool) -> None:
    """Rate the suggestion you accepted last: good (5), bad (1), or a number from 1 to 5.

    Nothing is learned from a suggestion rated 1 or 2. `shadowpen feedback list` shows what you rated low.
    """
    layout, settings = store.layout(), configuration.load()
    if not journal_allowed(settings):
        raise ConfigInvalid("Learning is off: no suggestion is kept.", "`shadowpen learn on` allows it.")
    edit = _newest(layout)
    _record(layout, Rated(id=edit.id, time=datetime.now(UTC), rating=_RATINGS[rating]))
    if as_json:
        terminal.print_json({"id": edit.id, "rating": _RATINGS[rating]})
    else:
        terminal.say(f"Noted as {rating}: “{edit.accepted.taken.strip()}”")


def _newest(layout: store.Layout) -> Edit:
    from shadowpen.daemon.storage import journal

    edits = journal.read(layout.edits).edits
    if not edits:
        raise ConfigInvalid("No suggestion has been accepted yet.", "Accept one first.")
    return edits[-1]


def _record(layout: store.Layout, event: Rated) -> None:
    """Record the rating, through the daemon where one runs."""
    from shadowpen.daemon.storage.consented_journal import ConsentedJournal
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Record

    try:
        with Client("shadowpen rate", start=False, layout=layout) as client:
            client.request(Record.of([event], client.next_id()), timeout_ms=_RECORD_MS)
    except DaemonUnreachable:
        ConsentedJournal(layout).append([event])
