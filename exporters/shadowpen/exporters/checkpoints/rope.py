"""Rotary embeddings: frequencies of plain, linear, Llama 3, YaRN and LongRoPE scaling.

A checkpoint's description is read into a `Rope`, whose frequencies are then numbers like any others: graphs know no
kind of scaling. LongRoPE has two sets of factors, chosen by the length of the text; a model with it is served up to the
length where the short ones end, and is exact there. Formulas as in transformers' modeling_rope_utils.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported

_MOST = 1e9  # of a base or a factor
_BETAS = (32.0, 1.0)  # rotations over the original context, between which YaRN blends

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rope:
    """The rotary embedding of some layers.

    `scaling` holds the numbers of its kind by transformers' names; `factors` are LongRoPE's, one a frequency.
    """

    theta: float
    kind: str = "default"
    scaling: tuple[tuple[str, float], ...] = ()
    factors: tuple[float, ...] = ()

    def frequencies(self, rotated: int) -> Floats:
        """Radians a token [rotated / 2] over `rotated` numbers of each head."""
        plain = self.theta ** -(np.arange(0, rotated, 2, dtype=np.float64) / rotated)
        if self.kind == "linear":
            return plain / self._number("factor")
        if self.kind == "llama3":
            return self._llama3(plain)
        if self.kind == "yarn":
            return self._yarn(plain, rotated)
        if self.kind == "longrope":
            if len(self.factors) != len(plain):
                raise _holes(f"{len(self.factors)} factors for {len(plain)} frequencies")
            return plain / np.array(self.factors)
        return plain

    @property
    def attention_factor(self) -> float:
        """What cosines and sines are multiplied by."""
        numbers = dict(self.scaling)
        factor = numbers.get("factor", 1.0)
        if "attention_factor" in numbers:
            return numbers["attention_factor"]
        if self.kind == "yarn":
            over, under = numbers.get("mscale", 0.0), numbers.get("mscale_all_dim", 0.0)
            return _magnitude(factor, over) / _magnitude(factor, under) if over and under else _magnitude(factor, 1.0)
        if self.kind == "longrope" and factor > 1:
            return math.sqrt(1 + math.log(factor) / math.log(self._number("original_max_position_embeddings")))
        return 1.0

    def tables(self, rotated: int, positions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cosines and sines [positions, rotated / 2], halves not interleaved (GPT-NeoX style)."""
        angles = np.outer(np.arange(positions, dtype=np.float64), self.frequencies(rotated))
        factor = self.attention_factor
        return (np.cos(angles) * factor).astype(np.float32), (np.sin(angles) * factor).astype(np.float32)

    def _number(self, name: str) -> float:
        try:
            return dict(self.scaling)[name]
        except KeyError:
            raise _holes(f"no {name}") from None

    def _llama3(self, plain: Floats) -> Floats:
        """Long waves are stretched, short ones left, and those between blended."""
        low, high = self._number("low_freq_factor"), self._number("high_freq_factor")
        rotations = self._number("original_max_position_embeddings") * plain / (2 * math.pi)
        if high <= low:
            raise _holes(f"high_freq_factor {high} beside low_freq_factor {low}")
        kept = np.clip((rotations - low) / (high - low), 0, 1)
        return kept * plain + (1 - kept) * plain / self._number("factor")

    def _yarn(self, plain: Floats, rotated: int) -> Floats:
        numbers = dict(self.scaling)
        context = self._number("original_max_position_embeddings")

        def place(rotations: float) -> float:
            return rotated * math.log(context / (rotations * 2 * math.pi)) / (2 * math.log(self.theta))

        fast, slow = (
            numbers.get(name) or usual for name, usual in zip(("beta_fast", "beta_slow"), _BETAS, strict=True)
        )
        low, high = place(fast), place(slow)
        if numbers.get("truncate", 1.0):
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, 0), min(high, rotated - 1)
        ramp = np.clip((np.arange(len(plain)) - low) / ((high - low) or 0.001), 0, 1)
        return plain / self._number("factor") * ramp + plain * (1 - ramp)


def read_rope(values: Mapping[str, Any], theta: float, config: Mapping[str, Any]) -> Rope:
    """The rotary embedding that a `rope_scaling` (in newer configs one of `rope_parameters`) describes.

    Raises ModelUnsupported for an unknown kind, ModelCorrupt for numbers that no honest checkpoint has.
    """
    kind = str(values.get("rope_type", values.get("type")) or "default")
    kind = "longrope" if kind == "su" else kind
    theta = _checked("rope_theta", values.get("rope_theta") or theta)
    if kind == "default":
        return Rope(theta)
    if kind not in ("linear", "llama3", "yarn", "longrope"):
        raise ModelUnsupported(
            f"The model uses a rotary embedding scaled by {kind!r}, which the fused graph does not compute.",
            "Choose another checkpoint, or the portable exporter.",
        )
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float) and value is not None}
    original = config.get("original_max_position_embeddings") if kind == "longrope" else None
    if original:
        numbers["factor"] = config["max_position_embeddings"] / original
    numbers.setdefault("original_max_position_embeddings", original or config.get("max_position_embeddings") or 0)
    allowed_zero = ("truncate", "mscale", "mscale_all_dim", "rope_theta")
    checked = {name: _checked(name, value, zero=name in allowed_zero) for name, value in numbers.items()}
    factors = values.get("short_factor") or () if kind == "longrope" else ()
    return Rope(theta, kind, tuple(sorted(checked.items())), tuple(_checked("short_factor", one) for one in factors))


def longest_exact(rope: Rope, context_length: int) -> int:
    """The tokens up to which `rope` is what the model computes: LongRoPE has other factors beyond its first context."""
    if rope.kind != "longrope":
        return context_length
    return min(context_length, int(dict(rope.scaling)["original_max_position_embeddings"]))


def _magnitude(factor: float, mscale: float) -> float:
    return 1.0 if factor <= 1 else 0.1 * mscale * math.log(factor) + 1.0


def _checked(name: str, value: Any, *, zero: bool = False) -> float:
    number = float(value)
    if not (0 <= number <= _MOST) or (number == 0 and not zero):
        raise _holes(f"{name} {value}")
    return number


def _holes(what: str) -> ModelCorrupt:
    return ModelCorrupt(f"The model's config describes its rotary embedding with {what}.", "Download the model again.")
