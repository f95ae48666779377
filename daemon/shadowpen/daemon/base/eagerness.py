"""Presets of `completion.eagerness`: one setting in place of five numbers.

The numbers were chosen with a simulated writer (docs/decisions/0058-show-only-what-is-worth-a-glance.md). Whoever sets
one of them by hand keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping

LEVELS: Mapping[str, Mapping[str, int | float]] = {
    "less": {
        "min_probability": 0.6,
        "glance_price": 0.5,
        "min_gain": 3,
        "min_gain_in_word": 4,
        "back_off_after": 8,
    },
    "normal": {
        "min_probability": 0.33,
        "glance_price": 0.25,
        "min_gain": 3,
        "min_gain_in_word": 4,
        "back_off_after": 12,
    },
    "more": {
        "min_probability": 0.25,
        "glance_price": 0.0,
        "min_gain": 2,
        "min_gain_in_word": 2,
        "back_off_after": 24,
    },
}
NORMAL = LEVELS["normal"]
