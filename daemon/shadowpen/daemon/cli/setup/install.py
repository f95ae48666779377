"""`shadowpen install neovim`: install the plug-in and record the files written.

With it goes `command.json`, the command line of this installation, since an editor started from a desktop need not have
our PATH; where that file is, the plug-in sets itself up.

The plug-ins travel in the wheel as the folder `shadowpen/plugins`; in a checkout they are the folder
`plugins/`. A file of the author's own is never overwritten: what this wrote is listed, with hashes,
in `.shadowpen.json`. This file knows where editors look and nothing of what the plug-ins do.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.install_vscode import vscode
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, language_server, plugins_folder
from shadowpen.daemon.privacy.consent import QUESTION, must_ask

RECEIPT = ".shadowpen.json"
OLDEST_NEOVIM = (0, 10)
_HELP_TAG = re.compile(r"(?:^|(?<=\s))\*([^*\s|]+)\*(?=\s|$)", re.MULTILINE)


@click.group()
def install() -> None:
    """Install the plug-in for an editor."""


install.add_command(vscode)


@install.command("neovim")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace a plug-in that was edited by hand or installed by another program."
)
@terminal.json_option
def neovim(dry_run: bool, force: bool, as_json: bool) -> None:
    """Install the plug-in for Neovim (0.10 or newer) as a package that Neovim loads at startup."""
    target = neovim_folder()
    files = neovim_files()
    _refuse_foreign(target, force=force)
    if not dry_run:
        _replace(target, files)
    if as_json:
        told = {"folder": str(target), "files": sorted(files), "written": not dry_run}
        terminal.print_json(told | {"starts": language_server()})
        return
    if dry_run:
        click.echo(f"Would write {len(files)} files to {target}:")
        click.echo("\n".join(f"  {name}" for name in sorted(files)))
        click.echo("Nothing was changed.")
        return
    click.echo(f"Installed the plug-in in {target}.")
    click.echo(f"It starts: {' '.join(language_server())}")
    if problem := _wrong_neovim():
        click.echo(problem)
    click.echo("Next: open a Markdown or text file in Neovim and write. Your init.lua needs no line for it.")
    click.echo(":checkhealth shadowpen finds problems, :help shadowpen lists the keys.")
    if must_ask(config.load()):
        click.echo(f"{QUESTION} Answer with `shadowpen learn on` or `shadowpen learn off`; until then nothing is kept.")


def neovim_folder() -> Path:
    """Where Neovim loads packages of this user from: `site/pack/*/start/*` below its data folder."""
    name = os.environ.get("NVIM_APPNAME") or "nvim"
    if os.name == "nt":
        data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / f"{name}-data"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / name
    return data / "site/pack/shadowpen/start/shadowpen"


def neovim_files() -> dict[str, bytes]:
    """The plug-in's files by relative name, with the help tags that `:helptags` would write and what to start."""
    source = plugins_folder() / "neovim"
    if not (source / "lua").is_dir():
        raise ConfigInvalid(f"The Neovim plug-in is missing: there is no {source / 'lua'}.", FRESH)
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for folder in ("plugin", "lua", "doc")
        for path in sorted((source / folder).rglob("*"))
        if path.is_file() and path.name != "tags"
    }
    files["doc/tags"] = _help_tags(files)
    files[COMMAND_FILE] = command_file()
    return files


def receipt(folder: Path) -> dict[str, str] | None:
    """The files that were written to `folder`, with their SHA-256; None when it is not ours."""
    try:
        files = json.loads((folder / RECEIPT).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if isinstance(files, dict) else None


def plugin_state() -> Literal["missing", "current", "other"]:
    """Whether Neovim would load our plug-in, and whether it is this version's."""
    known = receipt(neovim_folder())
    if known is None:
        return "missing"
    ours = {name: hashlib.sha256(content).hexdigest() for name, content in neovim_files().items()}
    return "current" if known == ours else "other"


def neovim_version(path: str) -> tuple[int, ...] | None:
    """Major and minor version of the Neovim at `path`; None where it does not tell."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"v(\d+)\.(\d+)", answer)
    return tuple(map(int, found.groups())) if found else None


def _wrong_neovim() -> str:
    """What is wrong with the Neovim on the PATH, as a sentence; "" where it can run the plug-in."""
    path = shutil.which("nvim")
    version = neovim_version(path) if path else None
    if version and version < OLDEST_NEOVIM:
        return f"It needs Neovim 0.10 or newer; yours is {'.'.join(map(str, version))}."
    return "" if path else "It needs Neovim 0.10 or newer; there is none on your PATH."


def _help_tags(files: dict[str, bytes]) -> bytes:
    """What `:helptags` would write, so that `:help shadowpen` works at once."""
    lines = {
        f"{tag}\t{Path(name).name}\t/*{tag}*"
        for name, content in files.items()
        if name.startswith("doc/") and name.endswith(".txt")
        for tag in _HELP_TAG.findall(content.decode("utf-8"))
    }
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _refuse_foreign(target: Path, *, force: bool) -> None:
    if target.is_symlink():
        raise ConfigInvalid(f"{target} is a link to {target.resolve()}.", "Remove the link and try again.")
    if not target.exists() or force:
        return
    known = receipt(target)
    if known is None:
        raise ConfigInvalid(f"{target} was not installed by Shadowpen.", "Move it away, or add --force to replace it.")
    changed = [name for name, digest in known.items() if _digest(target / name) not in (digest, None)]
    if changed:
        sentence = f"{changed[0]} in {target} was changed by hand."
        raise ConfigInvalid(sentence, "Keep your change elsewhere, then add --force to replace it.")


def _digest(path: Path) -> str | None:
    return store.sha256_of(path) if path.is_file() else None


def _replace(target: Path, files: dict[str, bytes]) -> None:
    """Write all files beside `target`, then take its place, so that Neovim never meets half a plug-in."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent.parent, prefix=".shadowpen-") as scratch:
            fresh = Path(scratch) / "new"
            for name, content in files.items():
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            hashes = {name: store.sha256_of(fresh / name) for name in files}
            (fresh / RECEIPT).write_text(
                json.dumps({"version": version("shadowpen"), "files": hashes}, indent=2), "utf-8"
            )
            if target.exists():
                shutil.move(target, Path(scratch) / "old")
            fresh.rename(target)
    except OSError as error:
        raise store.unusable(target, error) from error
