"""The sections of the settings: each setting with its default, unit, limits and reason.

Validation, `shadowpen config` and docs/configuration.md are derived from these. Reads no file; see config.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Presets of `completion.eagerness`: one setting in place of five numbers, which a simulated writer chose (0058).
LEVELS: Mapping[str, Mapping[str, int | float]] = {
    "less": {
        "min_probability": 0.6,
        "glance_price": 0.5,
        "min_gain": 3,
        "min_gain_in_word": 4,
        "back_off_after": 8,
    },
    "normal": {
        "min_probability": 0.33,
        "glance_price": 0.25,
        "min_gain": 3,
        "min_gain_in_word": 4,
        "back_off_after": 12,
    },
    "more": {
        "min_probability": 0.25,
        "glance_price": 0.0,
        "min_gain": 2,
        "min_gain_in_word": 2,
        "back_off_after": 24,
    },
}
NORMAL = LEVELS["normal"]

_YEAR_S = 366 * 86_400


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
        "reject a version if its stereotype gap (`shadowpen eval harm`) is significantly more than this many nats "
        "larger than the base's; 0.05: an ending said of a group of people becomes 5 % likelier",
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

    enabled: bool = setting(True, "count how well suggestions do, by day and version; only numbers are kept, no text")
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
    min_bert_score: float = setting(
        0, "the same for BERTScore, which compares meaning; it needs monitoring.encoder; 0: never", low=0, high=100
    )
    encoder: str = setting(
        "", "folder of an encoder on this machine, which BERTScore needs; empty: none. See docs/monitoring.md"
    )
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
