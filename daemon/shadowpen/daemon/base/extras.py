"""The command that installs the packages of an extra into this very installation, for hints.

A hint names the packages themselves and the installer at hand. It never names Shadowpen as a package: an index may hold
none of that name, or a stranger's. This file installs nothing.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shlex
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from shadowpen.daemon.base.errors import ConfigInvalid

_OF_EXTRA = re.compile(r"""^(?P<requirement>[^;]+?)\s*;.*\bextra\s*==\s*["'](?P<extra>[^"']+)["']""")


def install_hint(extra: str) -> str:
    """What to do to have `extra` here, as sentences for an error's hint."""
    if _is_externally_managed():
        return (
            "This Python belongs to the system: install Shadowpen in a virtual environment of its own "
            f"(python3 -m venv), and there {_words(extra)}."
        )
    command = f"{_installer()} {_words(extra)}"
    if "torch" in command and sys.platform == "linux" and not _is_installed("torch"):
        return (
            f"Without a graphics card, first install torch's CPU build: {_installer()} torch --index-url INDEX, "
            f"with the CPU index that pytorch.org names. Then: {command}"
        )
    return f"Install it with: {command}"


def check_installed(command: str, packages: Sequence[str], extra: str) -> None:
    """Raise ConfigInvalid, with the line that installs them, if `command` lacks one of the `packages` of `extra`."""
    if error := lacking(command, packages, extra):
        raise error


def lacking(command: str, packages: Sequence[str], extra: str) -> ConfigInvalid | None:
    """What check_installed raises, to be told before `command` is run; None if all is there."""
    missing = [name for name in packages if not _is_installed(name)]
    return ConfigInvalid(f"`{command}` needs {' and '.join(missing)}.", install_hint(extra)) if missing else None


def install_command(*packages: str) -> str:
    """The command that adds packages to this very installation, whoever made it."""
    return f"{_installer()} {' '.join(map(shlex.quote, packages))}"


def uninstall_command() -> str:
    """The command that takes Shadowpen itself out of this very installation, whoever made it."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx uninstall {prefix.name}"
    if (prefix / "uv-receipt.toml").exists():
        return f"uv tool uninstall {prefix.name}"
    if not _is_installed("pip"):
        return f"uv pip uninstall --python {shlex.quote(sys.executable)} shadowpen"
    return f"{shlex.quote(sys.executable)} -m pip uninstall shadowpen"


def requirements(extra: str) -> list[str]:
    """The packages of `extra` with their versions, as this installation's metadata has them."""
    found = map(_OF_EXTRA.match, importlib.metadata.requires("shadowpen") or ())
    return [match["requirement"] for match in found if match and match["extra"] == extra]


def _words(extra: str) -> str:
    return " ".join(map(shlex.quote, requirements(extra)))


def _installer() -> str:
    """The beginning of a command line that installs into this environment, whoever made it."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx inject {prefix.name}"
    if not _is_installed("pip"):  # environments that uv made
        return f"uv pip install --python {shlex.quote(sys.executable)}"
    return f"{shlex.quote(sys.executable)} -m pip install"


def _is_externally_managed() -> bool:
    """Whether pip refuses to install here (PEP 668)."""
    marker = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    return sys.prefix == sys.base_prefix and marker.exists()


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
