"""Paths of all files, and atomic writes.

`SHADOWPEN_HOME` moves all state below one folder; without it platformdirs' folders are used. Lock, connection file and
sockets lie below the data, whatever the session's environment says: one user has one daemon, from a desktop, ssh and
cron alike. Directories are 0700, files 0600. This file knows no formats and no models.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
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
_OTHERS_MAY_WRITE = 0o022
UNPACKED = ".import-"  # how the folders begin in which an import unpacks
MOST_STATE_BYTES = 1 << 20  # a file of settings or of state; what holds text or weights has limits of its own


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
    def monitoring(self) -> Path:
        return self.data / "monitoring.db"

    @property
    def live(self) -> Path:
        """What `monitoring` took over from: written by earlier versions alone."""
        return self.data / "live.json"

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
    def plugins_off(self) -> Path:
        return self.data / "plugins-off.json"

    @property
    def serve_token(self) -> Path:
        return self.data / "serve-token"

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
        owner = os.getuid() if hasattr(os, "getuid") else 0
        return Path(tempfile.gettempdir()) / f"shadowpen-{owner}-{digest_of(self.runtime)}" / f"{name}.sock"


def layout() -> Layout:
    """The layout in force: `SHADOWPEN_HOME`, else platformdirs; `SHADOWPEN_MODELS` moves the models alone.

    StateUnusable where there is no home: what lies below the current folder would be another state at each place.
    """
    root = _named_by("SHADOWPEN_HOME")
    if root is not None:
        data, config, cache, logs = root, root, root / "cache", root / "logs"
    else:
        data, config, cache, logs = _platform_folders()
    models = _named_by("SHADOWPEN_MODELS")
    return Layout(data, config, cache, data / "run", logs, data / "models" if models is None else models)


def _platform_folders() -> tuple[Path, Path, Path, Path]:
    """Where the system keeps data, settings, caches and logs of a user."""
    try:
        dirs = platformdirs.PlatformDirs(_APP, appauthor=False)
        data, config, cache = Path(dirs.user_data_dir), Path(dirs.user_config_dir), Path(dirs.user_cache_dir)
        logs = Path(dirs.user_log_dir)
    except RuntimeError:  # older platformdirs give a path below the current folder instead
        data = config = cache = logs = Path()
    if not all(folder.is_absolute() for folder in (data, config, cache, logs)):
        raise StateUnusable("This user has no home folder.", "Set SHADOWPEN_HOME to a folder of your own.")
    return data, config, cache, logs


def _named_by(variable: str) -> Path | None:
    """The folder that a variable of the environment names; StateUnusable if that is the home of nobody."""
    named = os.environ.get(variable)
    if not named:
        return None
    folder = expanded(named)
    if folder.parts[:1] and folder.parts[0].startswith("~"):
        raise StateUnusable(f"{variable} names the home folder of an unknown user.", "Name another one.")
    return folder.absolute()


def expanded(path: str | os.PathLike[str]) -> Path:
    """`path` with `~` as the home folder. That of an unknown user, over which pathlib raises, stays as it stands."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (see above)


def real(path: str | os.PathLike[str]) -> Path:
    """`path` expanded, absolute and without links; a link that leads to itself, over which pathlib raises, stays."""
    return Path(os.path.realpath(expanded(path)))


def left_of_imports(layout: Layout) -> list[Path]:
    """What imports had unpacked when they were killed: text, in a folder each, to be removed."""
    return sorted(layout.data.glob(f"{UNPACKED}*"))


def is_folder(path: Path) -> bool:
    """Whether there is a folder. Not one that lies in a closed folder, of which pathlib raises."""
    return os.path.isdir(path)  # noqa: PTH112 (see above)


def digest_of(folder: Path) -> str:
    """The short name of the sockets' folder, where the path of `folder` is too long."""
    return hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]


