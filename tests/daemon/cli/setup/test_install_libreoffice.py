"""`shadowpen install libreoffice`: what is packed, who installs it, and what is said when nobody can."""

from __future__ import annotations

import json
import sys
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli.setup import install_libreoffice
from shadowpen.daemon.cli.setup.examining import checks
from shadowpen.daemon.cli.setup.install_libreoffice import IDENTITY
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE

ROOT = Path(__file__).resolve().parents[4]
PLUGIN = ROOT / "plugins/libreoffice"
PLACE = "libreoffice/4/user/uno_packages/cache/uno_packages/lu1.tmp_/shadowpen.oxt"
UNOPKG = """#!{python}
import json, os, pathlib, shutil, sys, zipfile
told = pathlib.Path(__file__).with_name("told.json")
told.write_text(json.dumps(sys.argv[1:]))
print({failure!r}, file=sys.stderr)
if {failure!r}:
    sys.exit(1)
place = pathlib.Path(os.environ["XDG_CONFIG_HOME"]) / {place!r}
if sys.argv[1] == "add":
    zipfile.ZipFile(sys.argv[-1]).extractall(place)
else:
    shutil.rmtree(place.parent)
"""


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs; no office of this machine is met."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(install_libreoffice, "_PLACES", ())
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def office(path: Path, failure: str = "") -> None:
    """An office whose command for extensions does what it should, or says `failure`."""
    program = path / "unopkg"
    program.write_text(UNOPKG.format(python=sys.executable, failure=failure, place=PLACE))
    program.chmod(0o755)


def test_the_package_holds_the_extension_and_what_to_start(shadowpen: Shadowpen, tmp_path: Path) -> None:
    package = tmp_path / "shadowpen.oxt"
    told = shadowpen("install", "libreoffice", "--oxt", str(package), "--json").json
    with zipfile.ZipFile(package) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    command = json.loads(held.pop(COMMAND_FILE))
    assert command == told["starts"] and command[-1] == "lsp" and Path(command[0]).is_absolute()
    sources = [path for path in PLUGIN.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert held == {path.relative_to(PLUGIN).as_posix(): path.read_bytes() for path in sources}


def test_the_same_installation_writes_the_same_bytes(shadowpen: Shadowpen, tmp_path: Path) -> None:
    for name in ("one.oxt", "two.oxt"):
        shadowpen("install", "libreoffice", "--oxt", str(tmp_path / name))
    assert (tmp_path / "one.oxt").read_bytes() == (tmp_path / "two.oxt").read_bytes()


def test_the_description_names_extension_and_version() -> None:
    names = {"d": "http://openoffice.org/extensions/description/2006"}
    root = ElementTree.fromstring((PLUGIN / "description.xml").read_bytes())
    found = {
        name: one.get("value")
        for name in ("identifier", "version")
        if (one := root.find(f"d:{name}", names)) is not None
    }
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert found == {"identifier": IDENTITY, "version": version}


def test_every_command_of_menus_and_keys_is_one_that_is_carried_out() -> None:
    named = {
        line.partition("vnd.shadowpen:")[2].partition("<")[0]
        for name in ("Addons.xcu", "Accelerators.xcu")
        for line in (PLUGIN / name).read_text("utf-8").splitlines()
        if "vnd.shadowpen:" in line
    }
    window = (PLUGIN / "pythonpath/shadowpen_writer/window.py").read_text("utf-8")
    assert named == {"suggest", "write", "continue", "expand", "correct", "why", "learning", "status"}
    assert {name for name in named if f'"{name}"' not in window} == set()


def test_the_office_installs_it_and_uninstall_has_it_removed(shadowpen: Shadowpen, path: Path) -> None:
    office(path)
    done = shadowpen("install", "libreoffice")
    assert done.status == 0 and str(path / "unopkg") in done.out and "Ctrl+Alt+Space" in done.out
    arguments = json.loads((path / "told.json").read_text())
    assert arguments[:3] == ["add", "--force", "--suppress-license"]
    (folder,) = install_libreoffice.installed_folders()
    (found,) = checks._libreoffice()
    assert found.level == "ok"
    (folder / COMMAND_FILE).write_text("[]")
    (found,) = checks._libreoffice()
    assert found.level == "warn" and found.advice == "shadowpen install libreoffice"

    assert "the LibreOffice extension" in shadowpen("uninstall", "--dry-run").out
    assert shadowpen("uninstall", "--yes").status == 0
    assert json.loads((path / "told.json").read_text()) == ["remove", IDENTITY]
    assert list(install_libreoffice.installed_folders()) == []


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        ("unopkg cannot be started. The lock file indicates it is already running. Delete it at:", "Close LibreOffice"),
        ("Cannot run unopkg as root without --shared or --bundled option.", "as the user who writes"),
        ("Exception occurred: Bad Zip File", "Write a package with --oxt FILE"),
    ],
)
def test_a_refusal_of_the_office_is_passed_on_with_what_to_do(
    shadowpen: Shadowpen, path: Path, failure: str, hint: str
) -> None:
    office(path, f"ERROR: {failure}\n/home/me/.lock\n")
    done = shadowpen("install", "libreoffice")
    said = " ".join(done.err.split())
    assert done.status == 2 and failure in said and hint in said
    assert ("/home/me/.lock" in said) == failure.endswith(":")
    assert ("Close LibreOffice" in said) == (hint == "Close LibreOffice")


def test_without_an_office_it_says_how_to_install_by_hand(shadowpen: Shadowpen) -> None:
    done = shadowpen("install", "libreoffice")
    assert done.status == 2 and "LibreOffice was not found" in done.err and "--oxt" in done.err
