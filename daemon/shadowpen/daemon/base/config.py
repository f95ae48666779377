"""All settings as they are in force, and the source of each value.

Order of sources: default < config.toml < environment (`SHADOWPEN_<SECTION>_<NAME>`); what `completion.eagerness`
stands for counts as a default. A value that cannot be used falls back to the default and leaves a sentence in
`Config.problems`; nothing here ever raises for a user's mistake. Editors may only restrict (see
lsp_server.editor.options).
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import (
    LEVELS,
    CompletionSettings,
    ContinuationSettings,
    DaemonSettings,
    EngineSettings,
    ExpansionSettings,
    FeedbackSettings,
    GrammarSettings,
    InterfaceSettings,
    LearningSettings,
    ModelSettings,
    MonitoringSettings,
    RecipeSettings,
    ServeSettings,
    VersionsSettings,
    WritingSettings,
)

_SHOWN = 80  # characters of a value that cannot be used


@dataclass(frozen=True)
class Config:
    """The settings in force.

    All settings, the source of each (`"section.name"` → text), and what was wrong.

    `unread`: config.toml is there and could not be read, so its values are unknown.
    """

    model: ModelSettings = field(default_factory=ModelSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    writing: WritingSettings = field(default_factory=WritingSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    continuation: ContinuationSettings = field(default_factory=ContinuationSettings)
    expansion: ExpansionSettings = field(default_factory=ExpansionSettings)
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    learning: LearningSettings = field(default_factory=LearningSettings)
    feedback: FeedbackSettings = field(default_factory=FeedbackSettings)
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings)
    versions: VersionsSettings = field(default_factory=VersionsSettings)
    recipes: RecipeSettings = field(default_factory=RecipeSettings)
    grammar: GrammarSettings = field(default_factory=GrammarSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    interface: InterfaceSettings = field(default_factory=InterfaceSettings)
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unread: bool = False


_RESTRICTING = ("private_folders", "exclude", "keep")  # of learning
_SPELLINGS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}

SECTIONS: dict[str, type] = {
    section.name: section.default_factory  # type: ignore[misc]
    for section in dataclasses.fields(Config)
    if section.name not in ("sources", "problems", "unread")
}


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """Read the settings in force; never raises for what a user wrote."""
    path = path or store.layout().config_file
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    written = _read_toml(path, problems)
    unread = bool(problems)
    _report_unknown(written, path, problems)
    sources: dict[str, str] = {}
    sections = {
        name: _section(name, kind, written.get(name), path, environment, sources, problems)
        for name, kind in SECTIONS.items()
    }
    sections["completion"] = _eager(sections["completion"], sources)
    sections["learning"] = _careful(sections["learning"], written.get("learning"), path, environment, problems)
    return Config(**sections, sources=sources, problems=tuple(problems), unread=unread)


def check(section: str, name: str, value: Any) -> tuple[Any, str]:
    """The value as its setting's type, and "" or the sentence why it cannot be used."""
    declared = {f.name: f for f in dataclasses.fields(SECTIONS[section])}[name]
    kind = get_type_hints(SECTIONS[section])[name]
    try:
        value = _convert(value, kind)
    except (TypeError, ValueError, OverflowError):
        return None, f"{section}.{name} must be {_describe(kind)}, not {_shown(value)}"
    low, high, choices = (declared.metadata[key] for key in ("low", "high", "choices"))
    if choices and value not in choices:
        return None, f"{section}.{name} must be one of {', '.join(choices)}, not {_shown(value)}"
    if (low is not None and value < low) or (high is not None and value > high):
        limits = f"at least {low}" if high is None else f"between {low} and {high}"
        return None, f"{section}.{name} must be {limits}, not {_shown(value)}"
    return value, ""


