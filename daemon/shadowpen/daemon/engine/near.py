"""The last words before the cursor, used when the window cannot be read in time.

After a jump in a long document hundreds of tokens are new to the cache; reading them takes longer than anybody waits.
So the first answer comes of a short window of its own, and the whole one is read behind it, for the keys that follow.
Knows ids only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.engine.window import ANCHOR_TOKENS, NEAR, find

NEAR_TOKENS = 48
_MOST_NEAR_TOKENS = 128
_SHARE_FOR_READING = 0.5  # of the time that is left; the rest is for writing


def is_out_of_reach(sessions: SessionPool, document: str, ids: Sequence[int], left_s: float) -> bool:
    """Whether the window `ids` cannot be read in the part of `left_s` that reading may take."""
    unread = len(ids) - sessions.get(document).reusable(ids)
    return unread > NEAR_TOKENS and unread * sessions.pace.token_s > left_s * _SHARE_FOR_READING


def near_window(sessions: SessionPool, document: str, ids: Sequence[int], begin: Sequence[int]) -> list[int]:
    """`begin` and the end of `ids`, which starts with `begin` too; it begins where the near cache does if that fits."""
    text = ids[len(begin) :]
    held = sessions.get(document + NEAR).ids[len(begin) :]
    start = find(text[-_MOST_NEAR_TOKENS:], held[:ANCHOR_TOKENS])
    if start is None:
        return [*begin, *text[-NEAR_TOKENS:]]
    return [*begin, *text[-_MOST_NEAR_TOKENS:][start:]]


def widen(sessions: SessionPool, document: str, ids: Sequence[int]) -> Iterator[None]:
    """Read the whole window; yields after each model call. The near cache goes when that is done."""
    for _ in sessions.get(document).reach(ids):
        yield
    sessions.drop(document + NEAR)
