"""The options that an editor may set: restrictions and presentation, never models, programs or folders.

Read from `initializationOptions` and from the section `shadowpen` of the editor's settings. A value
that cannot be used keeps its default and leaves a sentence; nothing here raises. This file knows
neither the protocol nor the daemon.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SECTION = "shadowpen"


def _option(default: Any, key: str, expects: str, accepts: Callable[[Any], bool], why: str) -> Any:
    return field(default=default, metadata={"key": key, "expects": expects, "accepts": accepts, "why": why})


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value))


def _is_deadline(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 5 <= value <= 5000


@dataclass(frozen=True)
class Options:
    """Options that an editor may set.

    The editor's wishes; each field's metadata holds its key there, what it expects and why it exists.
    """

    enabled: bool = _option(True, "enabled", "true or false", _is_flag, "off: no suggestions in this editor")
    languages_off: tuple[str, ...] = _option(
        (), "languagesOff", "a list of language names", _is_texts, "languages without suggestions, e.g. python"
    )
    exclude: tuple[str, ...] = _option(
        (), "exclude", "a list of globs", _is_texts, "files never read, on top of the author's own list"
    )
    deadline_ms: int | None = _option(
        None,
        "deadlineMs",
        "a whole number of milliseconds from 5 to 5000",
        _is_deadline,
        "an earlier answer than the daemon's own deadline; a later one is not granted",
    )
    single_line: bool = _option(False, "singleLine", "true or false", _is_flag, "ghost text ends with its line")
    grammar: bool = _option(
        True,
        "grammar",
        "true or false",
        _is_flag,
        "off: no spelling and grammar here, whatever the author's own setting",
    )


def parse(raw: Any) -> tuple[Options, list[str]]:
    """The options in `raw` (a mapping, or what a client sends in its place), and a sentence per mistake."""
    if raw is None:
        return Options(), []
    if not isinstance(raw, Mapping):
        return Options(), [f"Shadowpen's options must be an object, not {raw!r}; all keep their defaults."]
    chosen: dict[str, Any] = {}
    problems: list[str] = []
    known = {declared.metadata["key"]: declared for declared in dataclasses.fields(Options)}
    for key, value in raw.items():
        declared = known.get(key)
        if declared is None:
            problems.append(f"Shadowpen has no option {key!r}; it has {', '.join(known)}.")
        elif value is None:
            continue
        elif not declared.metadata["accepts"](value):
            expects = declared.metadata["expects"]
            problems.append(f"Shadowpen's option {key!r} must be {expects}, not {value!r}; it keeps its default.")
        else:
            one_text = declared.metadata["accepts"] is _is_texts and isinstance(value, str)
            chosen[declared.name] = (value,) if one_text else tuple(value) if isinstance(value, list) else value
    return Options(**chosen), problems


def section(settings: Any) -> Any:
    """Shadowpen's part of `workspace/didChangeConfiguration`; None when the settings hold none."""
    return settings.get(SECTION) if isinstance(settings, Mapping) else None
