"""`shadowpen install libreoffice`: package the extension and install it with the office's own command.

The package (an .oxt is a zip file) carries `command.json`, the command line of this installation, since an office
started from a desktop need not have our PATH. The same installation gives the same bytes. This file knows nothing of
what the plug-in does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, language_server, plugins_folder
from shadowpen.daemon.cli.setup.plugin_folder import ask_consent

IDENTITY = "org.shadowpen.libreoffice"
_SHIPPED = (".py", ".txt", ".xcu", ".xml")
_UNOPKG = "unopkg.com" if os.name == "nt" else "unopkg"
# Where the makers' own packages, macOS and Windows keep it.
_PLACES = (
    "/opt/libreoffice*/program",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    "C:/Program Files/LibreOffice/program",
)
_RUN_S = 120.0
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_BY_HAND = "Write a package with --oxt FILE and open that file in LibreOffice."
_IS_OPEN = "Close LibreOffice and try again, or write a package with --oxt FILE and open that file in LibreOffice."
_IS_ROOT = "Run the command as the user who writes with LibreOffice, without sudo."
_INSTALLED, _REMOVED = words("installed", "removed")


@click.command()
@click.option(
    "--oxt",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the package to this file for manual installation (open it in LibreOffice); install nothing.",
)
@terminal.json_option
def libreoffice(oxt: Path | None, as_json: bool) -> None:
    """Install the extension in LibreOffice Writer (7.0 or newer). Close LibreOffice first."""
    files = extension_files()
    if oxt is not None:
        _write(oxt, files)
        told = {"written": str(oxt)}
    else:
        program = _program()
        _install(program, files)
        told = {"installed": program}
    if as_json:
        terminal.print_json({**told, "extension": IDENTITY, "files": sorted(files), "starts": language_server()})
        return
    terminal.say(f"Wrote {oxt}." if oxt else f"Installed {IDENTITY} with {told['installed']}.")
    terminal.say(f"It starts: {' '.join(language_server())}")
    terminal.say(f"Next: open {'that file in LibreOffice, and then ' if oxt else ''}a text in Writer and write.")
    terminal.say("Ctrl+Alt+Space suggests, Ctrl+Alt+Enter expands notes or continues; see the menu Shadowpen.")
    ask_consent()


def extension_files() -> dict[str, bytes]:
    """The extension's files by relative name, with what to start."""
    source = plugins_folder() / "libreoffice"
    if not (source / "description.xml").is_file():
        raise ConfigInvalid(f"The LibreOffice extension is missing: there is no {source / 'description.xml'}.", FRESH)
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.suffix in _SHIPPED
    }
    files[COMMAND_FILE] = command_file()
    return files


def installed_folders() -> Iterator[Path]:
    """The folders of this user's offices that hold our extension."""
    for user in _user_folders():
        for found in sorted(user.glob("uno_packages/cache/uno_packages/*/*/description.xml")):
            if f'"{IDENTITY}"' in found.read_text("utf-8", "replace"):
                yield found.parent


def starts_this_installation(folder: Path) -> bool:
    """Whether an installed extension is of this version and starts this very installation."""
    ours = extension_files()
    names = ("description.xml", COMMAND_FILE)
    return all((folder / name).is_file() and (folder / name).read_bytes() == ours[name] for name in names)


def remove() -> None:
    """Have the office take our extension off its list and its disk."""
    _run([_program(), "remove", IDENTITY], _REMOVED)


def _user_folders() -> Iterator[Path]:
    if os.name == "nt":
        root = Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "LibreOffice"
    elif sys.platform == "darwin":
        root = Path.home() / "Library/Application Support/LibreOffice"
    else:
        root = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "libreoffice"
    yield from sorted(root.glob("*/user"))


def _program() -> str:
    """The path of the office's command for extensions."""
    if found := shutil.which(_UNOPKG):
        return found
    for place in _PLACES:
        anchor = Path(place).anchor
        for folder in sorted(Path(anchor).glob(str(Path(place).relative_to(anchor))), reverse=True):
            if (folder / _UNOPKG).exists():
                return str(folder / _UNOPKG)
    raise ConfigInvalid(
        f"LibreOffice was not found: there is no {_UNOPKG}.",
        _BY_HAND,
    )


def _install(program: str, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="shadowpen-") as folder:
        package = Path(folder) / "shadowpen.oxt"
        _write(package, files)
        _run([program, "add", "--force", "--suppress-license", str(package)], _INSTALLED)


def _run(command: list[str], done: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigInvalid(f"The extension was not {done}: {error}.", _BY_HAND) from error
    if ended.returncode != 0:
        complaint = _complaint(ended)
        raise ConfigInvalid(f"{command[0]} has not {done} the extension: {complaint}", _hint(complaint))


def _complaint(ended: subprocess.CompletedProcess[str]) -> str:
    """The error among the lines that the office prints; with the next line where it ends with a colon."""
    lines = [line.strip() for line in (ended.stderr + ended.stdout).splitlines() if line.strip()]
    errors = [place for place, line in enumerate(lines) if line.upper().startswith("ERROR")]
    if not errors:
        return lines[-1] if lines else f"it ended with {ended.returncode}"
    first = errors[0]
    return " ".join(lines[first : first + 2]) if lines[first].endswith(":") else lines[first]


def _hint(complaint: str) -> str:
    """What to do about it: root must choose --shared or --bundled, and an open office has a lock file."""
    if "--shared" in complaint:
        return _IS_ROOT
    return _IS_OPEN if ".lock" in complaint else _BY_HAND


def _write(package: Path, files: dict[str, bytes]) -> None:
    try:
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise store.unusable(package, error) from error
