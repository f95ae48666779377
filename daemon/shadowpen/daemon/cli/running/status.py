"""`shadowpen status`: show the state of a running daemon, without starting one.

Knows what the report of `daemon.wire.reports` means to a user, not how the daemon makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli.running import log, own
from shadowpen.daemon.cli.writing.pause import sentence
from shadowpen.daemon.engine.openai import address
from shadowpen.daemon.monitoring import bert_score
from shadowpen.daemon.monitoring.monitor import standing
from shadowpen.daemon.showing import naming
from shadowpen.daemon.showing.silence import reasons
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.reports import ClientReport, DaemonReport, LatencyReport, ModelReport, WritingReport

_ANSWER_MS = 5000
_NAMES = (
    *words(
        "daemon", "model", "writing", "engine", "ghost text", "memory", "latency", "requests", "outcomes", "silences"
    ),
    *words("failures", "clients", "transport", "log", "replaced", "alarm", "problem", "state"),
    *words("texts", "journal", "version", "next run"),
)
_WIDTH = max(map(len, _NAMES))


@click.command()
@terminal.json_option
def status(as_json: bool) -> None:
    """Show the daemon's state and what Shadowpen has learned: texts, journal, version, next run. Starts nothing."""
    layout = store.layout()
    report = ask(layout)
    known = own.figures(layout, config.load().learning)
    if as_json:
        base = {"running": report is not None, "log": str(layout.log_file), "home": str(layout.data)}
        told = msgspec.to_builtins(report) if report is not None else {}
        terminal.print_json({**base, **told, "own": known})
    elif report is None:
        terminal.say("No daemon is running; an editor or `shadowpen complete` starts one when needed.")
        settings = config.load()
        attention = Attention(layout.attention, manual_only=settings.completion.manual_only).report()
        _print(
            [
                ("model", settings.model.name),
                *_writing(WritingReport(name=settings.writing.model, state="unloaded")),
                *_engine(address.spoken(settings.engine)),
                ("ghost text", sentence(attention)),
                *own.rows(known),
                *(("alarm", alarm.message) for alarm in standing(layout, settings.monitoring)),
                *(("problem", one) for one in (bert_score.problem(settings.monitoring.encoder),) if one),
                ("log", str(layout.log_file)),
                ("state", str(layout.data)),
            ]
        )
    else:
        _print([*rows(report), *own.rows(known), ("state", str(layout.data))])


def ask(layout: store.Layout) -> DaemonReport | None:
    """The daemon's report; None when none runs. DaemonUnreachable when one runs and does not answer."""
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.launch import elsewhere
    from shadowpen.daemon.wire.lock import holder
    from shadowpen.daemon.wire.protocol import Status, StatusReport
    from shadowpen.daemon.wire.transport import read_connection

    if holder(layout) is None:
        return None
    try:
        with Client(name="shadowpen status", start=False, layout=layout, any_folders=True) as client:
            reply = client.request(Status(id=client.next_id()), timeout_ms=_ANSWER_MS)
    except DaemonUnreachable:
        if holder(layout) is None:  # it ended meanwhile
            return None
        raise
    assert isinstance(reply, StatusReport), reply
    connection = read_connection(layout)
    if connection is not None and (other_folders := elsewhere(connection, layout)):
        return msgspec.structs.replace(reply.report, problems=[*reply.report.problems, other_folders])
    return reply.report


def rows(report: DaemonReport) -> Iterator[tuple[str, str]]:
    """The daemon's report as lines for people."""
    about, engine, showing = report.model, report.model.engine, report.showing
    yield "daemon", f"process {report.pid}, version {report.version}, since {_duration(report.uptime_s)}"
    yield "model", _model(about)
    yield from _writing(about.writing)
    yield from _engine(engine.told, engine.asked, engine.late)
    yield "ghost text", sentence(report.attention)
    yield "memory", _memory(report)
    yield "latency", _latency(report.completion_ms)
    yield "requests", _counted(report.requests)
    if showing.outcomes:
        yield (
            "outcomes",
            _counted({log.outcome(name): count for name, count in showing.outcomes.items()}),
        )
    if showing.silences:
        counts = sorted(showing.silences.items(), key=lambda one: -one[1])
        yield "silences", "; ".join(f"{translated(reasons.sentence(reason))}: {count}" for reason, count in counts)
    if report.failures:
        yield "failures", _counted(report.failures)
    yield "clients", ", ".join(_clients(report.clients)) or "none"
    yield "transport", report.transport
    yield "log", report.log
    if about.replaced_tasks:
        yield "replaced", ", ".join(about.replaced_tasks)
    for alarm in report.monitoring.alarms:
        yield "alarm", alarm.message
    problems = (
        *report.problems,
        *report.monitoring.problems,
        about.problem,
        about.writing.problem,
        *about.plugin_problems,
        engine.problem,
    )
    for problem in problems:
        if problem:
            yield "problem", problem


def _print(rows: list[tuple[str, str]]) -> None:
    for name, value in rows:
        click.echo(f"{click.style(terminal.padded(name, _WIDTH), bold=True)} {translated(value)}")


def _model(about: ModelReport) -> str:
    if about.state == "ready":
        model, runs, count = naming.spoken(about.model), about.runs or "?", about.documents
        return f"{model}, {runs}, {count} {'document' if count == 1 else 'documents'} cached"
    if about.state == "failed" and about.error is not None:
        return f"failed: {about.error.message} {about.error.hint}".rstrip()
    waiting = {"loading": "loading", "unloaded": "not in memory; the next request loads it"}
    return waiting.get(about.state, about.state)


def _writing(about: WritingReport) -> Iterator[tuple[str, str]]:
    """The model that continues and expands, where the settings name one of its own."""
    if not about.name:
        return
    waiting = {"loading": "loading", "unloaded": "not in memory; loaded when a paragraph is asked for"}
    state = waiting.get(about.state, "could not be loaded")
    if about.state == "ready":
        state = f"{about.runs or '?'}, caches {about.cache_mb or 0:.0f} MB"
    yield "writing", f"{naming.spoken(about.name)}, {state}"


def _engine(told: str, asked: int = 0, late: int = 0) -> Iterator[tuple[str, str]]:
    """Which server writes what, if one does, and how often its ghost text came too late."""
    if told:
        yield "engine", told + (f"; {late} of {asked} ghost texts came too late" if late else "")


def _memory(report: DaemonReport) -> str:
    caches = report.model.cache_mb
    if caches is None:
        return f"{report.rss_mb:.0f} MB"
    return f"{report.rss_mb:.0f} MB, of which caches {caches:.0f} MB"


def _latency(completion_ms: LatencyReport) -> str:
    if completion_ms.p50 is None or completion_ms.p90 is None:
        return "no completions yet"
    p50, p90 = completion_ms.p50, completion_ms.p90
    return f"half of {completion_ms.of} completions within {p50:.0f} ms, nine of ten within {p90:.0f} ms"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _clients(clients: list[ClientReport]) -> Iterator[str]:
    """All clients except the one that asks."""
    for client in clients:
        if client.name != "shadowpen status":
            yield f"{client.name or 'unnamed'} (idle {_duration(client.idle_s)})"


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
