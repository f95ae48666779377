"""Running estimate of reading speed: how many tokens fit before a deadline.

Knows neither the model nor the clock's use.
"""

from __future__ import annotations

_FIRST_GUESS_S = 0.7e-3  # 135M parameters on two cores
_NEWEST_SHARE = 0.2
_LEAST_TOKENS = 16  # a shorter call says more of decoding than of reading


class Pace:
    """A moving mean of seconds a token, over calls that read many at once."""

    def __init__(self) -> None:
        self.token_s = _FIRST_GUESS_S

    def took(self, tokens: int, seconds: float) -> None:
        """A call read `tokens` in `seconds`."""
        if tokens >= _LEAST_TOKENS:
            self.token_s += _NEWEST_SHARE * (seconds / tokens - self.token_s)
