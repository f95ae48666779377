"""`shadowpen install emacs`: the plug-in as a package that Emacs activates at startup.

It is laid out as package.el leaves a package, so that no line in init.el is needed: the autoloads turn the global mode
on once Emacs has started, unless `shadowpen-set-up` is nil by then. This file knows where Emacs looks and nothing of
what the plug-in does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, FRESH, command_file, plugins_folder
from shadowpen.daemon.cli.setup.plugin_folder import ask_consent, put, receipt

_VERSION = re.compile(rb"^;; Version: (\S+)$", re.MULTILINE)
_DESCRIPTION = """;;; shadowpen-pkg.el  -*- no-byte-compile: t; -*-
(define-package "shadowpen" "{version}" "Ghost text that writes like its author" '((emacs "28.1")))
"""
_AUTOLOADS = """;;; shadowpen-autoloads.el  -*- lexical-binding: t; no-byte-compile: t; -*-
(add-to-list 'load-path (directory-file-name (file-name-directory load-file-name)))
(autoload 'shadowpen-mode "shadowpen" "Show ghost text behind point while you write." t)
(autoload 'shadowpen-global-mode "shadowpen" "Show ghost text wherever you write prose." t)
(autoload 'shadowpen-status "shadowpen" "Say what Shadowpen is doing in this buffer." t)
(defvar shadowpen-set-up t "Whether ghost text is on from the start; set it in init.el.")
(defun shadowpen-autoloads--set-up ()
  "Turn ghost text on, unless the writer says otherwise."
  (when shadowpen-set-up (shadowpen-global-mode 1)))
(if after-init-time
    (shadowpen-autoloads--set-up)
  (add-hook 'after-init-hook #'shadowpen-autoloads--set-up))
(provide 'shadowpen-autoloads)
"""


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace a plug-in that was edited by hand or installed by another program."
)
@terminal.json_option
def emacs(dry_run: bool, force: bool, as_json: bool) -> None:
    """Install the plug-in for Emacs (28.1 or newer) as a package that Emacs activates at startup."""
    if put(emacs_folder(), emacs_files(), dry_run=dry_run, force=force, as_json=as_json):
        terminal.say("Next: open a Markdown or text file in Emacs and write. Your init.el needs no line for it.")
        terminal.say("M-x shadowpen-status says what it does, C-h f shadowpen-mode names the keys.")
        ask_consent()


def emacs_folder() -> Path:
    """Where Emacs activates packages of this user from."""
    home = Path.home()
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "emacs"
    old = (home / ".emacs.d").exists() or (home / ".emacs").exists() or (home / ".emacs.el").exists()
    return (xdg if xdg.exists() and not old else home / ".emacs.d") / "elpa" / "shadowpen"


def emacs_files() -> dict[str, bytes]:
    """The plug-in's files by name, with what package.el would write beside them and what to start."""
    source = plugins_folder() / "emacs"
    if not (source / "shadowpen.el").is_file():
        raise ConfigInvalid(f"The Emacs plug-in is missing: there is no {source / 'shadowpen.el'}.", FRESH)
    files = {path.name: path.read_bytes() for path in sorted(source.glob("*.el"))}
    found = _VERSION.search(files["shadowpen.el"])
    assert found, "shadowpen.el has a line Version:"
    files["shadowpen-pkg.el"] = _DESCRIPTION.format(version=found[1].decode()).encode()
    files["shadowpen-autoloads.el"] = _AUTOLOADS.encode()
    files[COMMAND_FILE] = command_file()
    return files


def emacs_folders() -> Iterator[Path]:
    """Where our plug-in may lie: an Emacs of today, and one whose configuration has moved since."""
    home = Path.home()
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "emacs"
    for root in (home / ".emacs.d", xdg):
        if receipt(root / "elpa/shadowpen") is not None:
            yield root / "elpa/shadowpen"
