from __future__ import annotations

import io

import pytest

from shadowpen.lsp_server.editor.standard_streams import TolerantInput


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
