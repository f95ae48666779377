"""Fetch the feeds and pages that the user named: the only place of this package that uses the network.

Each address is asked once, with limits of size, time and redirects; nothing that it links to is fetched.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import requests

_MOST_BYTES = 10_000_000
_CONNECT_S = 10.0
_ALL_S = 60.0  # of one address, from the first byte sent to the last received
_MOST_REDIRECTS = 5
_CHUNK_BYTES = 65_536
_AGENT = "shadowpen (a person asked for this page)"


@dataclass(frozen=True)
class Fetched:
    """What an address gave. `encoding` as the server tells it, "" if it does not; `address` after redirects."""

    content: bytes
    address: str
    encoding: str


class NotFetched(Exception):
    """An address gave nothing that can be read: a few words for the report."""


def fetch(address: str) -> Fetched:
    """What stands at an address; NotFetched, saying why, if nothing does."""
    until = time.monotonic() + _ALL_S
    with requests.Session() as session:
        session.max_redirects = _MOST_REDIRECTS
        session.headers["User-Agent"] = _AGENT
        try:
            with session.get(address, stream=True, timeout=_CONNECT_S) as answer:
                if answer.status_code != requests.codes.ok:
                    raise NotFetched(f"the server answered with status {answer.status_code}")
                return Fetched(_received(answer, until), answer.url, _encoding(answer))
        except requests.TooManyRedirects as error:
            raise NotFetched("too many redirects") from error
        except requests.Timeout as error:
            raise NotFetched("the server did not answer in time") from error
        except (requests.RequestException, UnicodeError, ValueError) as error:
            raise NotFetched("the address cannot be reached") from error


def _received(answer: requests.Response, until: float) -> bytes:
    """The body, unpacked; NotFetched where it is too large or comes too slowly."""
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_content(_CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise NotFetched(f"more than {_MOST_BYTES // 1_000_000} MB")
        if time.monotonic() > until:
            raise NotFetched(f"took longer than {_ALL_S:.0f} seconds")
    return b"".join(parts)


def _encoding(answer: requests.Response) -> str:
    told = answer.headers.get("content-type", "").lower()
    return answer.encoding or "" if "charset=" in told else ""
