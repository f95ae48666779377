"""The daemon's report on itself: for `shadowpen status`, and with every published event.

Every field has a default, so that what an older daemon does not say, and what a newer one adds, is no error. Reports
hold numbers, names and paths, no text. Knows neither requests nor sockets.
"""

from __future__ import annotations

import msgspec

from shadowpen.daemon.base.errors import ShadowpenError, from_code


class ErrorDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An error in words; `code` names a class of daemon.base.errors."""

    code: str = ""
    message: str = ""
    hint: str = ""

    @classmethod
    def of(cls, error: ShadowpenError) -> ErrorDetails:
        return cls(code=error.code, message=error.message, hint=error.hint)

    def error(self) -> ShadowpenError:
        return from_code(self.code, self.message, self.hint)


class AttentionState(msgspec.Struct, frozen=True, kw_only=True):
    """The user's pause and manual mode; `paused_until` in epoch seconds, None: until told otherwise."""

    paused: bool = False
    paused_until: float | None = None
    manual_only: bool = False


class TrainingNews(msgspec.Struct, frozen=True, kw_only=True):
    """How a training run stands: `state` as in daemon.learning.status, `done` of `total` in its phase."""

    state: str = ""
    phase: str = ""
    done: float = 0.0
    total: float = 0.0
    version: str = ""
    message: str = ""


class ModelState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`state` is loading, ready, unloaded or failed, or "" where nothing is said; `model` or `error` goes with it."""

    state: str = ""
    model: str = ""
    error: ErrorDetails | None = None


class DaemonState(ModelState, frozen=True, omit_defaults=True, kw_only=True):
    """The state that goes with a published event; None where nothing is said. `version` is the daemon's own.

    `alarms` are sentences for the user, with an event of the kind "alarm" alone.
    """

    attention: AttentionState | None = None
    training: TrainingNews | None = None
    version: str = ""
    alarms: list[str] = []


class EngineReport(msgspec.Struct, frozen=True, kw_only=True):
    """A server that writes in place of the model, as in daemon.engine; `told` is "" where none does.

    `asked` counts its ghost texts, `late` those of them that came too late.
    """

    told: str = ""
    leaves_machine: bool = False
    asked: int = 0
    late: int = 0
    problem: str = ""


class WritingReport(msgspec.Struct, frozen=True, kw_only=True):
    """A second model for whole paragraphs; `name` is "" where there is none. See ModelReport."""

    name: str = ""
    memory_mb: int = 0
    state: str = ""
    runs: str = ""
    cache_mb: float | None = None
    problem: str = ""


class VerbsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The verbs that can be asked for by name, and what is wrong with others."""

    verbs: list[str] = []
    problems: list[str] = []


class ModelReport(ModelState, frozen=True, omit_defaults=False, kw_only=True):
    """The model's state, and what it runs on; "" and 0 where it is not in memory.

    `runs` says in one line what runs where, and why not elsewhere. `cache_mb` is None where nothing is cached here.
    """

    name: str = ""
    device: str = ""
    engine_name: str = ""
    runs: str = ""
    problem: str = ""
    plugin_problems: list[str] = []
    replaced_tasks: list[str] = []
    tasks: VerbsReport = VerbsReport()
    profile: str = ""
    documents: int = 0
    cache_mb: float | None = None
    engine: EngineReport = EngineReport()
    writing: WritingReport = WritingReport()


class LatencyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the arrival of a request to its answer, over the last `of` completions; None of nothing."""

    p50: float | None = None
    p90: float | None = None
    of: int = 0


class ShowingReport(msgspec.Struct, frozen=True, kw_only=True):
    """Silent answers by reason, outcomes by kind, and how many outcomes the trigger has learned from."""

    silences: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    learned_outcomes: int = 0


class MemoryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The memory of the user's text: `live_tokens` of its `tokens` are not in the index file yet."""

    documents: int = 0
    tokens: int = 0
    live_tokens: int = 0
    file_bytes: int = 0
    problem: str = ""


class RaisedAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that stands, by its name and as a sentence."""

    name: str = ""
    message: str = ""


class MonitoringReport(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms that stand, and why they could not be told on a way that is set."""

    alarms: list[RaisedAlarm] = []
    problems: list[str] = []


class ClientReport(msgspec.Struct, frozen=True, kw_only=True):
    """A connected client, and how long ago it said something."""

    name: str = ""
    version: str = ""
    idle_s: float = 0.0


class InstalledTask(msgspec.Struct, frozen=True):
    """A task that the daemon carries out, and the package that brings it."""

    name: str = ""
    package: str = ""


class DaemonReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report, for `shadowpen status`; `memory` is None while there is none.

    `requests` counts them by kind, `failures` by the code of their error. `waiting` requests are not answered yet.
    """

    pid: int = 0
    version: str = ""
    protocol: int = 0
    transport: str = ""
    uptime_s: float = 0.0
    rss_mb: float = 0.0
    clients: list[ClientReport] = []
    attention: AttentionState = AttentionState()
    memory: MemoryReport | None = None
    monitoring: MonitoringReport = MonitoringReport()
    tasks: list[InstalledTask] = []
    log: str = ""
    problems: list[str] = []
    requests: dict[str, int] = {}
    failures: dict[str, int] = {}
    completion_ms: LatencyReport = LatencyReport()
    showing: ShowingReport = ShowingReport()
    model: ModelReport = ModelReport()
    waiting: int = 0
