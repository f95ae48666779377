"""What is printed is what was said: names are no markup, and nothing in them steers the terminal."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base import terminal


def test_names_in_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table

    table = Table(box=None)
    table.add_row("[draft] a letter.md")
    table.add_row("essays/[/b]c.md")
    terminal.console().print(table)
    said = capsys.readouterr().out
    assert "[draft] a letter.md" in said and "essays/[/b]c.md" in said


@pytest.mark.parametrize("name", ["Über [x] – 長い名前 👩‍👩‍👧 نامه‌ها.md", "a\u00a0b\u3000c"])
def test_names_of_every_script_stay(name: str) -> None:
    assert terminal.visible(name) == name


def test_what_would_steer_a_terminal_is_told_by_its_code() -> None:
    assert terminal.visible("a\x1b[2J\r\n\x9b\u202eb\ud800") == "a\\x1b[2J\\r\\n\\x9b\\u202eb\\ud800"
