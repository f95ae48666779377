"""Places in a text: characters from its beginning, and line and UTF-16 unit as the protocol counts.

LibreOffice counts UTF-16 units too. Knows neither documents nor the server.
"""

from __future__ import annotations

from typing import Any


def units(text: str) -> int:
    """How many UTF-16 units `text` has."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def position(text: str, offset: int) -> dict[str, int]:
    """The protocol's position of a place in `text`."""
    start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, start), "character": units(text[start:offset])}


def offset(text: str, place: dict[str, int]) -> int:
    """The characters before a protocol's position in `text`; beyond a line's end, its end."""
    start = 0
    for _ in range(place["line"]):
        found = text.find("\n", start)
        if found < 0:
            return len(text)
        start = found + 1
    end = text.find("\n", start)
    line = text[start:] if end < 0 else text[start:end]
    left, taken = place["character"], 0
    for character in line:
        left -= units(character)
        if left < 0:
            break
        taken += 1
    return start + taken


def change(old: str, new: str) -> dict[str, Any] | None:
    """The smallest single change from one text to the other, as the protocol writes it; None where there is none."""
    if old == new:
        return None
    most = min(len(old), len(new))
    head = _alike(old, new, most)
    tail = _alike(old[::-1], new[::-1], most - head)
    span = {"start": position(old, head), "end": position(old, len(old) - tail)}
    return {"range": span, "text": new[head : len(new) - tail]}


def _alike(one: str, other: str, most: int) -> int:
    """How many characters two texts have in common at their beginning, at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