def _read_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(store.read_bounded(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        problems.append(f"{path} is not UTF-8 text; every setting keeps its default. Save it as UTF-8.")
        return {}
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"{path} cannot be read ({store.in_words(error)}); every setting keeps its default.")
        return {}


def _report_unknown(written: dict[str, Any], path: Path, problems: list[str]) -> None:
    for section, values in written.items():
        if section not in SECTIONS:
            problems.append(f"{path}: unknown section [{section}].")
        elif isinstance(values, dict):
            known = {f.name for f in dataclasses.fields(SECTIONS[section])}
            problems.extend(f"{path}: unknown setting {section}.{name}." for name in values if name not in known)


def _section(
    section: str,
    kind: type,
    written: Any,
    path: Path,
    environment: Mapping[str, str],
    sources: dict[str, str],
    problems: list[str],
) -> Any:
    if written is not None and not isinstance(written, dict):
        problems.append(f"{path}: [{section}] must be a table; its settings keep their defaults.")
        written = None
    chosen: dict[str, Any] = {}
    for declared in dataclasses.fields(kind):
        sources[f"{section}.{declared.name}"] = "default"
        for source, raw in _candidates(section, declared.name, written or {}, path, environment):
            if raw is None:
                continue
            value, problem = check(section, declared.name, raw)
            if problem:
                problems.append(f"{source}: {problem}; using {chosen.get(declared.name, 'the default')}.")
            else:
                chosen[declared.name] = value
                sources[f"{section}.{declared.name}"] = source
    return kind(**chosen)


def _candidates(
    section: str, name: str, written: Mapping[str, Any], path: Path, environment: Mapping[str, str]
) -> tuple[tuple[str, Any], ...]:
    """What the file and the environment say of a setting, None for nothing; the last that can be used counts."""
    variable = f"SHADOWPEN_{section}_{name}".upper()
    return (str(path), written.get(name)), (f"${variable}", environment.get(variable))


def _careful(
    learning: LearningSettings, written: Any, path: Path, environment: Mapping[str, str], problems: list[str]
) -> LearningSettings:
    """Learning as it was set, or off where what restricts it cannot be read: a default would keep more than was meant.

    Of a list that holds other things too, the texts count.
    """
    table = written if isinstance(written, dict) else {}
    bad = [
        (source, name, raw)
        for name in _RESTRICTING
        for source, raw in _candidates("learning", name, table, path, environment)
        if raw is not None and check("learning", name, raw)[1]
    ]
    if not bad:
        return learning
    source, name, _ = bad[0]
    problems.append(f"{source}: nothing is kept or learned until learning.{name} is fixed.")
    lists: dict[str, list[str]] = {}
    for _, name, raw in bad:
        if isinstance(known := getattr(learning, name), list):
            items = split_list(raw) if isinstance(raw, str) else raw
            texts = filter(_is_text, items if isinstance(items, list) else [])
            lists[name] = [*dict.fromkeys([*lists.get(name, known), *texts])]
    return dataclasses.replace(learning, enabled="off", **lists)  # type: ignore[arg-type]


def _eager(completion: CompletionSettings, sources: dict[str, str]) -> CompletionSettings:
    """The numbers that `eagerness` stands for, but for those that somebody set."""
    level = completion.eagerness
    numbers = {name: value for name, value in LEVELS[level].items() if sources[f"completion.{name}"] == "default"}
    if sources["completion.eagerness"] != "default":
        sources.update({f"completion.{name}": f"completion.eagerness = {level}" for name in numbers})
    return dataclasses.replace(completion, **numbers)  # type: ignore[arg-type]


def _convert(value: Any, kind: Any) -> Any:
    if kind is bool:
        if isinstance(value, str):
            return _SPELLINGS[value.lower()] if value.lower() in _SPELLINGS else _refuse(value)
        return value if isinstance(value, bool) else _refuse(value)
    if isinstance(value, bool):
        _refuse(value)
    if kind in (int, float):
        if kind is int and isinstance(value, float) and not value.is_integer():
            _refuse(value)
        number = kind(value) if isinstance(value, (int, float, str)) else _refuse(value)
        return number if math.isfinite(number) else _refuse(value)
    if get_args(kind):
        items = split_list(value) if isinstance(value, str) else value
        return list(items) if isinstance(items, list) and all(map(_is_text, items)) else _refuse(value)
    return value if _is_text(value) else _refuse(value)


def split_list(text: str) -> list[str]:
    """The items of a list in one text, as the environment holds it; the file may, too."""
    items = listed(text)
    return text.split(os.pathsep) if items is None else items


def listed(text: str) -> list[str] | None:
    """The items of a list of texts as TOML and JSON write one, `["a", "b"]`; None for what is no such list."""
    try:
        items = tomllib.loads(f"items = {text}")["items"] if text.startswith("[") else None
    except (ValueError, RecursionError):  # a pattern such as [ab]*.[md]
        return None
    return items if isinstance(items, list) and all(isinstance(item, str) for item in items) else None


def _is_text(value: Any) -> bool:
    """Whether it can be a name, a path or a pattern."""
    return isinstance(value, str) and not re.search("[\0\ud800-\udfff]", value)


def _shown(value: Any) -> str:
    """As it was written, or its beginning; Python prints no number of thousands of digits and no endless nesting."""
    try:
        written = repr(value)
    except (ValueError, RecursionError):
        return "a value that cannot be shown"
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _refuse(value: Any) -> Any:
    raise ValueError(value)


def _describe(kind: Any) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false", str: "text"}.get(kind, "a list of strings")
