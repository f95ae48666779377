"""The vocabulary by bytes: which tokens may come next when certain bytes must.

Sorted tokens make every question a binary search: tokens that begin with given bytes are one slice,
tokens that given bytes begin with are at most as many searches as there are bytes. Knows no model.
"""

from __future__ import annotations

import bisect
import string
from collections.abc import Sequence

import numpy as np

from shadowpen.daemon.text.scripts import begins_without_blanks
from shadowpen.daemon.text.sentences import ENDS, OWN_PAUSES, SPACED_PAUSES

_MARKS = frozenset(ENDS + SPACED_PAUSES + OWN_PAUSES)


class Vocabulary:
    """The tokens of a model as bytes.

    `token_bytes[i]` are the bytes of token i; empty ones (special tokens) never match.
    """

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        real = [i for i, b in enumerate(token_bytes) if b]
        real.sort(key=lambda i: token_bytes[i])
        self._sorted = [token_bytes[i] for i in real]
        self._ids = np.asarray(real, np.int64)
        self.special = np.asarray([i for i, b in enumerate(token_bytes) if not b], np.int64)
        self.with_newline = np.asarray([i for i, b in enumerate(token_bytes) if b"\n" in b], np.int64)
        self.with_digit = {
            digit: np.asarray([i for i, b in enumerate(token_bytes) if digit.encode() in b], np.int64)
            for digit in string.digits
        }
        self.goes_on_word = np.asarray([_goes_on_word(b) for b in token_bytes])
        self.marks = np.asarray([i for i, b in enumerate(token_bytes) if _is_mark(b)], np.int64)

    def beginning_with(self, prefix: bytes) -> np.ndarray:
        """Ids of the tokens that begin with `prefix`, itself included."""
        low = bisect.bisect_left(self._sorted, prefix)
        high = bisect.bisect_left(self._sorted, _successor(prefix)) if _successor(prefix) else len(self._sorted)
        return self._ids[low:high]

    def inside(self, required: bytes) -> list[int]:
        """Ids of the tokens that `required` begins with and goes beyond."""
        return [i for n in range(1, len(required)) for i in self.being(required[:n])]

    def being(self, data: bytes) -> list[int]:
        """Ids of the tokens that are `data`; several where a byte has a token of its own beside the character's."""
        low = bisect.bisect_left(self._sorted, data)
        found: list[int] = self._ids[low : bisect.bisect_right(self._sorted, data, low)].tolist()
        return found

    def compatible(self, required: bytes) -> np.ndarray:
        """Ids of the tokens that may come next when the text must go on with `required`."""
        return np.concatenate([self.beginning_with(required), np.asarray(self.inside(required), np.int64)])


def _successor(prefix: bytes) -> bytes:
    """The least byte string above all that begin with `prefix`; b"" where there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""


def _goes_on_word(token: bytes) -> bool:
    """Whether a token after a letter continues that word; half a character counts as one.

    Where no blanks stand between words, whatever comes next may be another one.
    """
    if not token or begins_without_blanks(token):
        return False
    text = token[:4].decode("utf-8", errors="ignore")
    return not text or text[0].isalnum() or text[0] in "'’_"


def _is_mark(token: bytes) -> bool:
    """Whether a token after a word ends a clause or a sentence."""
    return token[:4].decode("utf-8", errors="ignore")[:1] in _MARKS
