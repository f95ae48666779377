"""The token that a program must send: made once, in a file that only the user can read. Knows no HTTP."""

from __future__ import annotations

import hmac
import secrets

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable

_PREFIX = "sp-"  # some programs want a token to look like one
_RANDOM_BYTES = 32
_LEAST_CHARACTERS = 32
_MOST_BYTES = 1024


def access_token(layout: store.Layout) -> str:
    """The user's token, made if there is none; StateUnusable when the file cannot be trusted."""
    path = layout.serve_token
    try:
        raw, status = store.read_bounded_with_status(path, _MOST_BYTES)
    except FileNotFoundError:
        return _made(layout)
    except OSError as error:
        raise store.unusable(path, error) from error
    store.check_private(path, status, secret=True)
    token = raw.decode("ascii", "replace").strip()
    if len(token) < _LEAST_CHARACTERS or not token.isascii() or not token.isprintable():
        raise StateUnusable(f"{path} holds no token.", "Remove it; the next `shadowpen serve` makes a new one.")
    return token


def admits(token: str, authorization: bytes) -> bool:
    """Whether a header's value shows `token` as a bearer; takes the same time for every wrong one."""
    scheme, _, shown = authorization.partition(b" ")
    return scheme.lower() == b"bearer" and hmac.compare_digest(shown.strip(), token.encode())


def _made(layout: store.Layout) -> str:
    token = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    store.write_atomic(layout.serve_token, f"{token}\n".encode())
    return token
