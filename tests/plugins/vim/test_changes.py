"""The server's copy of a buffer: exact after each kind of command, and told as no more than changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..conftest import Start

TEXT = "One 🐱 two\nthree four\n\nfive\n"
COMMANDS = {
    "insert": "normal! iGröße ",
    "insert lines": "call append(1, ['a', 'b', ''])",
    "append at the end": "call append('$', ['last'])",
    "delete a character": "normal! 4lx",
    "delete a line": "2delete",
    "delete the last line": "$delete",
    "delete all": "%delete",
    "join": "1,2join",
    "upper case": "normal! gUG",
    "substitute": "%s/e/é/g",
    "break lines": "%s/ /\\r/g",
    "move": "1move $",
    "sort": "sort",
    "several at once": "call setline(4, 'x') | 2delete | call append(0, ['y', 'z']) | call setline(2, 'w')",
    "undo": "normal! ddu",
    "normalize": "global/e/normal! Aend",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_copy_is_exact(start: Start, command: str) -> None:
    session = start(text=TEXT)
    quoted = COMMANDS[command].replace('"', '\\"').replace("|", "|")
    session.remote.ask(f'execute("{quoted}")')
    session.remote.ask("setline(1, getline(1) .. '.')")
    session.remote.ask("listener_flush()")
    session.wait_copy("\n".join(session.buffer) + "\n")
    versions = [params["textDocument"]["version"] for params in session.server.params("textDocument/didChange")]
    assert versions == list(range(1, len(versions) + 1))


def test_what_would_end_a_line_in_the_server_is_told_as_a_blank(start: Start) -> None:
    session = start(before="set fileformats=unix", text="One\rtwo\nthree\0four\n")
    assert session.server.params("textDocument/didOpen")[0]["textDocument"]["text"] == "One two\nthree four\n"
    session.keys("Gofive\x16\rsix")
    session.wait_copy("One two\nthree four\nfive six\n")


def test_a_typed_letter_is_told_as_one_letter(start: Start) -> None:
    session = start(text=TEXT)
    session.keys("wi🐱")
    session.wait_copy("One 🐱🐱 two\nthree four\n\nfive\n")
    (change,) = session.server.params("textDocument/didChange")[-1]["contentChanges"]
    assert change["text"] == "🐱" and change["range"]["start"] == change["range"]["end"]


def test_an_undo_of_many_lines_is_told_at_once(start: Start) -> None:
    session = start(text="One\n" * 300)
    session.keys(":%s/e/é/\r")
    session.wait_copy("Oné\n" * 300)
    session.keys("u")
    session.wait_copy("One\n" * 300)
    assert len(session.server.all("textDocument/didChange")) == 2


@pytest.mark.parametrize("written", ["Uno dos\ntres\n\ncuatro\n", "One\n"], ids=["as many lines", "fewer lines"])
def test_a_file_that_changes_on_the_disk_is_told_as_it_is_read(start: Start, sandbox: Path, written: str) -> None:
    session = start(before="set autoread", text=TEXT)
    file = sandbox / "text.md"
    file.write_text(written, encoding="utf-8")
    os.utime(file, (0, 0))  # another time than before, in whole seconds
    session.remote.ask('execute("checktime")')
    session.wait_copy(written)
