"""Plug-ins that hung: they stay off until another version of their package is installed.

One small file beside the other state. Loads no plug-in.
"""

from __future__ import annotations

import contextlib

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.plugins.registry import Plugin


class _Off(msgspec.Struct, frozen=True):
    version: str
    why: str


def why(layout: store.Layout, plugin: Plugin) -> str:
    """Why a plug-in is off, as the end of a sentence; "" if it is not."""
    off = _read(layout).get(_key(plugin))
    return off.why if off is not None and off.version == plugin.version else ""


def switch_off(layout: store.Layout, plugin: Plugin, why: str) -> None:
    """Leave a plug-in out from now on; `why` is the end of a sentence."""
    _write(layout, {**_read(layout), _key(plugin): _Off(plugin.version, why)})


def switch_on(layout: store.Layout, plugin: Plugin) -> None:
    """Try a plug-in again."""
    known = _read(layout)
    if known.pop(_key(plugin), None) is not None:
        _write(layout, known)


def _key(plugin: Plugin) -> str:
    return f"{plugin.kind}/{plugin.package}/{plugin.name}"


def _read(layout: store.Layout) -> dict[str, _Off]:
    try:
        return msgspec.json.decode(store.read_bounded(layout.plugins_off), type=dict[str, _Off])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _write(layout: store.Layout, known: dict[str, _Off]) -> None:
    with contextlib.suppress(StateUnusable):  # then it is tried once more
        store.private_directory(layout.data)
        store.write_atomic(layout.plugins_off, msgspec.json.encode(known))
