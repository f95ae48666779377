from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator

import pytest

from shadowpen.lsp_server.editor import standard_streams
from shadowpen.lsp_server.editor.standard_streams import Messages, TolerantInput


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"text": "Gr\xc3\xb6\xc3\x9fe"}', b'{"text": "Gr\xc3\xb6\xc3\x9fe"}'),
        (b'{"text": "a\xffb"}', '{"text": "a\ufffdb"}'.encode()),
        (b'{"text": "cut \xf0\x9f"}', '{"text": "cut \ufffd"}'.encode()),
    ],
)
def test_what_is_read_is_utf8(body: bytes, read: bytes) -> None:
    stream = TolerantInput(io.BytesIO(b"Content-Length: %d\r\n\r\n" % len(body) + body))

    assert [stream.readline(), stream.readline()] == [b"Content-Length: %d\r\n" % len(read), b"\r\n"]
    assert stream.read(len(read)) == read
    assert stream.readline() == b""


def test_headers_of_any_form_come_in_one() -> None:
    stream = TolerantInput(io.BytesIO(b"content-type: x\r\ncontent-length:2\r\n\r\n{}"))
    assert [stream.readline(), stream.readline(), stream.read(2)] == [b"Content-Length: 2\r\n", b"\r\n", b"{}"]


_A = json.dumps({"jsonrpc": "2.0", "method": "a", "params": {"text": "Größe {\r\n} Content-Length: 5"}}).encode()
_B = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "b"}).encode()


def _read(*pieces: bytes) -> list[bytes]:
    coming: Iterator[bytes] = iter(pieces)
    messages = Messages(lambda: next(coming, b""))
    return list(iter(messages.next, None))


def _framed(body: bytes, off_by: int = 0) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % (len(body) + off_by) + body


@pytest.mark.parametrize(
    "header",
    [
        *(b"Content-Length: %d\r\n\r\n", b"content-length:%d\r\n\r\n", b"CONTENT-LENGTH \t:  %d \t\r\n\r\n"),
        *(b"Content-Length: %d\n\n", b"Content-Type: x; charset=utf-8\r\nContent-Length: %d\r\n\r\n"),
        *(b"Content-Length: %d\r\nContent-Type: x\r\nX-Other: y\r\n\r\n",),
    ],
)
def test_headers_count_in_any_case_spacing_and_order(header: bytes) -> None:
    assert _read(header % len(_A) + _A + header % len(_B) + _B) == [_A, _B]


@pytest.mark.parametrize("off_by", [-40, -5, -1, 1, 5, 40, 90, 4_000])
@pytest.mark.parametrize("together", [True, False])
def test_a_wrong_length_costs_no_message(off_by: int, together: bool) -> None:
    pieces = (_framed(_A, off_by), _framed(_B), _framed(_A))

    read = _read(b"".join(pieces)) if together else _read(*pieces)

    assert [body.strip() for body in read] == [_A, _B, _A]


@pytest.mark.parametrize(
    "nonsense", [b"Content-Length: 99999999999\r\n\r\n", b"Content-Length: 0\r\n\r\n", b"what? {}\r\n\r\n", b"\r\n"]
)
def test_nonsense_between_messages_is_passed_over(nonsense: bytes) -> None:
    assert _read(_framed(_A) + nonsense + _framed(_B)) == [_A, _B]


def test_a_large_message_is_not_read_anew_for_each_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    large = json.dumps({"text": "}" * 400_000}).encode()
    framed = _framed(large)
    read: list[int] = []
    end_of = standard_streams._json_end
    monkeypatch.setattr(standard_streams, "_json_end", lambda text: (read.append(len(text)), end_of(text))[1])

    assert _read(*(framed[place : place + 2_000] for place in range(0, len(framed), 2_000)), _framed(_B)) == [large, _B]
    assert sum(read) < 6 * len(large)


def test_a_body_that_is_no_json_costs_itself_alone() -> None:
    assert _read(_framed(b"{nonsense}") + _framed(_B))[-1] == _B


def test_a_stream_that_never_holds_a_header_takes_no_memory() -> None:
    messages = Messages(iter([b"x" * 65_536] * 200 + [b""]).__next__)

    assert messages.next() is None
    assert len(messages._held) < 100_000


def test_bytes_that_come_one_by_one_are_the_same_messages() -> None:
    stream = _framed(_A) + _framed(_B)

    assert _read(*(stream[place : place + 1] for place in range(len(stream)))) == [_A, _B]


def test_after_any_damage_a_later_message_is_heard() -> None:
    dice = random.Random(11)
    for _ in range(300):
        damaged = bytearray(_framed(_A) + _framed(_B))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(damaged))
            damaged[place : place + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))

        read = _read(bytes(damaged), *[_framed(_B)] * 4)

        assert read.count(_B) >= 3, bytes(damaged)
