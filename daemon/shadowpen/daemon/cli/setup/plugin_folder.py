"""Folders that hold a plug-in: a receipt marks ours, which are replaced as a whole.

A file of the user's own is never overwritten: what was written is listed, with hashes, in `.shadowpen.json`. With a
plug-in that starts something goes `command.json`, the command line of this installation. This file knows no editor.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE, language_server
from shadowpen.daemon.privacy.consent import QUESTION, must_ask

RECEIPT = ".shadowpen.json"
_HELP_TAG = re.compile(r"(?:^|(?<=\s))\*([^*\s|]+)\*(?=\s|$)", re.MULTILINE)


def put(target: Path, files: dict[str, bytes], *, dry_run: bool, force: bool, as_json: bool) -> bool:
    """Make `files` the content of `target` and say so; False where nothing is left to be said to a person."""
    refuse_foreign(target, force=force)
    if not dry_run:
        replace(target, files)
    if as_json:
        told = {"folder": str(target), "files": sorted(files), "written": not dry_run}
        terminal.print_json(told | ({"starts": language_server()} if COMMAND_FILE in files else {}))
        return False
    if dry_run:
        terminal.say(f"Would write {len(files)} files to {target}:")
        terminal.say("\n".join(f"  {name}" for name in sorted(files)))
        terminal.say("Nothing was changed.")
        return False
    terminal.say(f"Installed the plug-in in {target}.")
    if COMMAND_FILE in files:
        terminal.say(f"It starts: {' '.join(language_server())}")
    return True


def ask_consent() -> None:
    """Put the question whether anything may be kept, until it is answered."""
    if must_ask(config.load()):
        terminal.say(
            f"{QUESTION} Answer with `shadowpen learn on` or `shadowpen learn off`; until then nothing is kept."
        )


def is_current(folder: Path, files: dict[str, bytes]) -> bool:
    """Whether our plug-in in `folder` consists of these files."""
    return receipt(folder) == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def receipt(folder: Path) -> dict[str, str] | None:
    """The files that were written to `folder`, with their SHA-256; None when it is not ours."""
    try:
        files = json.loads((folder / RECEIPT).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if isinstance(files, dict) else None


def help_tags(files: dict[str, bytes]) -> bytes:
    """What `:helptags` would write, so that `:help shadowpen` works at once."""
    lines = {
        f"{tag}\t{Path(name).name}\t/*{tag}*"
        for name, content in files.items()
        if name.startswith("doc/") and name.endswith(".txt")
        for tag in _HELP_TAG.findall(content.decode("utf-8"))
    }
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def refuse_foreign(target: Path, *, force: bool) -> None:
    """Raise ConfigInvalid where `target` is not ours, or was changed by hand and `force` does not allow that."""
    if target.is_symlink():
        raise ConfigInvalid(f"{target} is a link to {target.resolve()}.", "Remove the link and try again.")
    if not target.exists() or force:
        return
    known = receipt(target)
    if known is None:
        raise ConfigInvalid(f"{target} was not installed by Shadowpen.", "Move it away, or add --force to replace it.")
    changed = [name for name, digest in known.items() if hash_of(target / name) not in (digest, None)]
    if changed:
        sentence = f"{changed[0]} in {target} was changed by hand."
        raise ConfigInvalid(sentence, "Save your change elsewhere, then add --force to replace it.")


def hash_of(path: Path) -> str | None:
    return store.sha256_of(path) if path.is_file() else None


def replace(target: Path, files: dict[str, bytes]) -> None:
    """Write all files beside `target`, then take its place, so that no editor meets half a plug-in."""
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
