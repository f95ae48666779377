"""`shadowpen install vim`: the plug-in as a package that Vim loads at startup.

This file knows where Vim looks and nothing of what the plug-in does.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, plugins_folder
from shadowpen.daemon.cli.setup.plugin_folder import ask_consent, help_tags, put


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace a plug-in that was edited by hand or installed by another program."
)
@terminal.json_option
def vim(dry_run: bool, force: bool, as_json: bool) -> None:
    """Install the plug-in for Vim (9.0 or newer) as a package that Vim loads at startup."""
    if put(vim_folder(), vim_files(), dry_run=dry_run, force=force, as_json=as_json):
        terminal.say("Next: open a Markdown or text file in Vim and write. Your vimrc needs no line for it.")
        terminal.say(":ShadowpenStatus says what it does, :help shadowpen lists the keys.")
        ask_consent()


def vim_folder() -> Path:
    """Where Vim loads packages of this user from: `pack/*/start/*` below its folder."""
    home = Path.home()
    own = home / ("vimfiles" if os.name == "nt" else ".vim")
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "vim"
    # Vim 9.1 reads the XDG folder, where there is a vimrc and none in the old places.
    old = any(path.exists() for path in (home / ".vimrc", home / "_vimrc", own / "vimrc"))
    root = xdg if (xdg / "vimrc").exists() and not old else own
    return root / "pack/shadowpen/start/shadowpen"


def vim_files() -> dict[str, bytes]:
    """The plug-in's files by relative name, with the help tags that `:helptags` would write and what to start."""
    source = plugins_folder() / "vim"
    if not (source / "autoload").is_dir():
        raise ConfigInvalid(f"The Vim plug-in is missing: there is no {source / 'autoload'}.", FRESH)
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for folder in ("plugin", "autoload", "doc")
        for path in sorted((source / folder).rglob("*"))
        if path.is_file() and path.name != "tags"
    }
    files["doc/tags"] = help_tags(files)
    files[COMMAND_FILE] = command_file()
    return files
