"""All settings: default, unit, reason, and the source of each value.

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
from shadowpen.daemon.base.eagerness import LEVELS, NORMAL

_YEAR_S = 366 * 86_400
_SHOWN = 80  # characters of a value that cannot be used


def setting(
    default: Any,
    why: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that carries its reason and its limits."""
    details = {"why": why, "low": low, "high": high, "choices": choices}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=details)
    return field(default=default, metadata=details)


@dataclass(frozen=True)
class ModelSettings:
    """Settings of the model."""

    name: str = setting(
        "default", "name of the installed model that writes suggestions; `shadowpen models list` lists them"
    )
    precision: str = setting(
        "auto",
        "numeric precision of the model; auto: the default precision for this device",
        choices=("auto", "int8", "int4", "fp32", "fp16"),
    )
    device: str = setting(
        "auto",
        "where the model runs; auto: CUDA if it works on this machine, else the CPU; others need their own onnxruntime",
        choices=("auto", "cpu", "cuda", "openvino", "coreml", "directml", "rocm"),
    )
    engine: str = setting("onnx", "what runs the model; onnx is built in, others are plug-ins, see docs/plugins.md")
    tasks: list[str] = setting([], "plug-in tasks that may replace Shadowpen's own; see docs/plugins.md")
    threads: int = setting(
        0, "number of CPU threads; 0: one per physical core, at most 4. More threads are hardly faster", low=0, high=64
    )
    profile: str = setting(
        "auto",
        "battery: one thread, nothing computed ahead; auto: battery if the machine is on battery when the model loads",
        choices=("auto", "full", "battery"),
    )


@dataclass(frozen=True)
class EngineSettings:
    """Settings of the engines, and of the server that one of them asks."""

    writing: str = setting(
        "onnx",
        "what continues and expands; onnx: an installed model (`writing.model`), openai: the server at engine.address",
        choices=("onnx", "openai"),
    )
    ghost_text: str = setting(
        "onnx", "what writes ghost text; same values as engine.writing", choices=("onnx", "openai")
    )
    address: str = setting(
        "http://127.0.0.1:8080", "address of a server that speaks OpenAI's protocol; see docs/engines.md"
    )
    model: str = setting("", "name of the server's model; empty: the first that the server lists")
    kind: str = setting(
        "chat",
        "chat: the server's model follows instructions; base: it only continues a text",
        choices=("chat", "base"),
    )
    remote: bool = setting(False, "true: your text may be sent to a server on another machine")
    limit_s: float = setting(
        90, "time limit for one text from the server, from the request to the last word", low=1, high=110
    )


@dataclass(frozen=True)
class WritingSettings:
    """Settings of what the author writes, and of a model that writes whole paragraphs."""

    model: str = setting(
        "",
        "name of another installed model for paragraphs (continue, expand); it learns nothing. Empty: `model.name`",
    )
    memory_mb: int = setting(
        4096,
        "memory limit for that model, its weights and caches together; a larger one is not loaded",
        low=64,
        high=1 << 20,
    )
    unload_after_s: float = setting(
        120, "unload that model after this many seconds without a request for it; 0: never", low=0, high=_YEAR_S
    )

    languages: list[str] = setting(
        [], "languages that you write, for example en and zh (ISO 639-1); empty: the system's language, and English"
    )
    unwritten: str = setting(
        "silent",
        "ghost text in languages that the model does not write; silent: none; serve: the same as in other languages",
        choices=("silent", "serve"),
    )


