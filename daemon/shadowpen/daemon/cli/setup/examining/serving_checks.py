"""Checks of what answers requests: machine, model, device, daemon, plug-ins.

Only `answering` starts something (a daemon, when none runs), and ends it again; everything has a time limit. The daemon
is a process of its own: what takes it down does not take these checks down.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.cli.setup.examining.findings import CheckResult, Level
from shadowpen.daemon.storage import devices, model_languages, models
from shadowpen.daemon.storage.placement import memory_of, place, runs_badly
from shadowpen.daemon.wire.reports import DaemonReport, ErrorDetails, ModelReport

_ANSWER_MS = 3000
_LOADING_S = 60.0
_LOOK_S = 0.1
_WORD_MS = 30_000
_TEXT = Path(__file__).parents[3] / "typist" / "demo_diary.txt"
_READ_CHARACTERS = 1200  # some 300 tokens: enough to tell how fast they are read
_TYPED_WORDS = 4
_DOCUMENT = "shadowpen doctor"
_LITTLE_MEMORY_BYTES = 1_000_000_000  # the default model with its caches


def machine(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """What the model has to run on."""
    from shadowpen.daemon.bench.machine import hardware

    memory = psutil.virtual_memory()
    message = f"{hardware()}; memory {terminal.size(memory.total)}, {terminal.size(memory.available)} free."
    little = memory.available < _LITTLE_MEMORY_BYTES
    advice = "Close other programs, or use a smaller model." if little else ""
    yield CheckResult("machine", "warn" if little else "ok", message, advice)


def model(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The configured model, if it writes anything, is installed and every file has the hash of its manifest."""
    if _server_alone(settings):
        return
    try:
        installed = models.resolve(settings.model.name, layout)
        precision = place(layout, settings.model, installed).precision
        installed.verify()
    except ShadowpenError as error:
        yield CheckResult("model", "fail", error.message, error.hint)
        return
    except ImportError:  # the check of onnxruntime says that
        return
    size = terminal.size(installed.size_bytes())
    yield CheckResult("model", "ok", f"{installed.name} ({precision}, {size}), every hash as in its manifest.")


