"""A stream of bytes in one file that only a passphrase opens, in the age format (age-encryption.org).

The file is a tar archive of two members: `key.age`, a key encrypted with the passphrase (scrypt), and
`learned.tar.age`, the stream encrypted with that key (ChaCha20-Poly1305 in pieces of 64 kB, so that any size goes
through little memory). The program `age` opens both too. Knows nothing of what the stream holds.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable

LEAST_CHARACTERS = 8  # of a passphrase
_KEY, _CONTENT = "key.age", "learned.tar.age"
_KEY_BYTES = 16_384
_PIPE_BYTES = 1 << 20
_BLOCK = 512


def check_passphrase(passphrase: str) -> None:
    """ConfigInvalid if it is too short to protect anything."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise ConfigInvalid(
            f"The passphrase is shorter than {LEAST_CHARACTERS} characters.", "Several words in a row are a good one."
        )


def seal(target: Path, passphrase: str, write: Callable[[IO[bytes]], None]) -> None:
    """Put what `write` writes into the new file `target`, encrypted; it appears whole or not at all.

    Raises ConfigInvalid if `target` is there already, StateUnusable if it cannot be written, and whatever `write` does.
    """
    import pyrage

    check_passphrase(passphrase)
    if os.path.lexists(target):
        raise ConfigInvalid(f"{target} exists already.", "Choose another name.")
    key = pyrage.x25519.Identity.generate()
    locked = pyrage.passphrase.encrypt(str(key).encode(), passphrase)
    with _new_file(target) as file:
        file.write(_header(_KEY, len(locked)) + locked + _padding(len(locked)))
        start = file.tell()
        file.write(bytes(_BLOCK))  # the size is known in the end
        with _written_by(write) as content:
            pyrage.encrypt_io(content, file, [key.to_public()])
        size = file.tell() - start - _BLOCK
        file.write(_padding(size) + bytes(2 * _BLOCK))
        file.seek(start)
        file.write(_header(_CONTENT, size))


def open_sealed(path: Path, passphrase: str, read: Callable[[IO[bytes]], None]) -> None:
    """Give `read` what was sealed in the file `path`.

    Each byte it gets is as it was sealed; whether all came is only known when this returns. Raises ConfigInvalid for a
    wrong passphrase or a file that is none of ours, StateUnusable for a damaged one, and whatever `read` does.
    """
    import pyrage

    with _archive(path) as archive:
        key = _unlocked(archive, path, passphrase)
        content = archive.extractfile(_CONTENT)
        assert content is not None
        with _read_by(read) as sink:
            try:
                pyrage.decrypt_io(content, sink, [key])
            except (OSError, pyrage.DecryptError) as error:
                raise _damaged(path) from error


def _unlocked(archive: tarfile.TarFile, path: Path, passphrase: str) -> Any:
    import pyrage

    member = archive.extractfile(_KEY)
    assert member is not None
    locked = member.read(_KEY_BYTES)
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(locked, passphrase).decode())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"The passphrase does not open {path}.", "Check it and try again.") from error


@contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(path, "r:")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise store.unusable(path, error) from error
    except tarfile.TarError as error:
        raise _strange(path) from error
    with archive:
        try:
            names = archive.getnames()
        except tarfile.TarError as error:
            raise _damaged(path) from error
        if names != [_KEY, _CONTENT]:
            raise _damaged(path) if names[:1] == [_KEY] else _strange(path)
        yield archive


@contextmanager
def _new_file(target: Path) -> Iterator[IO[bytes]]:
    """As `store.atomic_file`, but the folder is the user's and stays as it is."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise store.unusable(target, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise store.unusable(target, error) from error
        raise


@contextmanager
def _written_by(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """A stream of what `write` writes in a thread of its own; its error is raised at the end of the block."""
    with _through_a_pipe(write, writes=True) as stream:
        yield stream


@contextmanager
def _read_by(read: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """A stream to `read`, which runs in a thread of its own; its error is raised at the end of the block."""
    with _through_a_pipe(read, writes=False) as stream:
        yield stream


@contextmanager
def _through_a_pipe(work: Callable[[IO[bytes]], None], *, writes: bool) -> Iterator[IO[bytes]]:
    source, sink = os.pipe()
    theirs, ours = (os.fdopen(sink, "wb", _PIPE_BYTES), os.fdopen(source, "rb", _PIPE_BYTES)) if writes else (
        os.fdopen(source, "rb", _PIPE_BYTES), os.fdopen(sink, "wb", _PIPE_BYTES)
    )  # fmt: skip
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="sealed-file")
    thread.start()
    try:
        try:
            yield ours
        finally:
            _close(ours)
            thread.join()
    except BaseException:
        if failures and not isinstance(failures[0], BrokenPipeError | tarfile.TarError):
            raise failures[0] from None  # the other end broke for that alone
        raise
    if failures:
        raise failures[0]


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.USTAR_FORMAT if size < 8 << 30 else tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _strange(path: Path) -> ConfigInvalid:
    return ConfigInvalid(f"{path} was not written by `shadowpen learn export`.", "Choose the exported file.")


def _damaged(path: Path) -> StateUnusable:
    return StateUnusable(f"{path} is damaged; nothing was imported.", "Export it again, or copy it again.")