@dataclass(frozen=True)
class CompletionSettings:
    """Settings of ghost text."""

    deadline_ms: int = setting(
        60, "time limit for a suggestion; people type a key every 136 ms (median)", low=5, high=5000
    )
    max_words: int = setting(12, "maximum length of ghost text in words; longer text is rarely right", low=1, high=60)
    max_words_on_key: int = setting(
        120,
        "maximum length in words of text you ask for with a key; a clause is at most 16 words, a sentence 40",
        low=4,
        high=200,
    )
    eagerness: str = setting(
        "normal",
        "how often ghost text appears; sets the defaults of the five settings below",
        choices=("less", "normal", "more"),
    )
    min_probability: float = setting(
        NORMAL["min_probability"],
        "minimum probability that you accept part of a suggestion; 1: show suggestions only on request",
        low=0.0,
        high=1.0,
    )
    glance_price: float = setting(
        NORMAL["glance_price"], "minimum number of keys that a suggestion must save on average", low=0.0, high=20.0
    )
    min_gain: int = setting(NORMAL["min_gain"], "minimum length of a suggestion in characters", low=1, high=40)
    min_gain_in_word: int = setting(
        NORMAL["min_gain_in_word"], "the same within a word, unless the suggestion is nearly certain", low=1, high=40
    )
    back_off_after: int = setting(
        NORMAL["back_off_after"],
        "pause ghost text for a while after this many suggestions in a row that you did not accept; 0: never",
        low=0,
        high=1000,
    )
    code: str = setting(
        "off",
        "where ghost text appears in program code, in editors that are set up for code",
        choices=("off", "comments", "on"),
    )
    manual_only: bool = setting(
        False, "true: show ghost text only on request; `shadowpen manual on|off` overrides this"
    )
    on_battery: bool = setting(True, "false: no automatic ghost text on battery power")
    off_languages: list[str] = setting(
        [], "editor language ids without automatic ghost text, for example latex or mail"
    )
    off_headings: list[str] = setting([], "headings without automatic ghost text below them, for example References")
    profanity: bool = setting(False, "true: suggestions may contain slurs and swearwords")
    context_tokens: int = setting(
        1024, "how much text before the cursor the model reads; limits memory and reading time", low=64, high=8192
    )


@dataclass(frozen=True)
class SamplingSettings:
    """How the text of a writing verb is drawn from the model's probabilities."""

    do_sample: bool = setting(True, "false: always take the likeliest token, which gives the same text each time")
    temperature: float = setting(
        0.7, "higher: more varied and less predictable; lower: closer to the likeliest words", low=0.01, high=2.0
    )
    top_p: float = setting(
        0.9, "draw only from the likeliest tokens that together have this probability", low=0.01, high=1.0
    )
    top_k: int = setting(256, "draw only from this many of the likeliest tokens", low=1, high=256)
    repetition_penalty: float = setting(
        1.15, "how much less likely recently used tokens become; 1: not at all", low=1.0, high=2.0
    )
    max_new_tokens: int = setting(0, "maximum length in tokens; 0: two for each word you ask for", low=0, high=4096)


@dataclass(frozen=True)
class ContinuationSettings(SamplingSettings):
    """Settings of continuing a paragraph."""


@dataclass(frozen=True)
class ExpansionSettings(SamplingSettings):
    """Settings of expanding notes."""

    repetition_penalty: float = setting(
        1.1, "how much less likely recently used tokens become; 1: not at all", low=1.0, high=2.0
    )
    candidates: int = setting(4, "number of paragraphs to choose from", low=1, high=8)


@dataclass(frozen=True)
class DaemonSettings:
    """Settings of the daemon."""

    transport: str = setting(
        "auto",
        "how editors reach the daemon; auto: a Unix socket if the system has them, else encrypted TCP on 127.0.0.1",
        choices=("auto", "ipc", "tcp"),
    )
    unload_after_s: float = setting(900, "unload the model after this many idle seconds; 0: never", low=0, high=_YEAR_S)
    exit_after_s: float = setting(
        3600, "stop the daemon after this many seconds without a client; 0: never", low=0, high=_YEAR_S
    )
    cache_mb: int = setting(128, "memory limit for the KV caches of open documents", low=16, high=65536)
    log_level: str = setting(
        "info", "how much the log says; it never holds your text", choices=("debug", "info", "warning", "error")
    )


@dataclass(frozen=True)
class ServeSettings:
    """Settings of `shadowpen serve`."""

    port: int = setting(8017, "port of `shadowpen serve` on 127.0.0.1", low=1, high=65535)


