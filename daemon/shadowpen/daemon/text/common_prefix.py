"""The common beginning of two texts. Knows nothing of what the texts are."""

from __future__ import annotations


def common_prefix_length(one: str, other: str, limit: int | None = None) -> int:
    """How many characters both texts begin with, at most `limit`; by bisection, as slices compare at memory speed."""
    low, high = 0, min(len(one), len(other)) if limit is None else min(len(one), len(other), limit)
    if other.startswith(one[:high]):
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
