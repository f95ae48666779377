"""Which Python or uv the extension takes to install Shadowpen, in node, with stand-ins for both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from . import install

ESBUILD = install.PLUGIN / "node_modules" / ".bin" / "esbuild"
ASK = """
const maker = await require(process.argv[1]).findMaker();
console.log(JSON.stringify(maker ? [maker.create("HOME"), maker.install("OWN")] : null));
"""


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("built") / "python.js"
    source = install.PLUGIN / "src" / "installation" / "python.ts"
    command = [str(ESBUILD), str(source), "--bundle", "--platform=node", f"--outfile={built}", "--log-level=error"]
    subprocess.run(command, check=True)
    return built


def found(finder: Path, home: Path, programs: dict[str, str]) -> list[list[str]] | None:
    """What is found where `programs` (name → shell script) are all that there is."""
    home.mkdir()
    for name, script in programs.items():
        (home / name).write_text(f"#!/bin/sh\n{script}\n")
        (home / name).chmod(0o755)
    command = [str(shutil.which("node")), "-e", f"(async () => {{ {ASK} }})()", str(finder)]
    environment = {"PATH": str(home), "HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: list[list[str]] | None = json.loads(done.stdout)
    return answer


def test_the_first_python_that_is_new_enough(finder: Path, tmp_path: Path) -> None:
    home = tmp_path / "bin"
    answer = found(finder, home, {"python3": "echo 3 9", "python3.12": "echo 3 12", "uv": "exit 0"})
    assert answer is not None
    create, into = answer
    assert create == [os.fspath(home / "python3.12"), "-m", "venv", "HOME"]
    assert into[:4] == ["OWN", "-m", "pip", "install"] and "--no-deps" in into


@pytest.mark.parametrize("broken", ["echo 3 9", "echo 2 7; exit 0", "exit 1", "echo no module named venv >&2; exit 1"])
def test_uv_where_no_python_does(finder: Path, tmp_path: Path, broken: str) -> None:
    home = tmp_path / "bin"
    answer = found(finder, home, {"python3": broken, "uv": "exit 0"})
    assert answer is not None and answer[0][:2] == [os.fspath(home / "uv"), "venv"]
    assert "--python=>=3.11" in answer[0]


def test_nothing_where_there_is_neither(finder: Path, tmp_path: Path) -> None:
    assert found(finder, tmp_path / "bin", {"python3": "echo 3 10"}) is None
