"""Download one wheel with the user's pip configuration.

pip runs as a process of its own and only downloads: no dependencies, no build, no install; the wheel is never imported.
This file knows nothing of models.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import SourceError, StateUnusable
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.files.copying import watched

_OPTIONS = ("--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check")
_PATIENCE = ("--timeout=15", "--retries=2")
_NOT_THERE = re.compile(r"No matching distribution|Could not find a version")
_UNREACHABLE = re.compile(
    r"Failed to establish|Name or service not known|Temporary failure in name resolution|ConnectTimeout"
    r"|Connection refused|NewConnectionError|ProxyError|Max retries exceeded|Read timed out|timed out",
)
_NO_SPACE = re.compile(r"No space left on device|Errno 28")
_LAST_LINES = 3


def download_wheel(requirement: str, folder: Path, size_bytes: int, progress: Progress) -> Path:
    """The wheel of `requirement` ("name==version"), in `folder` when whole; `size_bytes` 0 when not known.

    Raises SourceError when the index has none or cannot be reached, StateUnusable when the disk is full. A download
    that is cut short leaves nothing.
    """
    store.private_directory(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".pip-") as name:
        temporary = Path(name)
        with watched(temporary, size_bytes, progress, f"Downloading {requirement}"):
            _run_pip(requirement, temporary)
        wheels = list((temporary / "wheel").glob("*.whl"))
        if len(wheels) != 1:
            raise SourceError(f"pip downloaded no wheel for {requirement}.", "Try `pip download` by hand.")
        return wheels[0].replace(folder / wheels[0].name)


def _run_pip(requirement: str, temporary: Path) -> None:
    """`temporary` is pip's working folder and takes its temporary files, so that they can be watched and go."""
    command, environment = pip_command()
    target = temporary / "wheel"
    ended = subprocess.run(
        [*command, "download", *_OPTIONS, *_PATIENCE, "--progress-bar=off", "--dest", str(target), requirement],
        env={**environment, "TMPDIR": str(temporary)},
        cwd=temporary,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode:
        raise _error(requirement, ended.stderr or ended.stdout, temporary.parent)


def pip_command() -> tuple[list[str], dict[str, str]]:
    """How pip is called, and the environment for it: this interpreter's, else the copy that Python itself carries."""
    command, environment = [sys.executable, "-m", "pip"], dict(os.environ)
    if importlib.util.find_spec("pip") is None:
        bundled = _bundled_pip()
        if bundled is None:
            raise SourceError("pip is not installed here.", f"Run `{sys.executable} -m ensurepip`, then try again.")
        environment["PYTHONPATH"] = str(bundled)
    return command, environment


def _bundled_pip() -> Path | None:
    """ensurepip's wheel of pip, which Python can import from as it is; some distributions leave it out."""
    spec = importlib.util.find_spec("ensurepip")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / "_bundled").glob("pip-*.whl"))), None)


def _error(requirement: str, said: str, folder: Path) -> SourceError | StateUnusable:
    """pip's failure in our words, with its own last lines where they are not understood."""
    if _NO_SPACE.search(said):
        return StateUnusable(
            f"The disk is full: {requirement} could not be downloaded to {folder}.",
            "Free some space and try again; nothing was changed.",
        )
    if _UNREACHABLE.search(said):
        return SourceError(
            f"The package index could not be reached for {requirement}.", "Check the network, or pip's configuration."
        )
    if _NOT_THERE.search(said):
        return SourceError(
            f"The package index has no wheel of {requirement}.", "Check name and version, and which index pip uses."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()][-_LAST_LINES:]
    return SourceError(f"pip could not download {requirement}: {' '.join(lines)}", "Try `pip download` by hand.")
