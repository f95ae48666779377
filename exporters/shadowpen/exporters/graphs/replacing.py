"""Replace a folder so that the old or the new one always exists.

What was there is one rename away until the new folder stands; whoever calls clears away or puts back what a kill
between the two renames left. Knows nothing of what the folders hold.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from shadowpen.daemon.base.store import sync_directory


def put_in_place(built: Path, place: Path, aside: Path) -> None:
    """Rename `built` to `place`, moving what is there to `aside` and, once it worked, out of the world."""
    if place.exists():
        place.rename(aside)
    try:
        built.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise
    sync_directory(place.parent)
    shutil.rmtree(aside, ignore_errors=True)
