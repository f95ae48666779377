"""The script of the demo's writer. The continuations are the model's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """The writer types `typed`, then takes what is offered in the manner of `then`.

    `then` is one of "accept" (the whole ghost), "along" (half of it by hand, then the rest) and "continue" (the
    paragraph is written on). `otherwise` is typed when nothing is offered; the full stop comes from the writer too.
    """

    title: str
    typed: str
    then: str
    otherwise: str = ""


SCENES = (
    Scene(
        "Ghost text appears after the cursor and is accepted",
        "It was one of those mornings when the whole world seems to hold its ",
        "accept",
        "breath",
    ),
    Scene(
        "A suggestion can begin in the middle of a word",
        "The people of the island had lived there for hund",
        "accept",
        "reds of years",
    ),
    Scene(
        "The writer types along a suggestion, and it stays",
        "They had nothing left to eat and nowhere el",
        "along",
        "se to go",
    ),
    Scene(
        "An opening sentence becomes a paragraph",
        "Every evening my grandfather told us a story about the sea.",
        "continue",
    ),
)