def languages(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The languages of the author that the model for ghost text does not write; nothing where there are none."""
    if settings.engine.ghost_text == "openai" or settings.writing.unwritten == "serve":
        return
    try:
        manifest = models.resolve(settings.model.name, layout).manifest
    except ShadowpenError:  # the check of the model says that
        return
    if unwritten := model_languages.unwritten(manifest, settings.writing):
        advice = (
            f"`{model_languages.INSTALL_MULTILINGUAL}` installs a model that does. "
            "Or name the languages that you write in writing.languages."
        )
        yield CheckResult("languages", "warn", f"The model does not write {unwritten}.", advice)


def writing(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The model for whole paragraphs is installed, whole and within its memory limit; nothing where there is none."""
    name = settings.writing.model
    if name in ("", settings.model.name) or settings.engine.writing == "openai":
        return
    try:
        installed = models.resolve(name, layout)
        installed.verify()
        precision = place(layout, replace(settings.model, name=name, precision="auto"), installed).precision
    except ShadowpenError as error:
        hint = error.hint or "Choose another with `shadowpen models use NAME --for writing`."
        yield CheckResult("writing", "fail", error.message, hint)
        return
    except ImportError:  # the check of onnxruntime says that
        return
    needed = memory_of(installed, precision)
    told = f"{name} ({precision}) continues and expands; in memory it takes about {terminal.size(needed)}"
    if needed > settings.writing.memory_mb << 20:
        advice = "Choose a smaller one with `shadowpen models use NAME --for writing`, or change writing.memory_mb."
        yield CheckResult("writing", "fail", f"{told}, more than writing.memory_mb allows.", advice)
    elif needed > psutil.virtual_memory().available:
        yield CheckResult("writing", "warn", f"{told}, more than is free now.", "Close other programs.")
    else:
        yield CheckResult("writing", "ok", f"{told}, while it is used. It learns nothing.")


def device(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """What runs where, and why not elsewhere; nothing where the model writes nothing."""
    if _server_alone(settings):
        return
    try:
        placement = place(layout, settings.model, models.resolve(settings.model.name, layout))
    except (ShadowpenError, ImportError):  # other checks say that
        return
    if placement.problem:
        wanted = settings.model.device if settings.model.device != "auto" else devices.AUTOMATIC[0]
        usable = not devices.why_not(wanted)
        advice = "`shadowpen config` shows model.device and model.precision." if usable else devices.advice(wanted)
        yield CheckResult("device", "warn", placement.problem, advice)
    elif unwise := runs_badly(placement):
        yield CheckResult("device", "warn", unwise, "shadowpen config set model.precision auto")
    else:
        yield CheckResult("device", "ok", f"The model runs as {placement.line}.")


def engine(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The server that writes in place of the built-in model answers; nothing where none does."""
    if "openai" not in (settings.engine.writing, settings.engine.ghost_text):
        return
    from shadowpen.daemon.cli.setup.engine import probed
    from shadowpen.daemon.engine.openai import address

    told = f"{address.spoken(settings.engine)}."
    try:
        failed = next((probe for probe in probed(settings.engine) if probe.problem), None)
    except ShadowpenError as error:
        yield CheckResult("engine", "fail", error.message, error.hint)
        return
    if failed is not None:
        yield CheckResult("engine", "fail", failed.problem, failed.hint)
    elif address.parsed(settings.engine).leaves_machine:
        yield CheckResult("engine", "warn", told, "To keep it here: shadowpen config set engine.remote false")
    else:
        yield CheckResult("engine", "ok", told)


def _server_alone(settings: config.Config) -> bool:
    """Whether a server writes everything, so that the model is not loaded."""
    return settings.engine.writing == settings.engine.ghost_text == "openai"


def _known_problem(layout: store.Layout, settings: config.Config) -> str:
    return next((found.message for found in device(layout, settings) if found.level == "warn"), "")


def answering(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """A daemon answers, has loaded its model, and writes a word in time; when none runs, one can be started."""
    from shadowpen.daemon.wire.lock import holder

    try:
        pid = holder(layout)
        started = time.perf_counter()
        report = _ask_status(layout)
        ms = (time.perf_counter() - started) * 1000
        served = _once_loaded(layout, report)
    except ShadowpenError as error:
        yield CheckResult("daemon", "fail", error.message, error.hint or f"Its log is {layout.log_file}.")
        return
    try:
        if pid is not None:
            message = f"Process {pid} answers in {ms:.0f} ms; log: {layout.log_file}."
        else:
            message = f"None was running; a test daemon answered in {ms:.0f} ms and is stopped again."
        yield CheckResult("daemon", "ok", message)
        yield from _served(layout, served, _known_problem(layout, settings))
        if served.state != "failed":
            yield from _word(layout, settings)
    finally:
        if pid is None:
            from shadowpen.daemon.cli.running.lifecycle import stop_running

            stop_running(layout)


def plugins(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Plug-ins of other packages, each tried in a process of its own."""
    from shadowpen.daemon.cli.running.plugins import states

    found = list(states(layout))
    for plugin, why in found:
        if why:
            error = plugin.broken(why)
            yield CheckResult("plug-ins", "warn", error.message, error.hint)
    working = [f"{plugin.name} ({plugin.package})" for plugin, why in found if not why]
    if working:
        yield CheckResult("plug-ins", "ok", f"Working: {', '.join(working)}.")
    elif not found:
        yield CheckResult("plug-ins", "ok", "None is installed.")


@dataclass(frozen=True)
class Budget:
    """Where the time of ghost text goes, in milliseconds: `read_ms` for a token, `answer_ms` for one suggestion.

    `answer_ms` is for a text that has been read but for the last words; `wait_ms` of it passed before work began.
    `read_ms` is 0 where a server writes, which does not tell what it reads.
    """

    word: str
    read_ms: float
    answer_ms: float
    wait_ms: float


def _word(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The model writes: asked for ghost text in one document, unread at first, then word by word as one types."""
    try:
        budget = _measured(layout)
    except ShadowpenError as error:
        yield CheckResult("word", "fail", f"Asked for ghost text: {error.message}", error.hint or _see(layout))
        return
    if not budget.word:
        yield CheckResult("word", "warn", "Asked for ghost text, the model wrote nothing.", _see(layout))
        return
    yield CheckResult("word", "ok", f"Asked to continue a text, the model wrote “{budget.word.strip()}”.")
    yield _judged(budget, settings.completion.deadline_ms)


def _see(layout: store.Layout) -> str:
    return f"Its log is {layout.log_file}."


def _judged(budget: Budget, deadline_ms: int) -> CheckResult:
    level: Level = "ok"
    advice = ""
    if budget.answer_ms > deadline_ms:
        level = "warn"
        advice = (
            "Close other programs; or use a smaller model; or raise completion.deadline_ms. "
            "With less time, suggestions get shorter."
        )
    wait_ms, work_ms = budget.wait_ms, budget.answer_ms - budget.wait_ms
    stages = f"waiting {wait_ms:.0f} ms, reading and writing {work_ms:.0f} ms"
    if budget.read_ms:
        read_ms = budget.read_ms
        stages = (
            f"waiting {wait_ms:.0f} ms, reading and writing {work_ms:.0f} ms; "
            f"unread text takes {read_ms:.1f} ms a token"
        )
    message = f"A suggestion takes {budget.answer_ms:.0f} ms of the {deadline_ms} ms it may take: {stages}."
    return CheckResult("budget", level, message, advice)


def _measured(layout: store.Layout) -> Budget:
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Close, Complete, Completion

    text = _TEXT.read_text("utf-8")
    places = [text.index(" ", _READ_CHARACTERS)]
    for _ in range(_TYPED_WORDS):
        places.append(text.index(" ", places[-1] + 1))
    with Client(name="shadowpen doctor", layout=layout) as client:

        def asked(prefix: str) -> Completion:
            request = Complete(
                id=client.next_id(),
                document=_DOCUMENT,
                prefix=prefix,
                explicit=True,
                extent="word",
                deadline_ms=_WORD_MS,
            )
            reply = client.request(request, timeout_ms=_WORD_MS)
            assert isinstance(reply, Completion), reply
            return reply

        unread, *typed = [asked(text[:place]) for place in places]
        client.request(Close(id=client.next_id(), document=_DOCUMENT), timeout_ms=_ANSWER_MS)
    read = sorted(typed, key=lambda reply: reply.timings.total_ms)[len(typed) // 2]
    tokens = unread.timings.computed_tokens - read.timings.computed_tokens
    took_ms = unread.timings.total_ms - read.timings.total_ms
    suggestions = [suggestion for reply in (unread, *typed) for suggestion in reply.suggestions]
    return Budget(
        word=suggestions[0].text if suggestions else "",
        read_ms=max(0.0, took_ms) / tokens if tokens > 0 else 0.0,
        answer_ms=read.timings.total_ms,
        wait_ms=read.timings.queue_ms,
    )


def _ask_status(layout: store.Layout) -> DaemonReport:
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Status, StatusReport

    with Client(name="shadowpen doctor", layout=layout) as client:
        reply = client.request(Status(id=client.next_id()), timeout_ms=_ANSWER_MS)
    assert isinstance(reply, StatusReport), reply
    return reply.report


def _once_loaded(layout: store.Layout, report: DaemonReport) -> ModelReport:
    """What the daemon says of its model as soon as it does not load it any more, or has taken too long."""
    until = time.monotonic() + _LOADING_S
    while report.model.state == "loading" and time.monotonic() < until:
        time.sleep(_LOOK_S)
        report = _ask_status(layout)
    return report.model


def _served(layout: store.Layout, model: ModelReport, known: str) -> Iterator[CheckResult]:
    """What is wrong with what the daemon serves, but for the problem that is `known`; nothing if all is well."""
    error = model.error or ErrorDetails()
    if model.state == "failed" and error.code != "model_missing":  # the check of the model says that
        yield CheckResult("serving", "fail", error.message, error.hint)
    elif model.state == "loading":
        message = f"The model is not loaded after {_LOADING_S:.0f} seconds."
        yield CheckResult("serving", "fail", message, _see(layout))
    elif model.problem not in ("", known):
        yield CheckResult("serving", "warn", model.problem, "`shadowpen status` shows what runs where.")
    for problem in model.plugin_problems:
        yield CheckResult("serving", "warn", problem, "`shadowpen plugins` shows all of them.")
