"""Everything that can go wrong with a server: one sentence and one hint each."""

from __future__ import annotations

import ssl

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.openai.key import VARIABLE

_CHECK = "Check what runs there: shadowpen engine check"
_BUSY, _LOADING = 429, 503
_REFUSED = (401, 403)
_UNKNOWN = (404, 405)


def away(where: str) -> ServerFailed:
    return ServerFailed(f"No server answers at {where}.", "Start it, or change engine.address.")


def not_begun(where: str, limit_s: float) -> ServerFailed:
    return ServerFailed(
        f"The server at {where} wrote nothing within {limit_s:.0f} seconds.",
        "It may still be loading its model, or be busy; engine.limit_s is the limit.",
    )


def never_ends(where: str, limit_s: float) -> ServerFailed:
    return ServerFailed(
        f"The server at {where} did not finish within {limit_s:.0f} seconds.",
        "A smaller model is quicker; engine.limit_s is the limit.",
    )


def too_much(where: str) -> ServerFailed:
    return ServerFailed(f"The server at {where} sends more data than a text can have.", _CHECK)


def half_way(where: str) -> ServerFailed:
    return ServerFailed(f"The server at {where} stopped in the middle of its answer.", "Try again, or look at its log.")


def something_else(where: str) -> ServerFailed:
    return ServerFailed(
        f"What answers at {where} does not speak OpenAI's protocol.", "Another program may use that port. " + _CHECK
    )


def web_page(where: str) -> ServerFailed:
    return ServerFailed(f"{where} answers with a web page.", "engine.address may need another path, such as /v1.")


def redirects(where: str) -> ServerFailed:
    return ServerFailed(
        f"The server at {where} redirects to another address; redirects are never followed.",
        "Set engine.address to that address itself.",
    )


def untrusted(where: str) -> ServerFailed:
    return ServerFailed(
        f"The certificate of the server at {where} cannot be verified.",
        "Add its certificate authority to those that this system trusts.",
    )


def no_model(where: str) -> ServerFailed:
    return ServerFailed(f"The server at {where} lists no model of its own.", "Load one there, or set engine.model.")


def said(where: str, words: str) -> ServerFailed:
    """The server tells in its stream what went wrong."""
    return ServerFailed(_with(f"The server at {where} failed", words), "Look at its log.")


def connecting(where: str, error: Exception) -> ServerFailed:
    """No connection came about."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return untrusted(where) if isinstance(cause, ssl.SSLCertVerificationError) else something_else(where)
        cause = cause.__cause__ or cause.__context__
    return away(where)


def status(where: str, path: str, number: int, words: str, *, has_key: bool) -> ServerFailed:
    """The server refuses with an HTTP status; `words` are its own, or ""."""
    if number in _REFUSED:
        if has_key:
            return ServerFailed(f"The server at {where} refuses the key.", "Store the right one: shadowpen engine key")
        return ServerFailed(
            f"The server at {where} asks for a key.", f"Store it (shadowpen engine key), or set {VARIABLE}."
        )
    if number in _UNKNOWN:
        hint = "engine.model may name a model that it does not have, or engine.address another path."
        return ServerFailed(_with(f"The server at {where} does not offer {path} for this model", words), hint)
    if number == _BUSY:
        return ServerFailed(_with(f"The server at {where} accepts no more requests now", words), "Try again later.")
    if number == _LOADING:
        return ServerFailed(_with(f"The server at {where} is not ready", words), "It may still load its model.")
    return ServerFailed(_with(f"The server at {where} refuses the request with status {number}", words), _CHECK)


def _with(sentence: str, words: str) -> str:
    return f"{sentence}: {words.rstrip('.')}." if words else f"{sentence}."
