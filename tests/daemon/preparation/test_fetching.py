"""Fetching within limits, from a server on this machine."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from support.local_server import Answer, serving

from shadowpen.daemon.preparation import fetching
from shadowpen.daemon.preparation.fetching import NotFetched, fetch

_HTML = {"Content-Type": "text/html; charset=iso-8859-1"}


def answer(path: str) -> Answer:
    if path == "/loop":
        return 302, {"Location": "/loop"}, b""
    if path == "/away":
        return 302, {"Location": "file:///etc/hostname"}, b""
    if path == "/moved":
        return 302, {"Location": "/page"}, b""
    if path == "/bomb":
        return 200, {**_HTML, "Content-Encoding": "gzip"}, gzip.compress(b" " * 3_000_000)
    if path == "/page":
        return 200, _HTML, "<p>Grün</p>".encode("latin-1")
    return 404, {}, b"nothing"


@pytest.fixture
def server() -> Iterator[str]:
    with serving(answer) as (address, _):
        yield address


def test_a_page_comes_with_its_encoding_and_last_address(server: str) -> None:
    found = fetch(f"{server}/moved")

    assert found.content.decode(found.encoding) == "<p>Grün</p>"
    assert found.address == f"{server}/page"


@pytest.mark.parametrize(
    ("path", "why"),
    [("/none", "status 404"), ("/loop", "too many redirects"), ("/away", "cannot be reached")],
)
def test_what_gives_nothing_has_a_reason(server: str, path: str, why: str) -> None:
    with pytest.raises(NotFetched, match=why):
        fetch(server + path)


def test_a_page_that_unpacks_without_end_is_cut_off(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_MOST_BYTES", 1_000_000)
    with pytest.raises(NotFetched, match="more than 1 MB"):
        fetch(f"{server}/bomb")


def test_a_slow_page_is_cut_off(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_ALL_S", 0.0)
    with pytest.raises(NotFetched, match="took longer than"):
        fetch(f"{server}/page")


def test_nobody_there_is_told() -> None:
    with serving(answer) as (address, _):
        pass
    with pytest.raises(NotFetched, match="cannot be reached"):
        fetch(address)