@dataclass(frozen=True)
class LearningSettings:
    """Settings of learning."""

    enabled: str = setting(
        "ask", "ask: keep nothing until you answer with `shadowpen learn on|off`", choices=("ask", "on", "off")
    )
    keep: str = setting(
        "both",
        "accepted: keep what you accept; written: keep what you write in place of a suggestion; both: keep both",
        choices=("both", "accepted", "written"),
    )
    folders: list[str] = setting([], "folders of your own texts to learn from; `shadowpen learn add DIR` adds one")
    private_folders: list[str] = setting([], "folders from which nothing is kept or learned")
    exclude: list[str] = setting([], "glob patterns of files that Shadowpen never reads")
    own_addresses: list[str] = setting(
        [], "your mail addresses; mail from them is learned. If empty, only mail in sent-mail folders is learned"
    )
    method: str = setting(
        "full",
        "full: train every weight, continuing from the last run; lora: train a new adapter in each run",
        choices=("full", "lora"),
    )
    strength: str = setting(
        "normal",
        "how much worse a version may predict other people's text to predict yours better: 1, 5 or 10 %",
        choices=("gentle", "normal", "strong"),
    )
    stereotype_margin: float = setting(
        0.05,
        "reject a version if its stereotype gap (`shadowpen eval harm`) is surely more than this many nats larger than "
        "the base's; 0.05: an ending said of a group of people becomes 5 % likelier",
        low=0,
        high=10,
    )
    minutes_a_run: float = setting(30, "time limit of a run in minutes, with the method full", low=1, high=1440)
    anew_after_runs: int = setting(
        12,
        "train a version from the base again after this many runs in a row, and use the better of the two; 0: never",
        low=0,
        high=1000,
    )
    anew_hours: float = setting(4, "time limit in hours of a run that starts again from the base", low=0.1, high=168)
    automatic: bool = setting(True, "train automatically when there is enough new text and the machine is idle")
    min_new_tokens: int = setting(
        20000, "number of new tokens of your own text that starts an automatic run", low=500, high=10**9
    )
    min_new_edits: int = setting(200, "number of newly accepted edits that starts an automatic run", low=1, high=10**9)
    idle_s: float = setting(120, "seconds without typing before a run starts or resumes", low=0, high=_YEAR_S)


@dataclass(frozen=True)
class FeedbackSettings:
    """Settings of what ratings do."""

    threshold: float = setting(
        3.0, "a suggestion that you rate below this counts as rated low; ratings go from 1 to 5", low=1, high=5
    )
    retrain_count: int = setting(
        10, "number of suggestions rated low since the last run that starts an automatic run", low=1, high=10**6
    )
    retrain_interval_h: float = setting(
        24, "minimum number of hours between two runs that ratings start", low=1, high=8784
    )


@dataclass(frozen=True)
class MonitoringSettings:
    """Settings of counting how suggestions fare, and of alarms."""

    enabled: bool = setting(True, "count how suggestions do, by day and version; only numbers are kept, no text")
    log_interval_s: float = setting(
        300,
        "how often these numbers are written to disk and checked for alarms, in seconds",
        low=1,
        high=86400,
    )
    rollback: bool = setting(
        True, "go back to the previous version when the current one's suggestions are accepted significantly less often"
    )
    period_days: int = setting(7, "number of days that an alarm looks back, today included", low=1, high=365)
    min_taken_share: float = setting(
        0.05, "alarm when the accepted share of the suggestions shown is below this; 0: never", low=0, high=1
    )
    min_kept_share: float = setting(
        0.5,
        "alarm when less than this share of the accepted text still stands after ten minutes; 0: never",
        low=0,
        high=1,
    )
    max_edited_share: float = setting(
        0.6,
        "alarm when you change more than this many characters per accepted character within ten minutes; 0: never",
        low=0,
        high=10,
    )
    max_latency_p90_ms: float = setting(
        500, "alarm when the slowest tenth of ghost texts takes longer than this; 0: never", low=0, high=60000
    )
    min_rating: float = setting(2.5, "alarm when your mean rating is below this; 0: never", low=0, high=5)
    max_perplexity_rise: float = setting(
        1.5,
        "alarm when the perplexity of new text is more than this many times the earlier one; 0: never",
        low=0,
        high=1000,
    )
    min_bleu: float = setting(
        0,
        "alarm when the mean BLEU of expansions and verbs is below this; 0: never. See docs/monitoring.md",
        low=0,
        high=100,
    )
    min_chrf: float = setting(0, "the same for chrF, which compares letters; 0: never", low=0, high=100)
    min_rouge_l: float = setting(0, "the same for ROUGE-L, which counts words in order; 0: never", low=0, high=100)
    editor: bool = setting(True, "show alarms in your editor, each once a day")
    desktop: bool = setting(False, "true: show alarms as desktop notifications (notify-send, or osascript on macOS)")
    command: list[str] = setting(
        [],
        "command to run for an alarm, with its arguments; the alarm's sentence is added as the last one; empty: none",
    )
    mail_to: str = setting("", "address that alarms are mailed to; empty: none. See docs/monitoring.md")
    mail_from: str = setting("", "sender address of this mail; empty: the same as monitoring.mail_to")
    mail_server: str = setting("", "your mail server, HOST or HOST:PORT; without one, no mail is sent")
    mail_security: str = setting(
        "starttls",
        "encryption of the connection to the mail server; none: only for a server on this machine",
        choices=("starttls", "tls", "none"),
    )
    mail_user: str = setting("", "user name for the mail server; empty: log in without one")