def private_directory(path: Path) -> Path:
    """Create `path` for the user alone and return it; StateUnusable if it is a link, shared, or someone else's.

    Parents that are missing become private too, whatever the umask.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
        for folder in reversed(missing):
            folder.mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)
        path.mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)  # raises for what is no folder
        status = path.lstat()
        if path.is_symlink() and path.parent == Path(tempfile.gettempdir()):
            raise StateUnusable(f"{path} is a link, but a private folder is needed.", "Remove it and try again.")
        if not is_ours(status):
            raise foreign(path)
        if status.st_mode & stat.S_ISVTX and status.st_mode & 0o022:
            raise StateUnusable(f"{path} is shared by all users, but a private folder is needed.", "Name another one.")
        if status.st_mode & 0o077 and not path.is_symlink():
            path.chmod(_PRIVATE_DIRECTORY)
    except OSError as error:
        raise unusable(path, error) from error
    return path


def check_owner(layout: Layout) -> None:
    """StateUnusable if a folder that a daemon is found by belongs to somebody else, or others may write to it.

    To be called before anything there is believed. What does not exist is nobody's.
    """
    for folder in (layout.data, layout.runtime):
        try:
            status = folder.stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unusable(folder, error) from error
        if not is_ours(status):
            raise foreign(folder)
    with contextlib.suppress(FileNotFoundError):
        check_private(layout.runtime, layout.runtime.stat())


def check_private(path: Path, status: os.stat_result, *, secret: bool = False) -> None:
    """StateUnusable unless `path` is the user's and nobody else may write it or, if `secret`, read it."""
    if not is_ours(status):
        raise foreign(path)
    if os.name != "nt" and status.st_mode & (0o077 if secret else _OTHERS_MAY_WRITE):
        raise StateUnusable(
            f"{path} can be {'read' if secret else 'changed'} by other users.", "Remove it, or change its permissions."
        )


def foreign(path: Path) -> StateUnusable:
    """The error for a folder or file that belongs to somebody else."""
    return StateUnusable(f"{path} belongs to another user.", "Set SHADOWPEN_HOME to a folder of your own.")


def is_ours(status: os.stat_result) -> bool:
    """Whether what has this status belongs to the user; where there are no such users, it does."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def in_words(error: BaseException) -> str:
    """What went wrong, without the number and the path that the system adds."""
    return getattr(error, "strerror", None) or str(error)


def unusable(path: Path, error: OSError) -> StateUnusable:
    """The error for an OSError at `path`."""
    if error.errno == errno.ENOSPC:
        return StateUnusable(
            f"The disk is full: {path} could not be written.",
            "Free some space and try again; nothing was changed.",
        )
    reason = error.strerror or str(error)
    return StateUnusable(f"{path} cannot be used: {reason}.", "Check its owner and permissions, or set SHADOWPEN_HOME.")


@contextlib.contextmanager
def atomic_file(path: Path, *, durable: bool = True, narrow: bool = True) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` whole, fsynced and 0600, when the block ends well; else nothing does.

    StateUnusable where it cannot be written, whatever the system says of it.

    Not `durable`: for what means nothing after a crash of the machine; an fsync can take seconds on a busy disk.
    Not `narrow`: the folder is one of the user's own, which has to be there and keeps its permissions.
    """
    if narrow:
        private_directory(path.parent)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise unusable(path, error) from error
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


def write_atomic(path: Path, content: bytes, *, durable: bool = True, narrow: bool = True) -> None:
    """Replace `path` by `content` in one step, on the disk when this returns (see `atomic_file`)."""
    with atomic_file(path, durable=durable, narrow=narrow) as file:
        file.write(content)


def write_users(path: Path, content: bytes) -> None:
    """As `write_atomic`, for a file that users write too: one that is a link, as among dotfiles, stays one.

    What it leads to is written, and the folder of that keeps its permissions.
    """
    is_link = path.is_symlink()
    write_atomic(real(path) if is_link else path, content, narrow=not is_link)


def read_bounded(path: Path, most_bytes: int = MOST_STATE_BYTES) -> bytes:
    """The content of a regular file of at most `most_bytes`; OSError for anything else, such as a pipe or a device.

    Every file of settings or state is read by this: nothing that lies in its place can block or fill the memory.
    """
    return read_bounded_with_status(path, most_bytes)[0]


def read_bounded_with_status(path: Path, most_bytes: int = MOST_STATE_BYTES) -> tuple[bytes, os.stat_result]:
    """As `read_bounded`, with the status of the very file that was read."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        content = file.read(most_bytes + 1) if status.st_size <= most_bytes else b""
        if max(len(content), status.st_size) > most_bytes:
            raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes", str(path))
    return content, status


def open_for_appending(path: Path) -> int:
    """A descriptor to append to `path`, created 0600, or to nowhere if something lies there that is no regular file."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        handle = os.open(path, flags, _PRIVATE_FILE)
    except OSError as error:
        if error.errno not in (errno.ENXIO, errno.EISDIR, errno.ELOOP):
            raise
        return os.open(os.devnull, os.O_WRONLY)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    return os.open(os.devnull, os.O_WRONLY)


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
