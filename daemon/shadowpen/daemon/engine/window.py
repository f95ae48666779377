"""Choose the part of a long text that the model sees, so that its cache stays valid for long.

A window whose start moved with every key would change every cached token. So the start stays where the
cached tokens begin until the window is full, then moves on by a hop; the next window is read ahead in
the background before that, and swapped in. Some models want a token at the beginning of whatever they read (`begin`):
every window has it, wherever it starts.

After a jump in a long document hundreds of tokens are new to the cache; reading them takes longer than anybody waits.
So the first answer comes of the last words alone, a short window of its own, and the whole one is read behind it, for
the keys that follow. Knows ids only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shadowpen.daemon.engine.session_pool import PART, SessionPool

HOP_TOKENS = 256
ANCHOR_TOKENS = 16
_READ_AHEAD_TOKENS = 96
_AHEAD = PART + "ahead"
NEAR = PART + "near"  # of the cache of a document's last words
NEAR_TOKENS = 48
_MOST_NEAR_TOKENS = 128
_SHARE_FOR_READING = 0.5  # of the time that is left; the rest is for writing


def open_window(
    sessions: SessionPool, document: str, ids: Sequence[int], limit: int, begin: Sequence[int] = ()
) -> list[int]:
    """`begin` and the end of `ids`, which starts with `begin` too; at most `limit` in all.

    It begins where the cache of `document` does if that fits; where not, a window that was read ahead takes its place.
    """
    text, room = ids[len(begin) :], limit - len(begin)
    for _ in range(2):
        start = _held_start(sessions, document, text, begin)
        if start is not None and len(text) - start <= room:
            return [*begin, *text[start:]]
        if not sessions.take_over(document + _AHEAD, document):
            break
    return [*begin, *text[fresh_start(len(text), room) :]]


def read_ahead(
    sessions: SessionPool, document: str, ids: Sequence[int], limit: int, begin: Sequence[int] = ()
) -> Iterator[None]:
    """Read the window after this one when this one, `ids`, is nearly full; yields after each model call."""
    if len(ids) < limit - _READ_AHEAD_TOKENS or sessions.is_crowded:
        return
    text, room = ids[len(begin) :], limit - len(begin)
    ahead = sessions.get(document + _AHEAD)
    start = _held_start(sessions, document + _AHEAD, text, begin)
    if start is None:
        start = fresh_start(len(text) + _READ_AHEAD_TOKENS, room)
    for _ in ahead.reach([*begin, *text[start:]]):
        yield
    yield


def close(sessions: SessionPool, document: str) -> None:
    for part in ("", _AHEAD, NEAR):
        sessions.drop(document + part)


def fresh_start(length: int, limit: int) -> int:
    """Where a new window over `length` tokens begins: at 0, or so that it has a hop of room to grow."""
    return 0 if length <= limit else length - max(1, limit - min(HOP_TOKENS, limit // 4))


def find(ids: Sequence[int], anchor: Sequence[int]) -> int | None:
    """The first place where `anchor` stands in `ids`; None if it is empty or does not."""
    n = len(anchor)
    if not n:
        return None
    first, wanted = anchor[0], list(anchor)
    return next((i for i in range(len(ids) - n + 1) if ids[i] == first and list(ids[i : i + n]) == wanted), None)


def _held_start(sessions: SessionPool, document: str, text: Sequence[int], begin: Sequence[int]) -> int | None:
    return find(text, sessions.get(document).ids[len(begin) : len(begin) + ANCHOR_TOKENS])


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