@dataclass(frozen=True)
class VersionsSettings:
    """Settings of your versions of the model."""

    git: str = setting("", "git repository where each promoted version is committed (never pushed); empty: none")


@dataclass(frozen=True)
class RecipeSettings:
    """Settings of how a version is learned."""

    name: str = setting(
        "", "recipe of training runs; empty: the one that learning.method names; `shadowpen lab list` lists them"
    )
    hyperparameters: list[str] = setting(
        [], 'hyperparameters of that recipe, each as "NAME=VALUE"; see docs/recipes.md'
    )


@dataclass(frozen=True)
class GrammarSettings:
    """Settings of spelling and grammar."""

    enabled: bool = setting(False, "true: check English spelling and grammar; needs harper-py (the extra `grammar`)")
    dialect: str = setting(
        "american",
        "dialect of English for the spelling check",
        choices=("american", "british", "australian", "canadian", "indian"),
    )


@dataclass(frozen=True)
class InterfaceSettings:
    """Settings of what Shadowpen says."""

    language: str = setting(
        "auto", "language of messages; auto: the language of your editor or terminal", choices=("auto", "en", "zh")
    )


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
    sections["learning"] = _careful(sections["learning"], written.get("learning"), path, problems)
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
        variable = f"SHADOWPEN_{section}_{declared.name}".upper()
        candidates = [
            (str(path), (written or {}).get(declared.name)),
            (f"${variable}", environment.get(variable)),
        ]
        for source, raw in candidates:
            if raw is None:
                continue
            value, problem = check(section, declared.name, raw)
            if problem:
                problems.append(f"{source}: {problem}; using {chosen.get(declared.name, 'the default')}.")
            else:
                chosen[declared.name] = value
                sources[f"{section}.{declared.name}"] = source
    return kind(**chosen)


def _careful(learning: LearningSettings, written: Any, path: Path, problems: list[str]) -> LearningSettings:
    """Learning as it was set, or off where what restricts it cannot be read: a default would keep more than was meant.

    Of a list that holds other things too, the texts count.
    """
    bad = [
        name
        for name in _RESTRICTING
        if isinstance(written, dict) and name in written and check("learning", name, written[name])[1]
    ]
    if not bad:
        return learning
    problems.append(f"{path}: nothing is kept or learned until learning.{bad[0]} is mended.")
    lists = {name: written[name] for name in bad if isinstance(written[name], list)}
    texts = {name: [one for one in items if _is_text(one)] for name, items in lists.items()}
    return dataclasses.replace(learning, enabled="off", **texts)  # type: ignore[arg-type]


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
        items = value
        if isinstance(value, str) and (items := listed(value)) is None:
            items = value.split(os.pathsep)
        return list(items) if isinstance(items, list) and all(map(_is_text, items)) else _refuse(value)
    return value if _is_text(value) else _refuse(value)


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
