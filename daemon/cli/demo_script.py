"""What the scripted writer writes. The words are ours; what comes after them is the model's, whatever it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """The writer types `typed`, then takes what is offered in the manner of `then`.

    `otherwise` is what the writer types when nothing is offered there. `then` is one of "accept" (the whole ghost),
    "along" (a few of its keys by hand, then the rest) and "continue" (the paragraph is written on).
    """

    title: str
    typed: str
    then: str
    otherwise: str = ""


SCENES = (
    Scene(
        "Ghost text grows behind the cursor and is accepted",
        "The last boat had left, and those of us who stayed behind watched it from the ",
        "accept",
        "pier.",
    ),
    Scene(
        "It begins in the middle of a word",
        "After a week without newspapers nobody seemed to mis",
        "accept",
        "s them.",
    ),
    Scene(
        "It is typed along, and stays",
        "In the evenings we sat in front of the ",
        "along",
        "stove.",
    ),
    Scene(
        "A lead sentence becomes a paragraph",
        "That winter was the longest that anyone could remember.",
        "continue",
    ),
)
