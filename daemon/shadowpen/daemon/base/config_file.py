"""Change one setting in config.toml and preserve the user's comments and order.

Reading is `config`'s; this file checks no values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import split_list
from shadowpen.daemon.base.errors import ConfigInvalid


def write(path: Path, section: str, name: str, value: Any) -> None:
    """Set `section.name`; ConfigInvalid when the file cannot be understood, in which case it is left alone."""
    document = _read(path)
    table = document.setdefault(section, tomlkit.table())
    if not isinstance(table, dict):
        raise _unreadable(path, f"{section} is not a table")
    table[name] = value
    store.write_users(path, tomlkit.dumps(document).encode())


def remove(path: Path, section: str, name: str) -> bool:
    """Take `section.name` out of the file, so that its default holds again; False when it was not there."""
    document = _read(path)
    table = document.get(section)
    if not isinstance(table, dict) or name not in table:
        return False
    del table[name]
    store.write_users(path, tomlkit.dumps(document).encode())
    return True


def items(path: Path, section: str, name: str) -> list[str]:
    """What the file itself says: what the environment says must not be written back."""
    table = _read(path).unwrap().get(section, {})
    written = table.get(name, []) if isinstance(table, dict) else []
    if isinstance(written, str):
        return split_list(written)
    return [str(item) for item in written] if isinstance(written, list) else []


def add_item(path: Path, section: str, name: str, item: str) -> bool:
    """Put `item` at the end of a list setting; False when it was there already."""
    found = items(path, section, name)
    if item in found:
        return False
    write(path, section, name, [*found, item])
    return True


def remove_item(path: Path, section: str, name: str, item: str) -> bool:
    """Take `item` out of a list setting; False when it was not there."""
    found = items(path, section, name)
    if item not in found:
        return False
    write(path, section, name, [other for other in found if other != item])
    return True


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(store.read_bounded(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except UnicodeDecodeError as error:
        raise _unreadable(path, "it is not UTF-8 text") from error
    except (OSError, ValueError, RecursionError, TOMLKitError) as error:
        raise _unreadable(path, store.in_words(error)) from error


def _unreadable(path: Path, reason: str) -> ConfigInvalid:
    return ConfigInvalid(f"{path} cannot be changed: {reason}.", "Fix the file, or move it away.")
