"""`shadowpen uninstall`: list what Shadowpen put on this machine with its size, then remove it.

Without --purge only what can be had again goes: models, caches, logs, the editor's plug-in. With it also
settings, kept edits, adapters, the memory, the report and what a crash left. Nothing is removed but what carries one of
our names; a folder that holds documents, or a learning folder, stays in any case. Models in a folder outside the home,
which other homes may use, go only when that is asked for apart.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.extras import uninstall_command
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli import telemetry_files
from shadowpen.daemon.cli.setup import install_libreoffice
from shadowpen.daemon.cli.setup.install import neovim_folder
from shadowpen.daemon.cli.setup.install_emacs import emacs_folders
from shadowpen.daemon.cli.setup.install_vim import vim_folder
from shadowpen.daemon.cli.setup.install_vscode import installed_folders, unlist
from shadowpen.daemon.cli.setup.plugin_folder import receipt
from shadowpen.daemon.cli.setup.served import install_jupyterlab
from shadowpen.daemon.storage import own_words

# What a person writes; a state folder that holds such a file is not ours alone (SHADOWPEN_HOME=~/Documents).
_DOCUMENTS = {".md", ".markdown", ".txt", ".org", ".rst", ".tex", ".typ", ".adoc", ".odt", ".docx", ".doc", ".rtf"}


_STATE_FILES = ("trigger", "attention", "report")
_OF_SETUP = re.compile(r"\.setup\.lock|\.(staging|replaced|removed|pip|portable)-.+")
_CACHES, _LOGS, _SOCKETS = words("caches", "logs", "sockets")
_SHARED = "other homes may use it; --models removes it too"


@dataclasses.dataclass(frozen=True)
class InstalledItem:
    """One thing to remove: a file or folder, what it is, its size, and why it stays ("" when it goes)."""

    path: Path
    what: str
    bytes: int
    stays: str = ""


@click.command()
@click.option("--purge", is_flag=True, help="Also remove settings, kept edits, versions, memory and report.")
@click.option("--models", is_flag=True, help="Also remove models outside the home, which others may use.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@terminal.json_option
def uninstall(purge: bool, models: bool, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Remove what Shadowpen put on this machine. Your documents always stay.

    This removes models, caches, logs and editor plug-ins. --purge also removes your settings and what Shadowpen
    learned from you, permanently. Models in SHADOWPEN_MODELS outside the home are removed only with --models.
    """
    layout = store.layout()
    pieces = list(_pieces(layout, purge=purge, models=models))
    if as_json and not (yes or dry_run):
        raise ConfigInvalid("`--json` cannot ask for confirmation.", "Add --yes to remove, or --dry-run to preview.")
    if not as_json:
        _show(pieces, purge=purge)
    going = [piece for piece in pieces if not piece.stays]
    if going and not dry_run and (yes or click.confirm(translated("Remove this?"), err=True)):
        _stop_daemon(layout)
        extensions, office = list(installed_folders()), list(install_libreoffice.installed_folders())
        for piece in going:
            if piece.path in office:
                install_libreoffice.remove()
            if piece.path in extensions:
                unlist(piece.path)
            _remove(piece.path)
        if purge:
            telemetry_files.remove_leftovers()
        _remove_empty(layout)
        removed = True
    else:
        removed = False
    _report(pieces, removed=removed, as_json=as_json)


def _pieces(layout: store.Layout, *, purge: bool, models: bool) -> Iterator[InstalledItem]:
    """Everything of Shadowpen's on this machine, in the order shown."""
    learning = [store.expanded(folder).absolute() for folder in config.load(layout.config_file).learning.folders]
    for path, what in _candidates(layout, purge=purge):
        if os.path.lexists(path):
            shared = not models and path.parent == layout.models and _is_shared(layout)
            stays = _SHARED if shared else _reason_to_stay(path, layout, learning)
            yield InstalledItem(path, what, _size(path), stays)


def _candidates(layout: store.Layout, *, purge: bool) -> Iterator[tuple[Path, str]]:
    plugins = [(neovim_folder(), "Neovim"), (vim_folder(), "Vim"), *((folder, "Emacs") for folder in emacs_folders())]
    for plugin, editor in plugins:
        if receipt(plugin) is not None and not plugin.is_symlink():
            yield plugin, f"the {editor} plug-in"
    if receipt(install_jupyterlab.extension_folder()) is not None:
        yield install_jupyterlab.extension_folder(), "the JupyterLab extension"
        yield install_jupyterlab.settings_file().parent, "its settings, with the token of `shadowpen serve`"
    for extension in installed_folders():
        yield extension, "the VS Code extension"
    for extension in install_libreoffice.installed_folders():
        yield extension, "the LibreOffice extension"
    for manifest in sorted(layout.models.glob("*/manifest.json")):
        yield manifest.parent, f"the model {manifest.parent.name}"
    for left in sorted(layout.models.glob(".*")):
        if _OF_SETUP.fullmatch(left.name):
            yield left, "leftovers of setup"
    yield layout.cache, _CACHES
    yield layout.logs, _LOGS
    yield layout.runtime, "sockets and the lock"
    yield layout.serve_token, "the token of `shadowpen serve`"
    yield layout.plugins_off, "which plug-ins are switched off"
    yield from ((folder, _SOCKETS) for folder in _socket_folders(layout))
    if purge:
        yield layout.config_file, "your settings"
        yield own_words.added(layout), "the words you added"
        yield layout.edits, "the edits kept for learning"
        yield layout.memory, "the memory of your wording"
        yield layout.adapters, "your versions (adapters)"
        yield layout.training, "unfinished training"
        for path in sorted(layout.data.glob(f"{layout.monitoring.stem}.*")):  # and what a crash left beside it
            yield path, "figures about suggestions, without text"
        yield layout.live, "figures about your versions"
        yield layout.trigger, "your habits of accepting suggestions"
        yield layout.attention, "whether suggestions are paused"
        yield layout.forgotten, "fingerprints of forgotten text"
        yield layout.pasted, "fingerprints of pasted text"
        yield layout.report, "the report"
        yield from telemetry_files.leftovers()
        yield from ((path, "leftovers of a crash") for path in _left_by_crashes(layout))


