"""Input that never ends, such as a device, is refused in a sentence by every command that reads some."""

from __future__ import annotations

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
