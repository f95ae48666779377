"""What package channels are given is current and well formed, and what the release workflow says exists."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
BY_HAND = {"README.md", "generate.py"}
GITHUB_FILES = sorted((ROOT / ".github").rglob("*.yml"))


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_packaging", PACKAGING / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the generator has just written."""
    folder = tmp_path_factory.mktemp("packaging")
    assert GENERATE.main(["--output", str(folder)]) == 0
    return folder


def _files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def test_the_generated_files_are_current(written: Path) -> None:
    kept = {name: text for name, text in _files(PACKAGING).items() if not name.startswith("templates/")}
    current = {name: text for name, text in kept.items() if name not in BY_HAND}
    assert current == _files(written), "run `python packaging/generate.py`"


def test_every_channel_is_written_with_the_version_and_no_slot_is_left(written: Path) -> None:
    files = _files(written)
    channels = {name.split("/")[0] for name in files}
    assert channels == {"aur", "homebrew", "mason", "melpa", "nvim-lspconfig", "open-vsx", "scoop", "winget"}
    assert [name for name, text in files.items() if "{{" in text] == []
    versioned = {name.split("/")[0] for name, text in files.items() if VERSION in text}
    assert versioned == channels - {"melpa", "nvim-lspconfig"}


def test_yaml_and_json_say_what_their_channels_ask_for(written: Path) -> None:
    winget = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((written / "winget").glob("*.yaml"))]
    assert {one["ManifestType"] for one in winget} == {"version", "installer", "defaultLocale"}
    assert {(one["PackageIdentifier"], one["PackageVersion"]) for one in winget} == {("Shadowpen.Shadowpen", VERSION)}
    mason = yaml.safe_load((written / "mason/package.yaml").read_text("utf-8"))
    wanted = {"name", "description", "homepage", "licenses", "languages", "categories", "source", "bin"}
    assert wanted <= set(mason)
    assert mason["source"]["id"] == f"pkg:pypi/shadowpen@{VERSION}?extra=cpu"
    scoop = json.loads((written / "scoop/shadowpen.json").read_text("utf-8"))
    assert {"version", "description", "homepage", "license", "url", "hash", "bin"} <= set(scoop)
    assert scoop["autoupdate"]["url"].replace("$version", VERSION) == scoop["url"]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_reads_the_pkgbuild_as_srcinfo_says(written: Path) -> None:
    subprocess.run(["bash", "-n", written / "aur/PKGBUILD"], check=True)
    show = '. "$1"; printf "%s\\n" "$pkgname" "$pkgver" "$pkgdesc" "$url" "${source[0]}" "${sha256sums[0]}"'
    command = ["bash", "-c", show, "bash", str(written / "aur/PKGBUILD")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    lines = (written / "aur/.SRCINFO").read_text("utf-8").splitlines()
    noted = dict(line.strip().split(" = ", 1) for line in lines if line)
    assert said == [noted[name] for name in ("pkgname", "pkgver", "pkgdesc", "url", "source", "sha256sums")]


@pytest.mark.skipif(not shutil.which("ruby"), reason="there is no ruby")
def test_ruby_reads_the_formula(written: Path) -> None:
    subprocess.run(["ruby", "-c", written / "homebrew/shadowpen.rb"], check=True, capture_output=True)


def test_the_recipe_names_files_that_are_there(written: Path) -> None:
    recipe = (written / "melpa/shadowpen").read_text("utf-8").partition("\n")[2]
    (pattern,) = re.findall(r':files \("([^"]+)"\)', recipe)
    assert recipe.count("(") == recipe.count(")")
    assert ROOT / "plugins/emacs/shadowpen.el" in ROOT.glob(pattern)


def test_a_release_fills_in_its_hashes_and_leaves_out_what_it_cannot(tmp_path: Path) -> None:
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(
        f"{'a' * 64}  shadowpen-{VERSION}.tar.gz\n{'b' * 64} *shadowpen-{VERSION}-py3-none-any.whl\n", "utf-8"
    )
    output = tmp_path / "out"
    command = ["--tag", f"v{VERSION}", "--repository", "some/one", "--sums", str(sums), "--output", str(output)]
    assert GENERATE.main(command) == 0
    assert not (output / "winget").exists()
    assert f'sha256 "{"a" * 64}"' in (output / "homebrew/shadowpen.rb").read_text("utf-8")
    scoop = json.loads((output / "scoop/shadowpen.json").read_text("utf-8"))
    assert scoop["hash"] == "b" * 64
    assert scoop["url"].startswith(f"https://github.com/some/one/releases/download/v{VERSION}/")
    assert [name for name, text in _files(output).items() if GENERATE.NO_HASH in text] == []


def test_a_tag_of_another_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert GENERATE.main(["--tag", "v9.9.9", "--output", str(tmp_path / "out")]) == 1
    assert f"v{VERSION}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_readme_says_first_that_nothing_is_published() -> None:
    paragraph = (PACKAGING / "README.md").read_text("utf-8").split("\n\n")[1]
    assert paragraph.startswith("**Nothing is published yet.**")


@pytest.mark.parametrize("path", GITHUB_FILES, ids=lambda path: path.name)
def test_github_can_read_its_files(path: Path) -> None:
    content = yaml.safe_load(path.read_text("utf-8"))
    if path.parent.name == "ISSUE_TEMPLATE" and path.name != "config.yml":
        fields = [field for field in content["body"] if field["type"] != "markdown"]
        assert content["name"] and content["description"]
        assert len({field["id"] for field in fields}) == len(fields) > 0


def _steps(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_the_release_workflow_tests_builds_lists_and_drafts() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    build, draft = workflow["jobs"]["build"], workflow["jobs"]["draft"]
    order = [".ci/run", "-m build", "cyclonedx-py", "sha256sum"]
    places = [_steps(build).find(part) for part in order]
    assert -1 not in places and places == sorted(places)
    assert "--draft" in _steps(draft) and draft["needs"] == "build"
    assert workflow["permissions"] == {"contents": "read"}


def test_its_shell_is_well_formed() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    for job in workflow["jobs"].values():
        subprocess.run(["bash", "-n"], input=_steps(job), text=True, check=True)


@pytest.mark.parametrize("page", ["SECURITY.md", "CONTRIBUTING.md", "packaging/README.md"])
def test_links_of_the_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
