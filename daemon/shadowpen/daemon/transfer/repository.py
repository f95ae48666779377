"""Promoted versions in the user's git repository: committed, tagged, restored from a clone.

    shadowpen-version/manifest.json   the newest version's manifest, keys sorted, so that `git diff` shows what changed
    shadowpen-version/...             the files of what it learned
    shadowpen/v0003-20260501          a tag for each version

Only that folder is written, only these tags are made, nothing is pushed, and no hook is run. A repository that holds
changes of somebody else's is left alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ShadowpenError
from shadowpen.daemon.learning import runs
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.versions import MANIFEST, Version
from shadowpen.daemon.transfer.importing import saw_forgotten

FOLDER = "shadowpen-version"
_TAG = re.compile(r"shadowpen/(v[0-9]{4,6}-[0-9]{8})")
_LIMIT_S = 300.0  # 40 MB to write and compress on a slow disk
_MOST_BYTES = 4 << 30  # of a file of weights: an adapter is far smaller
_SAFE = (
    f"core.hooksPath={os.devnull}", "core.fsmonitor=false", "commit.gpgSign=false", "tag.gpgSign=false",
    "core.autocrlf=false", "gc.autoDetach=false", "core.untrackedCache=false",
)  # fmt: skip
_HINT = "See docs/monitoring.md#versions-in-git."


def commit(layout: store.Layout, version: Version, folder: Path) -> None:
    """Commit and tag `version` in the repository `folder`; ConfigInvalid, with nothing changed there, if it cannot be.

    Nothing happens for a version that is tagged there already.
    """
    top = _checked(folder)
    tag = f"shadowpen/{version.id}"
    if tag in _tags(top):
        return
    if foreign := _git(top, "status", "--porcelain", "--untracked-files=normal").strip():
        first = foreign.splitlines()[0][3:].strip('"')
        raise ConfigInvalid(
            f"The version {version.id} was not committed: {top} holds changes that are not Shadowpen's ({first}).",
            "Commit or remove them; the next version is committed then.",
        )
    place = top / FOLDER
    if os.path.lexists(place) and (place.is_symlink() or not (place / MANIFEST).is_file()):
        raise ConfigInvalid(f"The version {version.id} was not committed: {place} is not Shadowpen's.", "Rename it.")
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        _write_manifest(place / MANIFEST, version)
        for path in versions.learned_files(layout, version):
            shutil.copyfile(path, place / path.name)
        _git(top, "add", "--force", "--", FOLDER)
        who = _identity(top)
        _git(top, *who, "commit", "--quiet", "--no-verify", "--message", _subject(version), "--", FOLDER)
        _git(top, *who, "tag", "--annotate", "--message", _subject(version), tag)
    except BaseException as error:
        _undo(top)
        if isinstance(error, OSError):
            raise store.unusable(place, error) from error
        raise


def restore(layout: store.Layout, folder: Path) -> dict[str, str]:
    """Take in every version that is tagged in the repository `folder` and not known here; their names there and here.

    What is in use does not change; a version that learned what is forgotten here is left out. ConfigInvalid for what is
    no repository, ModelCorrupt for a damaged version, TrainingError while a run goes on.
    """
    top = _checked(folder)
    named: dict[str, str] = {}
    with runs.only_run(layout):
        known = {(version.created, version.adapter_sha256): version.id for version in versions.versions(layout)}
        kept_out = forgotten.load(layout.forgotten)
        new: dict[str, str] = {}
        for tag in _tags(top):
            version = _read(top, tag)
            identity = version.created, version.adapter_sha256
            if identity not in known and saw_forgotten(version, kept_out):
                continue
            if identity not in known:
                new[version.id] = known[identity] = _adopted(layout, top, tag, version, named)
            named[version.id] = known[identity]
    return new


def _adopted(layout: store.Layout, top: Path, tag: str, version: Version, named: dict[str, str]) -> str:
    """Put the version of `tag` in place; of a chain the older ones are here already. Its name here."""
    staged = store.private_directory(layout.training / "from-git")
    try:
        for path in versions.learned_files(layout, version):
            with (staged / path.name).open("wb") as file:
                _git(top, "cat-file", "blob", f"{tag}:{FOLDER}/{path.name}", into=file.fileno())
        weights = staged / versions.learned_file(version)
        if weights.stat().st_size > _MOST_BYTES or store.sha256_of(weights) != version.adapter_sha256:
            raise ModelCorrupt(f"The weights of {tag} in {top} are damaged.", "Clone the repository again.")
        sources = [
            msgspec.structs.replace(source, version=named.get(source.version, source.version))
            for source in version.sources
        ]
        parent = named.get(version.parent, "")
        renamed = msgspec.structs.replace(version, precisions={}, parent=parent, sources=sources)
        return versions.adopt(layout, staged, renamed).id
    except OSError as error:
        raise store.unusable(staged, error) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _read(top: Path, tag: str) -> Version:
    """The manifest of a tag."""
    try:
        version = msgspec.json.decode(_git(top, "cat-file", "blob", f"{tag}:{FOLDER}/{MANIFEST}"), type=Version)
    except (msgspec.DecodeError, RecursionError, ConfigInvalid) as error:
        raise ModelCorrupt(f"The manifest of {tag} in {top} cannot be read.", "Clone the repository again.") from error
    if f"shadowpen/{version.id}" != tag or version.schema != versions.SCHEMA or version.state != "promoted":
        raise ModelCorrupt(f"The manifest of {tag} in {top} describes another version.", "Clone the repository again.")
    return version


def _write_manifest(path: Path, version: Version) -> None:
    told = json.dumps(msgspec.to_builtins(version), indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(told + "\n", "utf-8")


def _subject(version: Version) -> str:
    before, after = version.metrics.get("perplexity_served"), version.metrics.get("perplexity")
    numbers = isinstance(before, int | float) and isinstance(after, int | float)
    return f"Shadowpen {version.id}" + (f": perplexity {before:.2f} to {after:.2f}" if numbers else "")


def _undo(top: Path) -> None:
    """Leave the folder as the last commit has it."""
    for command in (("reset", "--quiet", "--", FOLDER), ("checkout", "--quiet", "HEAD", "--", FOLDER)):
        try:
            _git(top, *command)
        except ShadowpenError:  # there is no commit yet, or none with the folder
            shutil.rmtree(top / FOLDER, ignore_errors=True)


def _checked(folder: Path) -> Path:
    """The top of the repository; ConfigInvalid for what is none, or one in the middle of something."""
    folder = store.expanded(folder).absolute()
    if shutil.which("git") is None:
        raise ConfigInvalid("Versions cannot be kept in git: the program git is not installed.", _HINT)
    if not folder.is_dir():
        raise ConfigInvalid(f"There is no folder {folder} for versions.", f"git init {folder}")
    try:
        top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    except ConfigInvalid as error:
        raise ConfigInvalid(f"{folder} is not a git repository with files.", f"git init {folder}") from error
    if top.resolve() != folder.resolve():
        raise ConfigInvalid(f"{folder} is not the top folder of its repository, {top} is.", _HINT)
    return top


def _tags(top: Path) -> list[str]:
    """The tags of versions, oldest first."""
    return sorted(tag for tag in _git(top, "tag", "--list", "shadowpen/*").split() if _TAG.fullmatch(tag))


def _identity(top: Path) -> list[str]:
    """The user's own name in commits; Shadowpen's where git knows none."""
    try:
        _git(top, "var", "GIT_COMMITTER_IDENT")
        return []
    except ConfigInvalid:
        return ["-c", "user.name=Shadowpen", "-c", "user.email=shadowpen@localhost"]


def _git(top: Path, *arguments: str, into: int = subprocess.PIPE) -> str:
    """What git says, or writes `into` a file; ConfigInvalid with its first line if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    safe = [part for setting in _SAFE for part in ("-c", setting)]
    try:
        done = subprocess.run(
            ["git", *safe, *arguments],
            cwd=top,
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=subprocess.PIPE,
            env={**environment, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigInvalid(f"git could not be run, or did not finish, in {top}.", _HINT) from error
    if done.returncode:
        said = next(iter(done.stderr.decode("utf-8", "replace").splitlines()), "")
        raise ConfigInvalid(f"git failed in {top}: {said[:200]}", _HINT)
    return done.stdout.decode("utf-8", "replace") if done.stdout else ""
