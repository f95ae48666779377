"""Input that never ends, such as a device, is refused in a sentence by every command that reads some."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shadowpen.daemon import cli
from shadowpen.daemon.cli import text_input

_ENDLESS = "/dev/zero"


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard input without an end."""
    monkeypatch.setattr(text_input, "_MOST_MEGABYTES", 1)
    with Path(_ENDLESS).open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file, encoding="utf-8"))
        yield


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such device")
@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize(
    "command",
    [
        *(["complete"], ["expand"], ["why"], ["correct"], ["reformat"], ["complete", "--file", _ENDLESS]),
        ["forget", "--matching", "-", "--yes"],
        ["learn", "export", "new"],
        ["data", "prepare", "--config", _ENDLESS, "--output", "new"],
    ],
    ids=" ".join,
)
def test_it_is_refused(command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = [str(tmp_path / "new") if word == "new" else word for word in command]
    assert cli.run(given) == 2
    said = capsys.readouterr().err
    assert any(words in said for words in ("larger than", "first line is longer than", "cannot be read"))
    assert not (tmp_path / "new").exists()


def test_standard_input_that_is_a_folder_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`shadowpen complete < .`"""

    class Folder(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(errno.EISDIR, "Is a directory")

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Folder()))
    assert cli.run(["complete"]) == 3
    assert "Standard input cannot be read: Is a directory." in capsys.readouterr().err


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # the second in the locale C
def test_a_first_line_that_is_no_text_is_refused(
    errors: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = io.BytesIO("häuser im grünen\n".encode("latin-1"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(line, encoding="utf-8", errors=errors))
    assert cli.run(["learn", "export", str(tmp_path / "new")]) == 2
    assert "The first line is not UTF-8." in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_byte_order_mark_says_how_to_read(tmp_path: Path, encoding: str) -> None:
    """As Windows saves a text that it calls Unicode."""
    mark = "\ufeff" if encoding.endswith("-be") else ""
    (tmp_path / "notes.txt").write_bytes(f"{mark}Die Fähre kam spät 😀\r\n".encode(encoding))
    assert text_input.read(tmp_path / "notes.txt", "") == "Die Fähre kam spät 😀\r\n"


def test_a_text_that_its_mark_does_not_describe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes("Die Fähre".encode("utf-16")[:-1])
    with pytest.raises(text_input.TextUnusable, match="not UTF-16: byte 19"):
        text_input.read(tmp_path / "notes.txt", "")
