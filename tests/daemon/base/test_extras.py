"""Hints about extras: they name what works here, and never a package that nobody has published."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from shadowpen.daemon.base import extras

ROOT = Path(__file__).resolve().parents[3]
# `shadowpen` or `shadowpen[extra]` where an installer takes the name of a package.
OUR_NAME = re.compile(r"(?:\b(?:pip|pipx|uv tool|uv pip) install[^\n`]*[ '\"]shadowpen\b|['\"`\s]shadowpen\[)")


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment with pip, without torch."""
    folder = tmp_path / "shadowpen"
    folder.mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.setattr(extras, "_is_installed", lambda module: module == "pip")
    return folder


def test_the_packages_of_an_extra_are_named_with_their_versions() -> None:
    named = [Requirement(line) for line in extras.requirements("train")]
    assert {requirement.name for requirement in named} == {"torch", "transformers", "peft"}
    assert all(requirement.specifier for requirement in named)
    assert extras.requirements("no-such-extra") == []


def test_pip_of_this_very_environment_installs_them(prefix: Path) -> None:
    assert f"{sys.executable} -m pip install" in extras.install_hint("report")
    assert "'matplotlib>=" in extras.install_hint("report")


def test_an_environment_of_pipx_is_told_pipx(prefix: Path) -> None:
    (prefix / "pipx_metadata.json").write_text("{}")
    assert extras.install_hint("cpu").startswith("Install it with: pipx inject shadowpen 'onnxruntime>=")


def test_an_environment_without_pip_is_told_uv(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "_is_installed", lambda module: False)
    assert f"uv pip install --python {sys.executable} 'onnxruntime>=" in extras.install_hint("cpu")


@pytest.mark.parametrize(
    ("made_by", "command"),
    [("pipx_metadata.json", "pipx uninstall shadowpen"), ("uv-receipt.toml", "uv tool uninstall shadowpen")],
)
def test_whoever_installed_it_takes_it_out_again(prefix: Path, made_by: str, command: str) -> None:
    assert extras.uninstall_command() == f"{sys.executable} -m pip uninstall shadowpen"
    (prefix / made_by).touch()
    assert extras.uninstall_command() == command


def test_on_linux_the_cpu_build_of_torch_comes_first(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    hint = extras.install_hint("train")
    assert hint.index("torch --index-url") < hint.index("'transformers<")
    assert "pytorch.org" in hint and "://" not in hint
    monkeypatch.setattr(extras, "_is_installed", lambda module: True)
    assert "--index-url" not in extras.install_hint("train")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "--index-url" not in extras.install_hint("train")


def test_a_python_of_the_system_is_left_alone(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (prefix / "EXTERNALLY-MANAGED").write_text("")
    monkeypatch.setattr(sys, "base_prefix", str(prefix))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(prefix))
    hint = extras.install_hint("train")
    assert "virtual environment" in hint and "pip install" not in hint


def test_no_line_for_people_takes_shadowpen_from_an_index() -> None:
    listing = ["git", "ls-files", "-z", "--", "*.py", "*.md", "*.lua", "*.txt", "*.ts", "*.json", "*.mjs", "Makefile"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    found = [
        f"{name}: {match[0]}"
        for name in names
        # The files in packaging/ are for channels that it is published on.
        if name and not name.startswith(("tests/", "packaging/")) and (ROOT / name).is_file()
        for match in OUR_NAME.finditer((ROOT / name).read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["transformers", "peft", "optimum", "optimum-onnx"])
def test_what_learning_needs_takes_no_package_back_to_an_older_version(name: str) -> None:
    """What completing may install, learning accepts: each upper bound of theirs is also one of ours."""
    ours = {asked.name: asked for line in requires("shadowpen") or () if not (asked := Requirement(line)).marker}
    theirs = [Requirement(line) for line in requires(name) or ()]
    for wanted in theirs:
        asked = ours.get(wanted.name)
        if asked and not wanted.marker:
            bounds = [one.version for one in wanted.specifier if one.operator in ("<", "<=", "==", "~=")]
            newer = {version for bound in bounds for version in (bound, f"{bound}.1", "9999")}
            allowed = {version for version in newer if asked.specifier.contains(version)}
            assert allowed == set(wanted.specifier.filter(allowed)), (name, str(wanted), str(asked))


def test_packages_are_installed_into_this_installation() -> None:
    assert extras.install_command("mammoth", "pypdf") == f"{sys.executable} -m pip install mammoth pypdf"
