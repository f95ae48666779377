"""`shadowpen install obsidian VAULT`: put the plug-in into a vault.

Obsidian lists, updates and removes plug-ins of a vault itself, so no record is kept of it here.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import FRESH, plugins_folder
from shadowpen.daemon.cli.setup.served import settings_in, tell_what_serve_lacks
from shadowpen.daemon.http.access_token import access_token

_FILES = ("manifest.json", "main.js")
_SETTINGS = "data.json"


@click.command()
@click.argument("vault", type=click.Path(path_type=Path))
def obsidian(vault: Path) -> None:
    """Install the plug-in for Obsidian in VAULT, the folder that holds your notes.

    The plug-in uses `shadowpen serve`, which must run while you write. Its token is stored in the vault, in a
    file that only you can read; leave `.obsidian/plugins/shadowpen/data.json` out if you share or synchronise the
    vault.
    """
    if not (vault / ".obsidian").is_dir():
        raise ConfigInvalid(f"{vault} is not an Obsidian vault.", "Name the folder that holds .obsidian.")
    source = plugins_folder() / "obsidian"
    if not (source / "main.js").is_file():
        raise ConfigInvalid(f"The Obsidian plug-in is missing: there is no {source / 'main.js'}.", FRESH)
    target = vault / ".obsidian" / "plugins" / "shadowpen"
    target.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        store.write_atomic(target / name, (source / name).read_bytes())
    stored = _store(target / _SETTINGS, store.layout())
    terminal.say(f"Installed the plug-in in {target}.")
    tell_what_serve_lacks()
    terminal.say(
        "Next: turn it on in Obsidian (Settings, Community plugins), and start `shadowpen serve` in a terminal."
    )
    if not stored:
        terminal.say(f"{target / _SETTINGS} was changed by hand and stays.", err=True)
        terminal.say("The plug-in's token is what `shadowpen serve --token` prints.", err=True)


def _store(path: Path, layout: store.Layout) -> bool:
    """Put the token among the plug-in's settings, and a port where there is none; what is no JSON stays: False.

    The token may have been made anew, or be that of another machine with which the vault is synchronised.
    """
    if (settings := settings_in(path)) is None:
        return False
    settings = {"port": config.load(layout.config_file).serve.port} | settings | {"token": access_token(layout)}
    store.write_atomic(path, json.dumps(settings, ensure_ascii=False).encode() + b"\n")
    return True
