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
        (b"", b""),
    ],
)
def test_what_is_read_is_utf8(body: bytes, read: bytes) -> None:
    assert TolerantInput(io.BytesIO(body)).read(1_000) == read


def test_header_lines_come_as_they_are() -> None:
    stream = TolerantInput(io.BytesIO(b"Content-Length: 5\r\n\r\nhello"))
    assert [stream.readline(), stream.readline(), stream.read(5)] == [b"Content-Length: 5\r\n", b"\r\n", b"hello"]
