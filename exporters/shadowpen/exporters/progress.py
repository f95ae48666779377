"""Progress of long work: one callback per step.

Who shows it (a bar, a line in CI, nobody) is the caller's affair; this file draws nothing.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called as `progress("Downloading the model", done, total)`; a `total` of 0 means that it is not known.

    `done` and `total` are in one unit of the caller's choosing (bytes, layers, windows); a new `step` ends the last.
    """

    def __call__(self, step: str, done: float = 0, total: float = 0) -> None: ...


def silent(step: str, done: float = 0, total: float = 0) -> None:
    """The Progress of a caller who wants none."""
