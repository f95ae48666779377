"""What is within a line for Neovim and would end it in the server."""

from __future__ import annotations

import pytest

from ..conftest import Start


@pytest.mark.parametrize(
    ("text", "opened", "changed"),
    [
        ("One\rtwo\r\rthree\n", "One two  three\n", "One two  three\nfour five\n"),
        ("One\r\ntwo\n", "One\r\ntwo\n", "One\r\ntwo\nfour five\n"),
        ("One\r\r\ntwo\r\n", "One \r\ntwo\r\n", "One \r\ntwo\r\nfour five\r\n"),
    ],
    ids=["within a line", "at the end of some lines", "a DOS file"],
)
def test_a_carriage_return_is_told_as_a_blank(start: Start, text: str, opened: str, changed: str) -> None:
    session = start(text=text)
    assert session.server.params("textDocument/didOpen")[0]["textDocument"]["text"] == opened
    session.keys("Gofour<C-v><CR>five<Esc>")

    def copy() -> bool:
        return [change.get("text") for change in session.server.all("textDocument/didChange")[-1:]] == [changed]

    session.server.happenings.wait(copy, repr(changed), lambda: str(session.server.events[-2:]))