def _is_shared(layout: store.Layout) -> bool:
    """Whether the models lie outside the home, links followed: then others may use them."""
    home, models = Path(os.path.realpath(layout.data)), Path(os.path.realpath(layout.models))
    return home != models and home not in models.parents


def _socket_folders(layout: store.Layout) -> Iterator[Path]:
    """Where the sockets of a home with a long path lie, whatever the temporary folder was when the daemon began."""
    digest = store.digest_of(layout.runtime)
    for temporary in dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))):
        yield from (path for path in sorted(temporary.glob(f"shadowpen-*-{digest}")) if store.is_ours(path.lstat()))


def _left_by_crashes(layout: store.Layout) -> Iterator[Path]:
    """Files that were being written when the power went, and what the system keeps of a process that crashed."""
    names = [path.name for path, _ in _candidates(layout, purge=False) if path.parent == layout.data]
    names += ["config.toml", *(getattr(layout, name).name for name in _STATE_FILES), own_words.added(layout).name]
    for folder in dict.fromkeys((layout.data, layout.config_dir)):
        for path in sorted(folder.glob(".*")):
            if any(re.fullmatch(rf"\.{re.escape(name)}\.\w{{8}}", path.name) for name in names):
                yield path
    for path in sorted(layout.data.glob("core*")):
        if re.fullmatch(r"core(\.\d+)?", path.name) and path.is_file():
            yield path
    yield from store.left_of_imports(layout)


def _reason_to_stay(path: Path, layout: store.Layout, learning: list[Path]) -> str:
    if path.is_symlink() or path.is_file():
        return ""
    inside = next((folder for folder in learning if folder == path or path in folder.parents), None)
    if inside:
        return f"it contains the learning folder {inside}"
    ours = receipt(path) is not None or path.parent == layout.models or path in installed_folders()
    ours = ours or path in install_libreoffice.installed_folders()
    document = None if ours else next((found for found in path.rglob("*") if found.suffix.lower() in _DOCUMENTS), None)
    return f"it contains a document: {document.relative_to(path)}" if document else ""


def _size(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(found.lstat().st_size for found in path.rglob("*") if not found.is_dir() or found.is_symlink())


def _show(pieces: list[InstalledItem], *, purge: bool) -> None:
    going = [piece for piece in pieces if not piece.stays]
    if not going:
        terminal.say("There is nothing to remove.")
    for piece in going:
        click.echo(f"  {terminal.size(piece.bytes):>9}  {translated(piece.what)}: {piece.path}")
    for piece in pieces:
        if piece.stays:
            click.echo(f"  {terminal.padded('   stays', 8)}  {piece.path}: {translated(piece.stays)}")
    if going:
        click.echo(f"  {terminal.size(sum(piece.bytes for piece in going)):>9}  {translated('in all')}")
    if not purge:
        terminal.say("Your settings and what was learned from you stay; --purge removes them too.")


def _stop_daemon(layout: store.Layout) -> None:
    """End a running daemon first: it would write its log and lock again."""
    from shadowpen.daemon.cli.running.lifecycle import stop_running

    stop_running(layout)


def _remove(path: Path) -> None:
    """Delete a file or a tree; of a link only the link."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise store.unusable(path, error) from error


def _remove_empty(layout: store.Layout) -> None:
    """Drop the folders that held nothing else; one that still holds something stays."""
    for folder in (
        layout.models,
        layout.data,
        layout.config_dir,
        *neovim_folder().parents[:2],
        *vim_folder().parents[:2],
    ):
        try:
            folder.rmdir()
        except OSError:
            continue


def _report(pieces: list[InstalledItem], *, removed: bool, as_json: bool) -> None:
    if as_json:
        rows = [{**dataclasses.asdict(piece), "removed": removed and not piece.stays} for piece in pieces]
        terminal.print_json({"pieces": rows, "removed": removed})
    elif removed:
        terminal.say(f"Removed. To remove the program itself: {uninstall_command()}")
    elif any(not piece.stays for piece in pieces):
        terminal.say("Nothing was removed.")
