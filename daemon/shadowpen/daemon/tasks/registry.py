"""The installed tasks: ours, and those of other packages (entry points in `shadowpen.tasks`).

A task answers one type of request; a verb answers the `RunVerb` that names it, which is the name of its entry point.
One that cannot be loaded, or would take the place of another, is left out alone, with a sentence that says so. This
file knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

from shadowpen.daemon.base.errors import ModelUnsupported, RequestInvalid
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.plugins import registry as plugins
from shadowpen.daemon.plugins import trial
from shadowpen.daemon.plugins.registry import Plugin
from shadowpen.daemon.plugins.watch import PluginWatch
from shadowpen.daemon.tasks.base import Task
from shadowpen.daemon.tasks.watched import WatchedTask, WatchedVerb
from shadowpen.daemon.wire.protocol import Complete, Request, RunVerb

_VERB_FIELDS = ("title", "summary", "reads_model", "measured", "unavailable", "steps")


class Verb(Task, Protocol):
    """A task that is called by its name.

    `title` stands in menus and `summary`, one sentence, in `shadowpen tasks`. `reads_model`: whether the model takes
    part. `measured` is its quality with the default model, "" where nothing was measured. `unavailable` is a sentence
    that says why it is not offered here and what to do; "" where it is.
    """

    title: str
    summary: str
    reads_model: bool
    measured: str
    unavailable: str


@dataclass
class Tasks:
    """The tasks by the type of their request, the verbs by name, and what is wrong with others."""

    by_request: dict[type, Task] = field(default_factory=dict)
    verbs: dict[str, Verb] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)  # who takes the place of ours

    def of(self, request: Request) -> Task:
        """Who answers `request`; RequestInvalid where nobody does."""
        if isinstance(request, RunVerb):
            verb = self.verbs.get(request.verb)
            if verb is None:
                raise RequestInvalid(f"There is no task '{request.verb}' here.", "`shadowpen tasks` lists them.")
            return verb
        task = self.by_request.get(type(request))
        if task is None:
            raise RequestInvalid(f"The daemon does not support {type(request).__name__}.", "Update Shadowpen.")
        return task


def load(
    layout: Layout | None = None, allowed: Collection[str] = (), hung: Callable[[], object] = lambda: None
) -> Tasks:
    """Every task that can be used; ModelUnsupported where not even ours are there.

    Without a `layout` those of other packages stay out; those `allowed` may take the place of ours. `hung` is called
    when one of theirs does not return, see `PluginWatch`.
    """
    tasks = Tasks()
    for plugin in plugins.ours("tasks").values():
        task = plugin.load()()
        if task.request_type is RunVerb:
            tasks.verbs[plugin.name] = task
        else:
            tasks.by_request[task.request_type] = task
    if Complete not in tasks.by_request:
        raise ModelUnsupported(
            "Shadowpen is not installed properly: it has no tasks.", "Install it again, from a fresh clone or wheel."
        )
    if layout is None:
        return tasks
    found, tasks.problems = trial.loaded("tasks", layout)
    for plugin, kind in found:
        why = _add(tasks, plugin, kind, PluginWatch(plugin, layout, hung), replaces=plugin.name in allowed)
        if why:
            tasks.problems.append(trial.said(plugin, why))
    return tasks


def _add(tasks: Tasks, plugin: Plugin, kind: Any, watch: PluginWatch, *, replaces: bool) -> str:
    """Take a task of another package in; why not, as the end of a sentence, or ""."""
    try:
        task: Any = kind()
        of = task.request_type
    except Exception as error:  # somebody else's code
        return plugins.reason(error)
    if of is RunVerb:
        return _add_verb(tasks, plugin, task, watch)
    present = tasks.by_request.get(of)
    if isinstance(present, WatchedTask):
        return f"the package {present.plugin.package} answers the same requests"
    if present is not None:
        if not replaces:
            return "Shadowpen answers the same requests itself, unless the setting model.tasks names this task"
        tasks.replacements.append(f"{of.__name__.lower()} by {plugin.name} ({plugin.package})")
    tasks.by_request[of] = WatchedTask(task, plugin, watch)
    return ""


def _add_verb(tasks: Tasks, plugin: Plugin, verb: Any, watch: PluginWatch) -> str:
    """The names of verbs are those of entry points, which are told apart before."""
    lacking = [name for name in _VERB_FIELDS if not hasattr(verb, name)]
    if lacking:
        return f"it has no {lacking[0]}"
    tasks.verbs[plugin.name] = WatchedVerb(verb, plugin, watch)
    return ""
