"""Running estimate of reading speed: how many tokens fit before a deadline, and into one step.

Knows neither the model nor the clock's use.
"""

from __future__ import annotations

_FIRST_GUESS_S = 0.7e-3  # 135M parameters on two cores
_NEWEST_SHARE = 0.2
_LEAST_TOKENS = 16  # a shorter call says more of decoding than of reading
PREFILL_CHUNK_TOKENS = 32  # the most of a step; more at once are hardly cheaper
_FEWEST_TOKENS = 6  # fewer cost a slow processor much more each
_STEP_S = 0.07


class Pace:
    """A moving mean of seconds a token, over calls that read many at once."""

    def __init__(self) -> None:
        self.token_s = _FIRST_GUESS_S

    @property
    def step_tokens(self) -> int:
        """So many are read at once, as a key that comes meanwhile waits until they are read."""
        return max(_FEWEST_TOKENS, min(PREFILL_CHUNK_TOKENS, int(_STEP_S / self.token_s)))

    def took(self, tokens: int, seconds: float) -> None:
        """A call read `tokens` in `seconds`."""
        if tokens >= min(_LEAST_TOKENS, self.step_tokens):
            self.token_s += _NEWEST_SHARE * (seconds / tokens - self.token_s)
