"""Describe a version's measurements in words: how much better or worse it predicts text.

A writer has no use for perplexities; the manifest and `--json` have them. This file measures nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shadowpen.daemon.learning.gate import CONFIDENCE


def compared(before: Any, after: Any) -> str:
    """From two perplexities on the same text: "7.9 % better"; "" where one is missing or no number."""
    if not (_is_number(before) and _is_number(after)) or before <= 0:
        return ""
    return _change(after / before)


def certain(gain_nats: Any) -> str:
    """From the gain that is certain (log-likelihood per token): "3.1 % better"; "" for none."""
    return _change(math.exp(-gain_nats)) if _is_number(gain_nats) and gain_nats > 0 else ""


def sentences(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What the gate measured, as far as it did."""
    if own := compared(metrics.get("perplexity_served"), metrics.get("perplexity")):
        least = certain(metrics.get("gain_lower_bound"))
        at_least = f" (at least {least}, at {CONFIDENCE:.0%} certainty)" if least else ""
        yield f"Your newest text is predicted {own} than by the version used before{at_least}."
    if others := compared(1.0, metrics.get("general_ratio")):
        yield f"Other people's text is predicted {others} than by the model before any learning."


def _change(ratio: float) -> str:
    share = abs(1 - ratio)
    if share < 0.0005:
        return "0.0 % better"
    return f"{100 * share:.1f} % {'better' if ratio < 1 else 'worse'}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
