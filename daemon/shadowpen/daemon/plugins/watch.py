"""Watch a plug-in at work: its errors are reported under its name, one that hangs is switched off.

Python cannot end a call of somebody else's code. So who hangs is noted, and the process is given up; the next one does
without. Knows no kind of plug-in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.plugins import registry, switched_off
from shadowpen.daemon.plugins.registry import Plugin

LIMIT_S = 20.0  # of one call; a model call of the slowest machine takes a second


class PluginWatch:
    """`with watch: ...` around each call of `plugin`; PluginBroken for what it raises.

    `hung` is called, from another thread, when a call has not returned within `LIMIT_S`: the plug-in has been switched
    off then, and this process is of no more use.
    """

    def __init__(self, plugin: Plugin, layout: Layout, hung: Callable[[], object]) -> None:
        self._plugin, self._layout, self._hung = plugin, layout, hung
        self._timer: threading.Timer | None = None

    def __enter__(self) -> None:
        self._timer = threading.Timer(LIMIT_S, self._took_too_long)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(error, Exception) and not isinstance(error, (ShadowpenError, StopIteration)):
            raise self._plugin.broken(registry.reason(error)) from error

    def _took_too_long(self) -> None:
        why = f"it was switched off because it did not return within {LIMIT_S:.0f} seconds"
        switched_off.switch_off(self._layout, self._plugin, why)
        self._hung()
