"""Find the plug-ins that are installed: entry points of other packages, by kind and name.

Our own entry points lie in the same groups and cannot be replaced: who takes a name of ours, or one that another
package has, is left out with a sentence that says so. Imports no plug-in.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.base.translation.language import words

# The kinds of plug-ins by what one of them is called: the entry points of a kind are those of `shadowpen.<kind>`.
_KINDS = words("command", "engine", "format", "recipe", "source", "task")
KINDS = {f"{kind}s": kind for kind in _KINDS}
_OURS = "shadowpen"  # the name of our distribution


@dataclass(frozen=True)
class Plugin:
    """One entry point: `target` is `module:attribute`, `package` and `version` are of who brings it."""

    kind: str
    name: str
    target: str
    package: str
    version: str

    @property
    def is_ours(self) -> bool:
        return self.package == _OURS

    @property
    def title(self) -> str:
        """How sentences name it."""
        one = f"The {KINDS[self.kind]} '{self.name}'"
        return one if self.is_ours else f"{one} of the package {self.package}"

    def load(self) -> Any:
        """What `target` names; PluginBroken when it cannot be imported, whatever its module raises."""
        module, _, attribute = self.target.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for name in filter(None, attribute.split(".")):
                found = getattr(found, name)
        except Exception as error:
            raise self.broken(reason(error)) from error
        return found

    def broken(self, why: str) -> PluginBroken:
        """The error that says so; `why` is the end of a sentence."""
        hint = "Install Shadowpen again." if self.is_ours else f"Update or remove the package {self.package}."
        return PluginBroken(f"{self.title} cannot be used: {why}.", hint)


def reason(error: BaseException) -> str:
    """An exception of somebody else's code as the end of a sentence."""
    text = " ".join(str(error).split())[:160].rstrip(" .")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def ours(kind: str) -> dict[str, Plugin]:
    """Our own of a kind, by name."""
    return {plugin.name: plugin for plugin in _installed(kind) if plugin.is_ours}


def others(kind: str, reserved: Collection[str] = ()) -> dict[str, Plugin]:
    """Those of other packages that have a name of their own; `reserved` are names of ours that are no entry points."""
    return _sorted_out(kind, tuple(reserved))[0]


def refused(kind: str, reserved: Collection[str] = ()) -> list[tuple[Plugin, str]]:
    """Those of other packages that are left out, each with why, as the end of a sentence."""
    return _sorted_out(kind, tuple(reserved))[1]


def find(kind: str, name: str) -> Plugin | None:
    """The one of that name, ours first."""
    return ours(kind).get(name) or others(kind).get(name)


def _sorted_out(kind: str, reserved: tuple[str, ...]) -> tuple[dict[str, Plugin], list[tuple[Plugin, str]]]:
    taken = {*reserved, *ours(kind)}
    found: dict[str, Plugin] = {}
    left_out: list[tuple[Plugin, str]] = []
    for plugin in _installed(kind):
        if plugin.is_ours:
            continue
        if plugin.name in taken:
            left_out.append((plugin, f"Shadowpen has a {KINDS[kind]} of that name"))
        elif plugin.name in found:
            left_out.append((plugin, f"the package {found[plugin.name].package} already uses that name"))
        else:
            found[plugin.name] = plugin
    return found, left_out


def _installed(kind: str) -> list[Plugin]:
    """All entry points of a kind, in an order that does not depend on the disk's."""
    made = {_described(kind, point) for point in _entry_points(kind)}
    return sorted(made, key=lambda plugin: (plugin.name, plugin.package, plugin.target))


def _described(kind: str, point: EntryPoint) -> Plugin:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("?", "")
    return Plugin(kind, point.name, point.value, package, version)


def _entry_points(kind: str) -> Collection[EntryPoint]:
    return entry_points(group=f"shadowpen.{kind}")
