"""The real daemon's process with a fake model and a journal in memory: `python fake_daemon.py`.

The word "!fail" in a recorded event makes the journal fail.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)

from shadowpen.daemon.__main__ import leave, main
from support.models import fake_model

COMMAND = (sys.executable, "-W", "error", __file__)


class FakeJournal:
    def __init__(self) -> None:
        self.frames: list[msgspec.Raw] = []

    def record(self, frames: Sequence[msgspec.Raw]) -> None:
        told = b" ".join(map(bytes, frames))
        if b"!fail" in told:
            raise OSError(f"no space left for {told!r}")
        self.frames.extend(frames)


if __name__ == "__main__":
    leave(main(sys.argv[1:], load=fake_model.load, journal=FakeJournal()))
