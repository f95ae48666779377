"""A recipe orders the texts that a version learns from.

Recipes are found, tried and listed by `shadowpen plugins`; no training run takes one yet.
"""

from __future__ import annotations

from collections.abc import Sequence


def longest_first(texts: Sequence[str]) -> list[str]:
    return sorted(texts, key=len, reverse=True)
