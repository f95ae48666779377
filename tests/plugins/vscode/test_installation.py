"""Which Python or uv the extension takes to install Shadowpen, and what it updates, in node, with stand-ins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from . import install

ESBUILD = install.PLUGIN / "node_modules" / ".bin" / "esbuild"
ASK = """
const maker = await require(process.argv[1]).findMaker();
console.log(JSON.stringify(maker ? [maker.create("HOME"), maker.install("OWN")] : null));
"""

LACKS = """
console.log(JSON.stringify((await require(process.argv[1]).lacksVenv()) ?? null));
"""
RUN = """
const { run } = require(process.argv[1]);
run(["sh", "-c", process.argv[2]], () => {}).catch(({ how }) => console.log(JSON.stringify(how)));
"""
# What pip prints where it cannot reach its index.
OFFLINE = """
echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError: Failed to establish a new \
connection: [Errno -3] Temporary failure in name resolution': /simple/attrs/"
echo 'ERROR: Could not find a version that satisfies the requirement attrs (from versions: none)'
echo 'ERROR: No matching distribution found for attrs'
exit 1
"""
READ_ONLY = "echo \"Error: [Errno 30] Read-only file system: '/home/me/.shadowpen'\" >&2; exit 1"

WRITTEN = """
const { written } = require(process.argv[1]);
console.log(JSON.stringify(written(process.argv[2])));
"""
COMPARE = """
const { outdated } = require(process.argv[1]);
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((given) => outdated(...given) ?? null)));
"""
OURS = "file:///home/me/.vscode/extensions/shadowpen.shadowpen-0.1.0/server/shadowpen-0.1.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the parts of the extension that need no editor."""
    folder = tmp_path_factory.mktemp("built")
    names = ("python", "outdated", "run", "written")
    sources = [str(install.PLUGIN / "src" / "installation" / f"{name}.ts") for name in names]
    flags = ["--bundle", "--platform=node", f"--outdir={folder}", "--log-level=error"]
    subprocess.run([str(ESBUILD), *sources, *flags], check=True)
    return folder


@pytest.fixture(scope="module")
def finder(built: Path) -> Path:
    return built / "python.js"


def found(finder: Path, home: Path, programs: dict[str, str], ask: str = ASK) -> Any:
    """What is answered where `programs` (name → shell script) are all that there is."""
    home.mkdir()
    for name, script in programs.items():
        (home / name).write_text(f"#!/bin/sh\n{script}\n")
        (home / name).chmod(0o755)
    command = [str(shutil.which("node")), "-e", f"(async () => {{ {ask} }})()", str(finder)]
    environment = {"PATH": str(home), "HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


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


def test_a_python_without_its_venv_part_is_told_from_none(finder: Path, tmp_path: Path) -> None:
    programs = {"python3": 'case "$2" in *venv*) exit 1;; *) echo 3 12;; esac', "python": "echo 3 9"}
    assert found(finder, tmp_path / "bin", programs) is None
    assert found(finder, tmp_path / "bare", programs, LACKS) == "3.12"
    assert found(finder, tmp_path / "old", {"python3": "echo 3 10"}, LACKS) is None


@pytest.mark.parametrize(
    ("script", "complaint", "offline"),
    [
        (OFFLINE, "No matching distribution found for attrs", True),
        (READ_ONLY, "Read-only file system: '/home/me/.shadowpen'", False),
    ],
)
def test_why_a_program_failed(built: Path, script: str, complaint: str, offline: bool) -> None:
    command = [str(shutil.which("node")), "-e", RUN, str(built / "run.js"), script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"code": 1, "complaint": complaint, "offline": offline}


def environment(folder: Path, version: str, origin: str | None = OURS, library: str = "lib/python3.12") -> str:
    """A Python environment by the records that pip would have left: `origin` is where it had the package from."""
    record = folder / library / "site-packages" / f"shadowpen-{version}.dist-info"
    record.mkdir(parents=True)
    if origin is not None:
        (record / "direct_url.json").write_text(json.dumps({"url": origin, "archive_info": {}}))
    return str(folder)


def outdated(built: Path, *given: tuple[str, str]) -> list[dict[str, str] | None]:
    """What the extension says to each (environment, version of its own server)."""
    wheels = [(folder, f"/server/shadowpen-{version}-py3-none-any.whl") for folder, version in given]
    command = [str(shutil.which("node")), "-e", COMPARE, str(built / "outdated.js"), json.dumps(wheels)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answers: list[dict[str, str] | None] = json.loads(done.stdout)
    return answers


def test_only_an_older_server_is_updated(built: Path, tmp_path: Path) -> None:
    versions = ["0.9.0", "0.10.0.dev1", "0.10.0a2", "0.10.0b1", "0.10.0rc1", "0.10.0rc2", "0.10.0", "0.10.1", "1.0"]
    folders = {version: environment(tmp_path / version, version) for version in versions}
    pairs = [(installed, carried) for installed in versions for carried in versions]
    answers = outdated(built, *((folders[installed], carried) for installed, carried in pairs))
    for (installed, carried), answer in zip(pairs, answers, strict=True):
        older = versions.index(installed) < versions.index(carried)
        assert answer == ({"installed": installed, "carried": carried} if older else None)


def test_a_server_that_the_extension_did_not_install_is_never_touched(built: Path, tmp_path: Path) -> None:
    twice = environment(tmp_path / "twice", "0.1.0")
    environment(tmp_path / "twice", "0.1.1")
    others = [
        environment(tmp_path / "index", "0.1.0", None),
        environment(tmp_path / "clone", "0.1.0", "file:///home/me/shadowpen"),
        environment(tmp_path / "wheel", "0.1.0", "file:///home/me/Downloads/server/shadowpen-0.1.0-py3-none-any.whl"),
        environment(tmp_path / "own", "0.1.0+mine"),
        twice,
        str(tmp_path / "nothing"),
    ]
    assert outdated(built, *((folder, "0.2.0") for folder in others)) == [None] * len(others)
    assert outdated(built, (environment(tmp_path / "windows", "0.1.0", OURS, "Lib"), "0.2.0")) != [None]


@pytest.mark.parametrize(
    ("content", "command", "broken"),
    [
        (None, [], False),
        ('["/bin/shadowpen", "lsp"]', ["/bin/shadowpen", "lsp"], False),
        ("", [], True),
        ('["/bin/shadowpen", "ls', [], True),
        ("null", [], True),
        ('{"command": "shadowpen"}', [], True),
        ("[]", [], True),
        ("[1, 2]", [], True),
    ],
)
def test_a_broken_command_file_is_told_from_none(
    built: Path, tmp_path: Path, content: str | None, command: list[str], broken: bool
) -> None:
    place = tmp_path / "command.json"
    if content is not None:
        place.write_text(content)
    asked = [str(shutil.which("node")), "-e", WRITTEN, str(built / "written.js"), str(place)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"command": command, "broken": broken}
