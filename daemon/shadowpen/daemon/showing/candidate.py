"""A candidate suggestion with the model's probabilities and its place.

Knows neither how the text was made nor what is thought of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from shadowpen.daemon.markup.spots import Spot


@dataclass(frozen=True)
class CursorPlace:
    """The text before and after the cursor, and what of the document's markup it is in."""

    prefix: str
    suffix: str
    spot: Spot = Spot.TEXT

    @property
    def line(self) -> str:
        """The cursor's line up to the cursor."""
        return self.prefix[self.prefix.rfind("\n") + 1 :]

    @property
    def rest_of_line(self) -> str:
        return self.suffix.split("\n", 1)[0]


@dataclass(frozen=True)
class Candidate:
    """A suggestion before it is judged.

    `probability` is the model's of all of `text`, `first_word` of the leading words that are worth a key.

    `margin` is by how much its first token was likelier than the runner-up (0 to 1), `worth` the keys it is expected
    to save, less the price of reading what is wrong in it. `lift` is by how much (in nats) the words behind the cursor
    are likelier after it than without it; None where nobody asked.
    """

    text: str
    probability: float
    first_word: float
    margin: float = 1.0
    worth: float = 0.0
    lift: float | None = None
