"""Where everything lives, and how a file is written so that it is never half there.

`SHADOWPEN_HOME` moves all state below one folder; without it platformdirs' folders are used.
Directories are 0700, files 0600. This file knows no formats and no models.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import platformdirs

from shadowpen.daemon.base.errors import StateUnusable

_APP = "shadowpen"
_PRIVATE_DIRECTORY = 0o700
_PRIVATE_FILE = 0o600
_SOCKET_PATH_BYTES = 100  # sockaddr_un holds 104 (macOS) or 108 (Linux) bytes


@dataclass(frozen=True)
class Layout:
    """The folders and files of one user's state; none need exist."""

    data: Path
    config_dir: Path
    cache: Path
    runtime: Path
    logs: Path
    models: Path

    @property
    def config_file(self) -> Path:
        return self.config_dir / "config.toml"

    @property
    def adapters(self) -> Path:
        return self.data / "adapters"

    @property
    def edits(self) -> Path:
        return self.data / "edits"

    @property
    def forgotten(self) -> Path:
        return self.data / "forgotten"

    @property
    def pasted(self) -> Path:
        return self.data / "pasted"

    @property
    def memory(self) -> Path:
        return self.data / "memory"

    @property
    def training(self) -> Path:
        return self.data / "training"

    @property
    def report(self) -> Path:
        return self.data / "report.html"

    @property
    def trigger(self) -> Path:
        return self.data / "trigger.json"

    @property
    def attention(self) -> Path:
        return self.data / "attention.json"

    @property
    def lock(self) -> Path:
        return self.runtime / "daemon.lock"

    @property
    def connection_file(self) -> Path:
        return self.runtime / "connection.json"

    @property
    def log_file(self) -> Path:
        return self.logs / "daemon.log"

    def socket_path(self, name: str) -> Path:
        """A path short enough for a Unix socket; a long home gets a 0700 folder named by its hash."""
        path = self.runtime / f"{name}.sock"
        if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES:
            return path
        digest = hashlib.sha256(os.fsencode(self.runtime.absolute())).hexdigest()[:16]
        owner = os.getuid() if hasattr(os, "getuid") else 0
        return Path(tempfile.gettempdir()) / f"shadowpen-{owner}-{digest}" / f"{name}.sock"


def layout() -> Layout:
    """The layout in force: `SHADOWPEN_HOME`, else platformdirs; `SHADOWPEN_MODELS` moves the models alone."""
    home = os.environ.get("SHADOWPEN_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        data, config, cache, runtime, logs = root, root, root / "cache", root / "run", root / "logs"
    else:
        dirs = platformdirs.PlatformDirs(_APP, appauthor=False)
        data, config, cache = Path(dirs.user_data_dir), Path(dirs.user_config_dir), Path(dirs.user_cache_dir)
        runtime, logs = _runtime_folder(dirs, data), Path(dirs.user_log_dir)
    models = os.environ.get("SHADOWPEN_MODELS")
    models_dir = Path(models).expanduser().absolute() if models else data / "models"
    return Layout(data, config, cache, runtime, logs, models_dir)


def _runtime_folder(dirs: platformdirs.PlatformDirs, data: Path) -> Path:
    """The session's runtime folder; a Linux without one (ssh, cron, containers) gets a folder below the data."""
    if os.name == "posix" and os.uname().sysname == "Linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        return data / "run"
    return Path(dirs.user_runtime_dir)


def private_directory(path: Path) -> Path:
    """Create `path` for the user alone and return it; StateUnusable if it is a link or someone else's."""
    try:
        path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        status = path.lstat()
        if path.is_symlink() and path.parent == Path(tempfile.gettempdir()):
            raise StateUnusable(f"{path} is a link where a private folder is needed.", "Remove it and try again.")
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            raise StateUnusable(f"{path} belongs to another user.", "Set SHADOWPEN_HOME to a folder of your own.")
        if status.st_mode & 0o077 and not path.is_symlink():
            path.chmod(_PRIVATE_DIRECTORY)
    except OSError as error:
        raise unusable(path, error) from error
    return path


def unusable(path: Path, error: OSError) -> StateUnusable:
    """The sentence for an OSError met while using `path`."""
    if error.errno == errno.ENOSPC:
        return StateUnusable(
            f"The disk is full: {path} could not be written.",
            "Free some space and try again; nothing was changed.",
        )
    reason = error.strerror or str(error)
    return StateUnusable(f"{path} cannot be used: {reason}.", "Check its owner and permissions, or set SHADOWPEN_HOME.")


@contextlib.contextmanager
def atomic_file(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` whole, fsynced and 0600, when the block ends well; else nothing does.

    Not `durable`: for what means nothing after a crash of the machine; an fsync can take seconds on a busy disk.
    """
    private_directory(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(_PRIVATE_FILE)
        temporary.replace(path)
        if durable:
            sync_directory(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unusable(path, error) from error
        raise


def write_atomic(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace `path` by `content` in one step, on the disk when this returns (see `atomic_file`)."""
    with atomic_file(path, durable=durable) as file:
        file.write(content)


def sync_directory(path: Path) -> None:
    """Make a rename inside `path` durable; a no-op where directories cannot be opened (Windows)."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
