"""Run a task of another package under watch: errors carry its name, one that hangs is switched off.

Knows no task.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from shadowpen.daemon.plugins.registry import Plugin
from shadowpen.daemon.plugins.watch import PluginWatch
from shadowpen.daemon.tasks.base import Context, Task
from shadowpen.daemon.wire.protocol import Reply

_REQUEST_LIMIT_S = 180.0


class WatchedTask:
    """A task of another package: it fails by its name, and comes to an end."""

    def __init__(self, task: Task, plugin: Plugin, watch: PluginWatch) -> None:
        self._task, self.plugin, self._watch = task, plugin, watch
        self.request_type = task.request_type

    def steps(self, request: Any, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        """See `Task.steps`; PluginBroken for what goes wrong in it, and where it never comes to an end."""
        until_s = time.monotonic() + _REQUEST_LIMIT_S
        with self._watch:
            steps = iter(self._task.steps(request, context, deadline_s))
        while True:
            try:
                with self._watch:
                    reply = next(steps)
            except StopIteration:
                return
            yield reply
            if time.monotonic() > until_s:
                raise self.plugin.broken(f"it did not finish a request within {_REQUEST_LIMIT_S:.0f} seconds")


class WatchedVerb(WatchedTask):
    """A verb of another package: a task, with what menus say of it."""

    def __init__(self, verb: Any, plugin: Plugin, watch: PluginWatch) -> None:
        super().__init__(verb, plugin, watch)
        self.title, self.summary = str(verb.title), str(verb.summary)
        self.reads_model = bool(verb.reads_model)
        self.measured, self.unavailable = str(verb.measured), str(verb.unavailable)
