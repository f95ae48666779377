"""`shadowpen install vscode`: package the extension and install it with the editor's own command.

A folder laid into the editor's extensions folder would not do: an editor that has run before loads only what its
extensions.json lists, and removes the rest. The package (a .vsix is a zip file) carries `command.json`, the command
line of this installation, since an editor started from a desktop need not have our PATH. This file knows nothing of
what the plug-in does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import click

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, language_server, plugins_folder
from shadowpen.daemon.storage import models

IDENTITY = "shadowpen.shadowpen"
_ENGLISH = "package.nls.json"  # the strings of package.json, which has their names
_LANGUAGES = ("", ".nls.zh-cn")  # of the walkthrough's pages
SHIPPED = (
    "package.json",
    _ENGLISH,
    "package.nls.zh-cn.json",
    "l10n/bundle.l10n.zh-cn.json",
    "dist/extension.js",
    "dist/third-party-licenses.txt",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "icon.png",
    *(f"walkthrough/{page}{name}.md" for page in ("take", "word", "expand", "learn", "pause") for name in _LANGUAGES),
)
# The command of each editor, where macOS keeps it, and the folder below the home that it keeps extensions in.
_EDITORS = {
    "code": ("Visual Studio Code", ".vscode"),
    "codium": ("VSCodium", ".vscode-oss"),
    "code-insiders": ("Visual Studio Code - Insiders", ".vscode-insiders"),
    "code-server": ("", ".local/share/code-server"),
    "cursor": ("Cursor", ".cursor"),
}
NAMES = {
    "code": "VS Code",
    "codium": "VSCodium",
    "code-insiders": "VS Code Insiders",
    "code-server": "code-server",
    "cursor": "Cursor",
}
_REMOTE_FOLDERS = (".vscode-server", ".vscode-remote", ".vscodium-server")
_INSTALL_S = 120.0
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same sources give the same package

_CONTENT_TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
"""


@click.command()
@click.option(
    "--editor",
    metavar="COMMAND",
    help=f"The editor's command or its path; default: the first one found of {', '.join(_EDITORS)}.",
)
@click.option(
    "--vsix",
    type=click.Path(dir_okay=False, path_type=Path),
    help='Write the package to this file for manual installation ("Install from VSIX…"); install nothing.',
)
@terminal.json_option
def vscode(editor: str | None, vsix: Path | None, as_json: bool) -> None:
    """Install the extension in VS Code (1.91 or newer), VSCodium, code-server or Cursor.

    It starts the Shadowpen it was installed from; the setting shadowpen.command overrides this.
    """
    files = extension_files()
    if vsix is not None:
        _write(vsix, files)
        told = {"written": str(vsix)}
    else:
        program = _program(editor)
        _install(program, files)
        told = {"installed": program}
    if as_json:
        terminal.print_json({**told, "extension": IDENTITY, "files": sorted(files), "starts": language_server()})
        return
    terminal.say(f"Wrote {vsix}." if vsix else f"Installed {IDENTITY} with {told['installed']}.")
    terminal.say(f"It starts: {' '.join(language_server())}")
    before = "in the editor choose Extensions, …, Install from VSIX; then " if vsix else ""
    if not models.names():
        terminal.say("There is no model yet: `shadowpen setup` downloads one.")
    terminal.say(f"Next: {before}open a Markdown or text file and write.")
    terminal.say("The entry Shadowpen in the status bar shows what it does.")


def extension_files() -> dict[str, bytes]:
    """The extension's files by relative name; ConfigInvalid when this installation lacks its bundle."""
    source = plugins_folder() / "vscode"
    if not (source / "dist/extension.js").is_file():
        raise ConfigInvalid(
            f"The VS Code extension is missing: there is no {source / 'dist/extension.js'}.",
            "`git checkout plugins/vscode/dist` restores it; with node, `make vscode` builds it."
            if (source / "src").is_dir()
            else FRESH,
        )
    files = {name: (source / name).read_bytes() for name in SHIPPED if (source / name).is_file()}
    files[COMMAND_FILE] = command_file()
    return files


def installed_folders() -> Iterator[Path]:
    """The folders of this user's editors that hold our extension, of any version."""
    homes = [Path.home() / folder for _, folder in _EDITORS.values()]
    homes += [Path.home() / folder for folder in _REMOTE_FOLDERS]
    if data := os.environ.get("XDG_DATA_HOME"):
        homes.append(Path(data) / "code-server")
    for home in homes:
        yield from sorted(found.parent for found in home.glob(f"extensions/{IDENTITY}-*/{COMMAND_FILE}"))


