"""`shadowpen install neovim`: install the plug-in and record the files written.

With it goes `command.json`, the command line of this installation, since an editor started from a desktop need not have
our PATH; where that file is, the plug-in sets itself up.

The plug-ins travel in the wheel as the folder `shadowpen/plugins`; in a checkout they are the folder
`plugins/`. This file knows where editors look and nothing of what the plug-ins do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.install_emacs import emacs
from shadowpen.daemon.cli.setup.install_libreoffice import libreoffice
from shadowpen.daemon.cli.setup.install_vim import vim
from shadowpen.daemon.cli.setup.install_vscode import vscode
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, plugins_folder
from shadowpen.daemon.cli.setup.plugin_folder import ask_consent, help_tags, is_current, put, receipt
from shadowpen.daemon.cli.setup.served.install_jupyterlab import jupyterlab
from shadowpen.daemon.cli.setup.served.install_obsidian import obsidian

OLDEST_NEOVIM = (0, 10)


@click.group()
def install() -> None:
    """Install the plug-in for an editor."""


install.add_command(vscode)
install.add_command(emacs)
install.add_command(libreoffice)
install.add_command(vim)
install.add_command(obsidian)
install.add_command(jupyterlab)


@install.command("neovim")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace a plug-in that was edited by hand or installed by another program."
)
@terminal.json_option
def neovim(dry_run: bool, force: bool, as_json: bool) -> None:
    """Install the plug-in for Neovim (0.10 or newer) as a package that Neovim loads at startup."""
    if not put(neovim_folder(), neovim_files(), dry_run=dry_run, force=force, as_json=as_json):
        return
    if problem := _wrong_neovim():
        terminal.say(problem)
    terminal.say("Next: open a Markdown or text file in Neovim and write. Your init.lua needs no line for it.")
    terminal.say(":checkhealth shadowpen finds problems, :help shadowpen lists the keys.")
    ask_consent()


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
    files["doc/tags"] = help_tags(files)
    files[COMMAND_FILE] = command_file()
    return files


def plugin_state() -> Literal["missing", "current", "other"]:
    """Whether Neovim would load our plug-in, and whether it is this version's."""
    if receipt(neovim_folder()) is None:
        return "missing"
    return "current" if is_current(neovim_folder(), neovim_files()) else "other"


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
