"""The tasks that are installed: ours, and those that other packages bring as entry points of `shadowpen.tasks`.

A task answers one type of request; a verb answers the `RunVerb` that names it, which is the name of its entry point.
One that cannot be loaded, or would take the place of another, is left out alone, with a sentence that says so. This
file knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Protocol

from shadowpen.daemon.base.errors import ModelUnsupported, RequestInvalid
from shadowpen.daemon.tasks.base import Task
from shadowpen.daemon.wire.protocol import Complete, Request, RunVerb

GROUP = "shadowpen.tasks"
_OURS = "shadowpen.daemon.tasks."


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


def load() -> Tasks:
    """Every task that can be loaded; ModelUnsupported where not even ours are there."""
    tasks = Tasks()
    entries = metadata.entry_points(group=GROUP)
    for entry in sorted(entries, key=lambda entry: (not entry.value.startswith(_OURS), entry.name)):
        problem = _add(tasks, entry)
        if problem:
            tasks.problems.append(f"The task '{entry.name}' of {_package(entry)} is left out: {problem}.")
    if Complete not in tasks.by_request:
        raise ModelUnsupported(
            "Shadowpen is not installed properly: it has no tasks.", "Install it again, from a fresh clone or wheel."
        )
    return tasks


def _add(tasks: Tasks, entry: metadata.EntryPoint) -> str:
    """Take the task of `entry` in; what is wrong with it, or ""."""
    try:
        task: Any = entry.load()()
        of = task.request_type
        if of is RunVerb:
            return _add_verb(tasks, entry.name, task)
        if of in tasks.by_request:
            return "another one answers the same requests"
        tasks.by_request[of] = task
    except Exception as error:  # of a package that somebody else wrote
        return f"it cannot be loaded ({type(error).__name__})"
    return ""


def _add_verb(tasks: Tasks, name: str, verb: Verb) -> str:
    if name in tasks.verbs:
        return "the name is taken"
    lacking = [
        field
        for field in ("title", "summary", "reads_model", "measured", "unavailable", "steps")
        if not hasattr(verb, field)
    ]
    if lacking:
        return f"it has no {lacking[0]}"
    tasks.verbs[name] = verb
    return ""


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown package"
