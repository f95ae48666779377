"""The server's API key: from the environment, or from the system's keyring.

It never stands in config.toml, in a log or in a report. The keyring is asked through the package `keyring`, which is
optional; what it cannot give counts as no key.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.base.logs import LOGGER

VARIABLE = "SHADOWPEN_ENGINE_KEY"
_SERVICE = "shadowpen"
_LONGEST = 4096


@dataclass(frozen=True)
class ServerKey:
    """A key ("" for none), and where it was found: "environment", "keyring" or ""."""

    value: str = field(default="", repr=False)
    source: str = ""


def find(base: str, environment: Mapping[str, str] = os.environ, *, variable: str = VARIABLE) -> ServerKey:
    """The key for the server at `base`; ConfigInvalid where it cannot be sent. May wait for the keyring.

    `variable` of the environment comes first.
    """
    given = environment.get(variable, "").strip()
    found = ServerKey(given, "environment") if given else _from_keyring(base)
    if found.value and (len(found.value) > _LONGEST or not found.value.isascii() or not found.value.isprintable()):
        raise ConfigInvalid(
            f"The key from the {found.source} contains characters that no key has.",
            f"Set {variable}, or store the key again.",
        )
    return found


def store(base: str, key: str) -> None:
    """Put the key for the server at `base` into the keyring; ConfigInvalid or StateUnusable where that cannot be."""
    keyring = _keyring()
    if keyring is None:
        raise ConfigInvalid(
            "The package keyring is not installed.", f"{install_hint('keyring')} Or set {VARIABLE} instead."
        )
    try:
        keyring.set_password(_SERVICE, base, key)
    except Exception as error:  # each system's keyring fails in its own way
        raise StateUnusable(
            f"The keyring did not store the key ({type(error).__name__}).", f"Unlock it, or set {VARIABLE} instead."
        ) from error


def remove(base: str) -> bool:
    """Take the key out of the keyring; False where there is none."""
    keyring = _keyring()
    try:
        if keyring is None or not keyring.get_password(_SERVICE, base):
            return False
        keyring.delete_password(_SERVICE, base)
    except Exception as error:
        raise StateUnusable(f"The keyring did not remove the key ({type(error).__name__}).", "Unlock it.") from error
    return True


def _from_keyring(base: str) -> ServerKey:
    keyring = _keyring()
    if keyring is None:
        return ServerKey()
    try:
        value = keyring.get_password(_SERVICE, base)
    except Exception as error:
        LOGGER.warning("the keyring gave no key: %s", type(error).__name__)
        return ServerKey()
    return ServerKey(value.strip(), "keyring") if value else ServerKey()


def _keyring() -> Any:
    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None