def find(name: str) -> str | None:
    """The path of the command of that name, on the PATH or where macOS keeps it; None where there is no such editor."""
    application = _EDITORS.get(name, ("", ""))[0]
    inside = Path(f"/Applications/{application}.app/Contents/Resources/app/bin/{name}")
    return shutil.which(name) or (str(inside) if application and inside.exists() else None)


def extension_state(name: str) -> Literal["missing", "current", "other"]:
    """Whether the editor of this command has our extension, and whether that is this installation's."""
    homes = [Path.home() / _EDITORS[name][1]]
    if name == "code-server" and (data := os.environ.get("XDG_DATA_HOME")):
        homes.insert(0, Path(data) / "code-server")
    found = [folder for home in homes for folder in home.glob(f"extensions/{IDENTITY}-*") if folder.is_dir()]
    if not found:
        return "missing"
    ours = _manifest_version(plugins_folder() / "vscode"), language_server()
    return "current" if ours in [(_manifest_version(folder), _command(folder)) for folder in found] else "other"


def _manifest_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_text("utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _command(folder: Path) -> list[str] | None:
    """What an installed extension starts."""
    try:
        command = json.loads((folder / COMMAND_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return command if isinstance(command, list) else None


def unlist(folder: Path) -> None:
    """Take our extension off the editor's list, before its folder goes: else the editor refuses to install it again."""
    listing = folder.parent / "extensions.json"
    try:
        entries = json.loads(listing.read_text("utf-8"))
        left = [entry for entry in entries if entry.get("relativeLocation") != folder.name]
    except (OSError, ValueError, AttributeError, TypeError):
        return  # there is none, or it is not what we know: then it is not ours to change
    if len(left) < len(entries):
        store.write_atomic(listing, json.dumps(left).encode(), narrow=False)


def _program(editor: str | None) -> str:
    """The path of the editor's command."""
    for name in [editor] if editor else _EDITORS:
        if found := find(name):
            return found
    raise ConfigInvalid(
        f"The command `{editor}` was not found." if editor else "VS Code was not found on the PATH.",
        "Name its command with --editor, or write a package with --vsix FILE and install that in the editor.",
    )


def _install(program: str, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="shadowpen-") as folder:
        package = Path(folder) / "shadowpen.vsix"
        _write(package, files)
        command = [program, "--install-extension", str(package), "--force"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigInvalid(f"{program} could not install the extension: {error}.", _BY_HAND) from error
    if done.returncode != 0:
        raise ConfigInvalid(f"{program} did not install the extension: {_complaint(done)}", _BY_HAND)


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The error among the lines that an editor prints."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("Error:")]
    return next(iter(errors or reversed(lines)), f"it ended with {done.returncode}")


_BY_HAND = "Write a package with --vsix FILE and install it in the editor: Extensions, …, Install from VSIX."


def _write(package: Path, files: dict[str, bytes]) -> None:
    manifest = json.loads(files["package.json"])
    english = json.loads(files.get(_ENGLISH, b"{}"))
    described = manifest | {"description": english.get("description", manifest["description"])}
    parts = {
        "extension.vsixmanifest": _vsix_manifest(described).encode(),
        "[Content_Types].xml": _CONTENT_TYPES.encode(),
    }
    parts |= {f"extension/{name}": content for name, content in files.items()}
    try:
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise store.unusable(package, error) from error


def _vsix_manifest(manifest: dict[str, Any]) -> str:
    """The manifest that the editor reads before it unpacks."""
    identity = {"Language": "en-US", "Id": manifest["name"], "Version": manifest["version"]}
    identity["Publisher"] = manifest["publisher"]
    attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in identity.items())
    properties = {
        "Microsoft.VisualStudio.Code.Engine": manifest["engines"]["vscode"],
        "Microsoft.VisualStudio.Code.ExtensionKind": ",".join(manifest["extensionKind"]),
    }
    lines = "".join(f"<Property Id={quoteattr(key)} Value={quoteattr(value)}/>" for key, value in properties.items())
    return f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity {attributes}/>
    <DisplayName>{escape(manifest["displayName"])}</DisplayName>
    <Description xml:space="preserve">{escape(manifest["description"])}</Description>
    <Properties>{lines}</Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
  </Assets>
</PackageManifest>
"""
