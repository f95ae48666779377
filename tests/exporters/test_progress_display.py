from __future__ import annotations

import io

from rich.console import Console

from shadowpen.exporters.progress_display import ProgressDisplay


def shown(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, color_system=None)
    with ProgressDisplay(console) as progress:
        progress("Looking [for] it")
        for done in range(0, 101, 10):
            progress("Downloading", done, 100)
        progress("Checking")
    return out.getvalue()


def test_without_a_terminal_every_step_is_one_line() -> None:
    assert shown(terminal=False) == "Looking [for] it\nDownloading\nChecking\n"


def test_on_a_terminal_every_step_ends_as_a_full_bar() -> None:
    last = shown(terminal=True).rpartition("Looking")[2]
    assert last.count("100%") == 3


def test_an_error_leaves_the_step_unfinished() -> None:
    out = io.StringIO()
    try:
        with ProgressDisplay(Console(file=out, force_terminal=True, width=100, color_system=None)) as progress:
            progress("Downloading", 50, 100)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert "100%" not in out.getvalue().rpartition("Downloading")[2]


def test_more_than_was_announced_is_no_more_than_all() -> None:
    out = io.StringIO()
    with ProgressDisplay(Console(file=out, force_terminal=True, width=100, color_system=None)) as progress:
        progress("Downloading", 150, 100)
    assert "150%" not in out.getvalue()
