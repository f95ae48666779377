"""`shadowpen install obsidian VAULT`: put the plug-in into a vault, with the token of `shadowpen serve`.

Obsidian lists, updates and removes plug-ins of a vault itself, so no record is kept of it here.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import FRESH, plugins_folder
from shadowpen.daemon.cli.setup.served import tell_what_serve_lacks
from shadowpen.daemon.http.access_token import access_token

_FILES = ("manifest.json", "main.js")
_SETTINGS = "data.json"


@click.command()
@click.argument("vault", type=click.Path(path_type=Path))
def obsidian(vault: Path) -> None:
    """Install the plug-in for Obsidian in VAULT, the folder that holds your notes.

    The plug-in asks `shadowpen serve`, which has to run while you write. Its token is stored in the vault, readable by
    you alone; leave `.obsidian/plugins/shadowpen/data.json` out if you share or synchronise the vault.
    """
    if not (vault / ".obsidian").is_dir():
        raise ConfigInvalid(f"{vault} is no vault of Obsidian.", "Name the folder that holds .obsidian.")
    source = plugins_folder() / "obsidian"
    if not (source / "main.js").is_file():
        raise ConfigInvalid(f"The Obsidian plug-in is missing: there is no {source / 'main.js'}.", FRESH)
    target = vault / ".obsidian" / "plugins" / "shadowpen"
    target.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        store.write_atomic(target / name, (source / name).read_bytes())
    layout = store.layout()
    if not (target / _SETTINGS).exists():
        settings = {"port": config.load(layout.config_file).serve.port, "token": access_token(layout)}
        store.write_atomic(target / _SETTINGS, json.dumps(settings).encode() + b"\n")
    terminal.say(f"Installed the plug-in in {target}.")
    tell_what_serve_lacks()
    terminal.say(
        "Next: turn it on in Obsidian (Settings, Community plugins), and start `shadowpen serve` in a terminal."
    )
