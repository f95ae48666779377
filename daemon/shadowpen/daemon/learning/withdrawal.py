"""Withdraw versions that learned from journal lines the user deleted by hand.

Called when a training begins: by then nobody is in the middle of changing a file. What lies in the author's folders
may come and go as it likes; only `shadowpen forget` takes that out of versions.
"""

from __future__ import annotations

from shadowpen.daemon.base import store
from shadowpen.daemon.learning.status import read_status, write_status
from shadowpen.daemon.storage import journal, versions


def withdraw(layout: store.Layout) -> list[str]:
    """Delete the versions that learned from edits no longer in the journal; which.

    If any, all text that is left counts as new to the next run. A journal that cannot be read says nothing.
    """
    try:
        there = journal.ids_on_disk(layout.edits)
    except OSError:
        return []
    gone = [
        version.id
        for version in versions.versions(layout)
        if not there.issuperset(id for source in version.sources for id in source.edits)
    ]
    if gone:
        status = read_status(layout)
        status.tokens = status.edits = 0
        write_status(layout, status)
    for version in reversed(gone):  # of a chain the newest first
        versions.delete(layout, version)
    return gone
