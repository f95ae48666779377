"""`shadowpen demo`: the real language server and daemon, on a model that recites its lines."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from support.command_line import Process, Shadowpen

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.demo.screen import Lines, Terminal
from shadowpen.daemon.cli.demo.script import SCENES, Scene

# What the reciting model says after these words is known (tests/tiny.py): canned text would say something else.
RECITED = """
from shadowpen.daemon.cli.demo import demo
from shadowpen.daemon.cli.demo import script as demo_script
from shadowpen.daemon.cli import run
demo.SCENES = (
    demo_script.Scene("one", "She wrote a letter to her bro", "accept", "nothing offered"),
    demo_script.Scene("two", "She wrote a ", "along", "nothing offered"),
    demo_script.Scene("three", "After a week nobody seemed to mis", "accept", "s them"),
    demo_script.Scene("four", "She wrote a letter", "continue"),
)
raise SystemExit(run(["demo", "--lines"]))
"""


@pytest.mark.usefixtures("with_model")
@pytest.mark.slow
def test_what_is_shown_is_what_the_model_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", RECITED], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    one, two, three, four = re.split(r"^\d\. \w+$", done.stdout, flags=re.MULTILINE)[1:]
    assert "“ther" in one and "accepted" in one
    assert "“letter" in two and re.search(r"typed along \d+ keys, the ghost stayed at \d+", two)
    assert "the writer keeps typing" in three
    assert re.search(r"continued\s+\d+ words in one edit", four)
    assert "She wrote a letter to her brother, and" in four.rpartition("in all")[2]
    assert all(re.search(r"\d ms", part) for part in (one, two, three, four))


@pytest.mark.usefixtures("with_model")
@pytest.mark.slow
def test_nothing_of_it_is_kept(process: Process, layout: store.Layout) -> None:
    done = process("demo", "--lines")
    assert done.returncode == 0, done.stderr
    assert not list(layout.edits.rglob("*.jsonl"))


def test_without_a_model_it_says_what_to_do(shadowpen: Shadowpen) -> None:
    done = shadowpen("demo", "--lines")
    assert done.status == 4 and "shadowpen setup" in done.err


def test_a_terminal_shows_the_ghost_behind_the_cursor_and_the_steps() -> None:
    drawn = io.StringIO()
    with Terminal(Console(file=drawn, width=80, height=24, force_terminal=True, color_system="standard")) as screen:
        screen.title("1. A step")
        screen.draw("The sea was calm ", "and grey")
        screen.step("accepted", "2 words", 3.2)
        shown = drawn.getvalue()
        screen.draw("The sea was calm and grey")
    assert "1. A step" in shown and "The sea was calm" in shown and "3.2 ms" in shown
    ghost = re.search(r"\x1b\[([\d;]+)m(a)\x1b\[0m\x1b\[([\d;]+)mnd grey", shown)
    assert ghost, "the cursor stands on the ghost's first character"
    assert "7" in ghost[1].split(";") and "3" in ghost[3].split(";"), "reversed, then italic"


def test_a_long_document_scrolls() -> None:
    console = Console(width=60, height=12, force_terminal=True)
    with console.capture() as captured, Terminal(console) as screen:
        screen.draw("\n".join(f"line {number}" for number in range(50)), " ")
        screen.draw("\n".join(f"line {number}" for number in range(50)), "end")
    last = captured.get().rpartition("╭")[2]
    assert "line 49" in last and "line 1 " not in last


def test_lines_are_printed_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(Console(width=40, force_terminal=False)) as screen:
        screen.title("1. A step")
        screen.draw("text", "ghost")
        screen.step("offered", "“" + "long " * 20 + "”", 41.7)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "1. A step"
    assert second.startswith("  offered     “long") and second.endswith("42 ms")


def test_the_script_has_every_manner_and_an_end_for_each() -> None:
    assert {scene.then for scene in SCENES} == {"accept", "along", "continue"}
    assert all(isinstance(scene, Scene) and (scene.otherwise or scene.then == "continue") for scene in SCENES)
