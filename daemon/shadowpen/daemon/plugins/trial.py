"""Try a plug-in in a process of its own, within a time limit, before this process imports it.

A module that hangs, ends the process or crashes it does so there. What it must be is told by its kind. Knows nothing of
what a plug-in is for.
"""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.plugins import registry, switched_off
from shadowpen.daemon.plugins.registry import Plugin

_LIMIT_S = 20.0
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.plugins")
_MOST_CHARACTERS = 300
_AT_ONCE = 4
_RECIPE = ("about", "defaults", "plan", "rows", "begin", "loss")
_ENGINE = ("new_cache", "run", "fork", "select", "run_rows", "close")


@functools.cache
def problem(plugin: Plugin) -> str:
    """Why a plug-in cannot be used, as the end of a sentence; "" if it can. Tried once a process."""
    try:
        done = subprocess.run(
            [*_COMMAND, plugin.kind, plugin.target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not finish loading within {_LIMIT_S:.0f} seconds"
    except OSError as error:
        return registry.reason(error)
    if done.returncode == 0:
        return ""
    told = done.stdout.decode("utf-8", "replace").strip()[-_MOST_CHARACTERS:]
    return told or f"the process that tried it ended with status {done.returncode}"


def loaded(
    kind: str, layout: store.Layout, reserved: Collection[str] = ()
) -> tuple[list[tuple[Plugin, Any]], list[str]]:
    """Every plug-in of other packages that can be used, with what it brings; a sentence for each that cannot."""
    found: list[tuple[Plugin, Any]] = []
    problems: list[str] = []
    for plugin, why in states(kind, layout, reserved):
        if not why:
            try:
                found.append((plugin, plugin.load()))
                continue
            except PluginBroken as error:
                problems.append(f"{error.message} {error.hint}")
                continue
        problems.append(said(plugin, why))
    return found, problems


def states(kind: str, layout: store.Layout, reserved: Collection[str] = ()) -> list[tuple[Plugin, str]]:
    """Every plug-in of other packages with why it is left out, "" for those that can be used."""
    named = list(registry.others(kind, reserved).values())
    if not named:
        return registry.refused(kind, reserved)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        whys = pool.map(lambda plugin: switched_off.why(layout, plugin) or problem(plugin), named)
        return [*zip(named, whys, strict=True), *registry.refused(kind, reserved)]


def said(plugin: Plugin, why: str) -> str:
    """The sentence about a plug-in that is left out."""
    error = plugin.broken(why)
    return f"{error.message} {error.hint}"


def shape_problem(plugin: Plugin, found: Any) -> str:
    """What `found` lacks to be of its kind, as the end of a sentence; "" for nothing."""
    return _SHAPES[plugin.kind](found)


def _command(found: Any) -> str:
    import click

    return "" if isinstance(found, click.Command) else "it is not a click command"


def _task(found: Any) -> str:
    made = found()
    lacking = [name for name in ("request_type", "steps") if not hasattr(made, name)]
    return f"it has no {lacking[0]}" if lacking else ""


def _engine(found: Any) -> str:
    if not callable(found):
        return "it cannot be called"
    lacking = [name for name in _ENGINE if isinstance(found, type) and not hasattr(found, name)]
    return f"it has no {lacking[0]}" if lacking else ""


def _recipe(found: Any) -> str:
    if not isinstance(found, type):
        return "it is not a class"
    lacking = [name for name in _RECIPE if not hasattr(found, name)]
    return f"it has no {lacking[0]}" if lacking else ""


def _source(found: Any) -> str:
    lacking = [name for name in ("fetch", "gave") if isinstance(found, type) and not hasattr(found, name)]
    return f"it has no {lacking[0]}" if lacking else _callable(found)


def _callable(found: Any) -> str:
    return "" if callable(found) else "it cannot be called"


_SHAPES: dict[str, Callable[[Any], str]] = {
    "commands": _command,
    "engines": _engine,
    "formats": _callable,
    "recipes": _recipe,
    "sources": _source,
    "tasks": _task,
}
