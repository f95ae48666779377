"""`shadowpen install jupyterlab`: the extension for all of the user's JupyterLab environments.

The extension lies in Jupyter's data folder, which JupyterLab shows to whoever asks. So the token is put among the
user's settings, which it shows to the user alone. This file knows where Jupyter looks and nothing of what the extension
does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
import platformdirs

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import FRESH, plugins_folder
from shadowpen.daemon.cli.setup.plugin_folder import put
from shadowpen.daemon.cli.setup.served import settings_in, tell_what_serve_lacks
from shadowpen.daemon.http.access_token import access_token

FILES = ("package.json", "schemas/shadowpen/plugin.json", "static/remoteEntry.js")
_BY_HAND = "was changed by hand and stays. The extension's token is what `shadowpen serve --token` prints."


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace an extension that was edited by hand or installed by another program."
)
@terminal.json_option
def jupyterlab(dry_run: bool, force: bool, as_json: bool) -> None:
    """Install the extension for JupyterLab (4.0 or newer), for all your environments.

    The extension uses `shadowpen serve`, which must run while you write. Its token is stored in your
    JupyterLab settings, which only you can read.
    """
    told = put(extension_folder(), extension_files(), dry_run=dry_run, force=force, as_json=as_json)
    stored = dry_run or _store(settings_file(), store.layout())
    if told:
        tell_what_serve_lacks()
        terminal.say(
            "Next: start `shadowpen serve` in a terminal, and start JupyterLab; if it is already running, reload its "
            "page."
        )
        terminal.say("Write in a Markdown cell. The keys are in JupyterLab's settings, Keyboard Shortcuts.")
    if not stored:
        terminal.say(f"{settings_file()} {_BY_HAND}", err=True)


def extension_folder() -> Path:
    """Where JupyterLab finds the extension, whatever environment it is installed in."""
    return _jupyter_data() / "labextensions" / "shadowpen"


def settings_file() -> Path:
    """Where JupyterLab keeps the user's settings of the extension."""
    settings = os.environ.get("JUPYTERLAB_SETTINGS_DIR") or _jupyter_config() / "lab" / "user-settings"
    return Path(settings) / "shadowpen" / "plugin.jupyterlab-settings"


def extension_files() -> dict[str, bytes]:
    """The extension's files by relative name."""
    source = plugins_folder() / "jupyterlab"
    if missing := [name for name in FILES if not (source / name).is_file()]:
        raise ConfigInvalid(f"The JupyterLab extension is missing: there is no {source / missing[0]}.", FRESH)
    return {name: (source / name).read_bytes() for name in FILES}


def _store(path: Path, layout: store.Layout) -> bool:
    """Put port and token among the user's settings; False where they cannot be read as JSON, and stay."""
    if (settings := settings_in(path)) is None:
        return False
    settings |= {"port": config.load(layout.config_file).serve.port, "token": access_token(layout)}
    path.parent.mkdir(parents=True, exist_ok=True)
    store.write_atomic(path, json.dumps(settings, indent=4, ensure_ascii=False).encode() + b"\n", narrow=False)
    return True


def _jupyter_data() -> Path:
    """As jupyter_core.paths finds it."""
    if named := os.environ.get("JUPYTER_DATA_DIR"):
        return Path(named)
    if _platform_folders():
        return platformdirs.user_data_path(_app_name(), appauthor=False)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Jupyter"
    if sys.platform == "win32":
        appdata = os.environ.get("APPDATA")
        return Path(appdata) / "jupyter" if appdata else _jupyter_config() / "data"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jupyter"


def _jupyter_config() -> Path:
    if named := os.environ.get("JUPYTER_CONFIG_DIR"):
        return Path(named)
    if _platform_folders():
        return platformdirs.user_config_path(_app_name(), appauthor=False)
    return Path.home() / ".jupyter"


def _platform_folders() -> bool:
    wanted = os.environ.get("JUPYTER_PLATFORM_DIRS", "no").lower()
    return wanted not in ("no", "n", "false", "off", "0", "0.0")


def _app_name() -> str:
    return "Jupyter" if sys.platform in ("win32", "darwin") else "jupyter"
