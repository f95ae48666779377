"""`shadowpen install vscode`: what is packed, who installs it, and what is said when nobody can."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli.setup import install_vscode
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE

PLUGIN = Path(__file__).resolve().parents[4] / "plugins/vscode"
EDITOR = """#!{python}
import json, pathlib, shutil, sys
told = pathlib.Path(__file__).with_name("told.json")
told.write_text(json.dumps(sys.argv[1:]))
shutil.copy(sys.argv[2], told.with_name("received.vsix"))
print({failure!r}, file=sys.stderr)
sys.exit(bool({failure!r}))
"""


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plug-in with a bundle that is easy to tell; no editor of this machine is met."""
    folder = tmp_path / "plugins"
    for name in ("package.json", "package.nls.json", "LICENSE", "README.md", "CHANGELOG.md"):
        (folder / "vscode" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "vscode" / name).write_bytes((PLUGIN / name).read_bytes())
    (folder / "vscode/dist").mkdir()
    (folder / "vscode/dist/extension.js").write_text("// the bundle\n")
    (folder / "vscode/src").mkdir()
    (folder / "vscode/src/extension.ts").write_text("// not shipped\n")
    monkeypatch.setattr(install_vscode, "plugins_folder", lambda: folder)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return folder


def editor(folder: Path, name: str, failure: str = "") -> Path:
    """An editor's command that keeps what it is given, and says `failure` if there is any."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(EDITOR.format(python=sys.executable, failure=failure))
    path.chmod(0o755)
    return path


def test_the_editor_is_given_a_package_that_starts_this_installation(shadowpen: Shadowpen, tmp_path: Path) -> None:
    program = editor(tmp_path, "codium")
    done = shadowpen("install", "vscode")
    assert done.status == 0 and str(program) in done.out
    arguments = json.loads((tmp_path / "bin/told.json").read_text())
    assert arguments[0] == "--install-extension" and arguments[2:] == ["--force"]
    with zipfile.ZipFile(tmp_path / "bin/received.vsix") as package:
        command = json.loads(package.read("extension/command.json"))
        assert command[-1] == "lsp" and Path(command[0]).is_absolute()
        assert package.read("extension/package.json") == (PLUGIN / "package.json").read_bytes()
        assert package.read("extension/dist/extension.js") == b"// the bundle\n"
        assert not any(name.startswith("extension/src") for name in package.namelist())


def test_the_manifest_names_the_extension(shadowpen: Shadowpen, tmp_path: Path) -> None:
    package = tmp_path / "shadowpen.vsix"
    told = shadowpen("install", "vscode", "--vsix", str(package), "--json").json
    assert told["written"] == str(package) and told["extension"] == install_vscode.IDENTITY
    with zipfile.ZipFile(package) as archive:
        root = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
    names = {"v": "http://schemas.microsoft.com/developer/vsx-schema/2011"}
    identity = root.find("v:Metadata/v:Identity", names)
    declared = json.loads((PLUGIN / "package.json").read_text())
    description = root.find("v:Metadata/v:Description", names)
    assert identity is not None and description is not None
    assert description.text == json.loads((PLUGIN / "package.nls.json").read_text())["description"]
    assert (identity.get("Publisher"), identity.get("Id")) == tuple(install_vscode.IDENTITY.split("."))
    assert identity.get("Version") == declared["version"]
    values = {found.get("Id"): found.get("Value") for found in root.iterfind("v:Metadata/v:Properties/*", names)}
    assert values["Microsoft.VisualStudio.Code.Engine"] == declared["engines"]["vscode"]


@pytest.mark.parametrize("language", ["", ".zh-cn"])
def test_the_first_steps_name_only_commands_and_pages_that_are_there(language: str) -> None:
    contributes = json.loads((PLUGIN / "package.json").read_text())["contributes"]
    strings = json.loads((PLUGIN / f"package.nls{language}.json").read_text("utf-8"))
    commands = {each["command"] for each in contributes["commands"]}
    for step in (step for each in contributes["walkthroughs"] for step in each["steps"]):
        told = json.dumps(step) + strings[step["description"].strip("%")]
        assert set(re.findall(r"(?:command|onCommand):(shadowpen\.\w+)", told)) <= commands, step["id"]
        page = step["media"]["markdown"].replace(".md", f"{language and '.nls' + language}.md")
        assert page in install_vscode.SHIPPED and (PLUGIN / page).is_file()


def test_what_comes_next_is_never_what_was_just_done(shadowpen: Shadowpen, tmp_path: Path) -> None:
    editor(tmp_path, "code")
    for arguments, step in (((), "Next: open"), (("--vsix", str(tmp_path / "a.vsix")), "Install from VSIX; then open")):
        done = shadowpen("install", "vscode", *arguments)
        assert step in done.out and "shadowpen install" not in done.out and "make" not in done.out


def test_that_there_is_no_model_yet_is_said_until_there_is_one(
    shadowpen: Shadowpen, tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, "code")
    assert "`shadowpen setup` downloads one" in shadowpen("install", "vscode").out
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    assert "shadowpen setup" not in shadowpen("install", "vscode").out


def test_the_same_sources_give_the_same_package(shadowpen: Shadowpen, tmp_path: Path) -> None:
    for name in ("one.vsix", "two.vsix"):
        shadowpen("install", "vscode", "--vsix", str(tmp_path / name))
    assert (tmp_path / "one.vsix").read_bytes() == (tmp_path / "two.vsix").read_bytes()


def test_code_is_asked_before_others_unless_one_is_named(shadowpen: Shadowpen, tmp_path: Path) -> None:
    code, other = editor(tmp_path, "code"), editor(tmp_path, "code-server")
    assert shadowpen("install", "vscode", "--json").json["installed"] == str(code)
    assert shadowpen("install", "vscode", "--editor", "code-server", "--json").json["installed"] == str(other)


def test_without_an_editor_it_says_what_else_there_is(shadowpen: Shadowpen) -> None:
    done = shadowpen("install", "vscode")
    assert done.status == 2
    assert "VS Code was not found" in done.err and "--vsix" in done.err
    assert "`nano` was not found" in shadowpen("install", "vscode", "--editor", "nano").err


def test_what_the_editor_complains_of_is_passed_on(shadowpen: Shadowpen, tmp_path: Path) -> None:
    editor(tmp_path, "code", failure="You are trying to start it as a super user.")
    done = shadowpen("install", "vscode")
    assert done.status == 2
    assert "super user" in done.err and "--vsix" in done.err


def test_a_checkout_without_the_bundle(shadowpen: Shadowpen, plugins: Path) -> None:
    (plugins / "vscode/dist/extension.js").unlink()
    done = shadowpen("install", "vscode", "--vsix", "never.vsix")
    assert done.status == 2 and "git checkout plugins/vscode/dist" in done.err
    assert not Path("never.vsix").exists()


def test_an_installation_without_the_bundle_is_not_sent_to_a_build(shadowpen: Shadowpen, plugins: Path) -> None:
    (plugins / "vscode/dist/extension.js").unlink()
    (plugins / "vscode/src/extension.ts").unlink()
    (plugins / "vscode/src").rmdir()
    done = shadowpen("install", "vscode")
    assert done.status == 2 and "fresh clone or wheel" in done.err and "make" not in done.err


def test_a_package_that_cannot_be_written(shadowpen: Shadowpen, tmp_path: Path) -> None:
    assert shadowpen("install", "vscode", "--vsix", str(tmp_path / "nowhere/x.vsix")).status == 3


def test_of_all_that_the_editor_says_the_error_is_passed_on(shadowpen: Shadowpen, tmp_path: Path) -> None:
    editor(
        tmp_path, "code", failure="    at some.js:1\nError: Please restart it.\n    at other.js:2\nFailed Installing"
    )
    assert "extension: Error: Please restart it." in shadowpen("install", "vscode").err


def test_uninstall_finds_it(shadowpen: Shadowpen, user: Path) -> None:
    extensions = user / ".vscode-oss/extensions"
    ours, other = extensions / "shadowpen.shadowpen-0.1.0", extensions / "someone.else-1.0.0"
    for folder in (ours, other):
        folder.mkdir(parents=True)
        (folder / "README.md").write_text("Read me.\n")
    (ours / COMMAND_FILE).write_text("[]")
    listing = extensions / "extensions.json"
    listing.write_text(json.dumps([{"relativeLocation": folder.name} for folder in (ours, other)]))
    done = shadowpen("uninstall", "--yes")
    assert done.status == 0 and str(ours) in done.out
    assert other.exists() and not ours.exists()
    assert json.loads(listing.read_text()) == [{"relativeLocation": other.name}]


@pytest.mark.parametrize("listing", ["not JSON", "{}", "[1]", '[{"relativeLocation": "another"}]'])
def test_a_list_of_extensions_that_does_not_name_ours_is_left_alone(tmp_path: Path, listing: str) -> None:
    (tmp_path / "extensions.json").write_text(listing)
    install_vscode.unlist(tmp_path / "shadowpen.shadowpen-0.1.0")
    assert (tmp_path / "extensions.json").read_text() == listing
