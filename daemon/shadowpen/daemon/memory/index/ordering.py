"""Sort the places of a text by the tokens before them, in numpy, which releases the GIL.

Eight bytes of context are compared at a time, and after the first round only places that are still alike
(prefix refinement, as in Larsson and Sadakane's suffix sorting, but to a fixed depth). Knows no files.
"""

from __future__ import annotations

import numpy as np

from shadowpen.daemon.memory.index.codes import DEPTH, Code

_PLACES_AT_ONCE = 1_000_000


def sorted_places(text: np.ndarray, places: np.ndarray, code: Code) -> np.ndarray:
    """`places` (uint32) of `text` by their contexts; newer first among equals.

    `text` lies backwards, in the machine's byte order, with DEPTH separators at its end. Part after part, by the
    nearest token: the memory it takes does not grow with the text, unless one token is everywhere.
    """
    counts = np.bincount(text[places], minlength=1)
    part_of = (np.cumsum(counts) // _PLACES_AT_ONCE)[text[places]]
    parts = [_sorted(text, places[part_of == part], code) for part in range(int(part_of.max(initial=-1)) + 1)]
    return np.concatenate([places[:0], *parts])


def _sorted(text: np.ndarray, places: np.ndarray, code: Code) -> np.ndarray:
    at_once = 8 // code.width
    order = places[np.argsort(_packed(text, places, 0, code), kind="stable")]
    alike = _equal_neighbours(_packed(text, order, 0, code))
    for depth in range(at_once, DEPTH, at_once):
        tied = np.flatnonzero(_in_a_group(alike))
        if not len(tied):
            break
        groups = np.cumsum(np.concatenate([[True], ~alike]), dtype=np.uint32)[tied]
        keys = _packed(text, order[tied], depth, code)
        turn = np.lexsort((keys, groups))
        order[tied] = order[tied][turn]
        still = np.zeros(len(alike), bool)
        still[tied[:-1]] = _equal_neighbours(keys[turn]) & _equal_neighbours(groups)
        alike = still
    return order


def _packed(text: np.ndarray, places: np.ndarray, depth: int, code: Code) -> np.ndarray:
    """The tokens at `depth` and after, counted from each place, as one uint64 that sorts as they do."""
    packed = np.zeros(len(places), np.uint64)
    for offset in range(8 // code.width):
        packed <<= np.uint64(8 * code.width)
        packed |= text[places + np.uint32(depth + offset)]
    return packed


def _equal_neighbours(values: np.ndarray) -> np.ndarray:
    return values[1:] == values[:-1]


def _in_a_group(alike: np.ndarray) -> np.ndarray:
    return np.concatenate([alike, [False]]) | np.concatenate([[False], alike])
