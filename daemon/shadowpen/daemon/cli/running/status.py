"""`shadowpen status`: show the state of a running daemon, without starting one.

The report's keys are the daemon's (server, worker, model); what is unknown here is shown by --json only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.cli.running import own
from shadowpen.daemon.cli.writing.pause import sentence
from shadowpen.daemon.engine.openai import address
from shadowpen.daemon.showing import naming
from shadowpen.daemon.showing.silence import reasons
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.reports import AttentionState

_ANSWER_MS = 5000


@click.command()
@terminal.json_option
def status(as_json: bool) -> None:
    """Show the daemon's state, and what is known of you: texts, journal, version, next run. Does not start it."""
    layout = store.layout()
    report = ask(layout)
    known = own.figures(layout, config.load().learning)
    if as_json:
        base = {"running": report is not None, "log": str(layout.log_file), "home": str(layout.data)}
        terminal.print_json({**base, **(report or {}), "own": known})
    elif report is None:
        click.echo("No daemon is running; an editor or `shadowpen complete` starts one when needed.")
        settings = config.load()
        attention = Attention(layout.attention, manual_only=settings.completion.manual_only).report()
        _print(
            [
                ("model", settings.model.name),
                *_engine(address.spoken(settings.engine)),
                ("ghost text", sentence(attention)),
                *own.rows(known),
                ("log", str(layout.log_file)),
                ("state", str(layout.data)),
            ]
        )
    else:
        _print([*rows(report), *own.rows(known), ("state", str(layout.data))])


def ask(layout: store.Layout) -> dict[str, Any] | None:
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
        return {**reply.report, "problems": [*reply.report["problems"], other_folders]}
    return reply.report


def rows(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The daemon's report as lines for people."""
    yield "daemon", f"process {report['pid']}, version {report['version']}, since {_duration(report['uptime_s'])}"
    yield "model", _model(report["model"])
    engine = report["model"].get("engine", {})
    yield from _engine(engine.get("told", ""), engine.get("asked", 0), engine.get("late", 0))
    yield "ghost text", sentence(msgspec.convert(report["attention"], AttentionState))
    yield "memory", _memory(report)
    yield "latency", _latency(report["completion_ms"])
    yield "requests", _counted(report["requests"])
    if report["showing"]["outcomes"]:
        outcomes = {name.replace("_", " "): count for name, count in report["showing"]["outcomes"].items()}
        yield "outcomes", _counted(outcomes)
    if report["showing"]["silences"]:
        counts = sorted(report["showing"]["silences"].items(), key=lambda one: -one[1])
        yield "silences", "; ".join(f"{reasons.sentence(reason)}: {count}" for reason, count in counts)
    if report["failures"]:
        yield "failures", _counted(report["failures"])
    yield "clients", ", ".join(_clients(report["clients"])) or "none"
    yield "transport", report["transport"]
    yield "log", report["log"]
    about = report["model"]
    if about.get("replaced_tasks"):
        yield "replaced", ", ".join(about["replaced_tasks"])
    problems = (
        *report["problems"],
        about.get("problem", ""),
        *about.get("plugin_problems", ()),
        engine.get("problem", ""),
    )
    for problem in problems:
        if problem:
            yield "problem", problem


def _print(rows: list[tuple[str, str]]) -> None:
    for name, value in rows:
        click.echo(f"{click.style(f'{name:<10}', bold=True)} {value}")


def _model(about: dict[str, Any]) -> str:
    if about["state"] == "ready":
        documents = about.get("documents", 0)
        cached = f"{documents} {'document' if documents == 1 else 'documents'} cached"
        return f"{naming.spoken(about['model'])}, {about.get('runs', '?')}, {cached}"
    if about["state"] == "failed":
        error = about["error"]
        return f"failed: {error['message']} {error['hint']}".rstrip()
    waiting = {"loading": "loading", "unloaded": "not in memory; the next request loads it"}
    return waiting.get(about["state"], about["state"])


def _engine(told: str, asked: int = 0, late: int = 0) -> Iterator[tuple[str, str]]:
    """Which server writes what, if one does, and how often its ghost text came too late."""
    if told:
        yield "engine", told + (f"; {late} of {asked} ghost texts came too late" if late else "")


def _memory(report: dict[str, Any]) -> str:
    caches = report["model"].get("cache_mb")
    return f"{report['rss_mb']:.0f} MB" + (f", of which caches {caches:.0f} MB" if caches is not None else "")


def _latency(completion_ms: dict[str, Any]) -> str:
    if not completion_ms["of"]:
        return "no completions yet"
    return (
        f"{completion_ms['p50']:.0f} ms median, {completion_ms['p90']:.0f} ms p90, of {completion_ms['of']} completions"
    )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _clients(clients: list[dict[str, Any]]) -> Iterator[str]:
    """All clients except the one that asks."""
    for client in clients:
        if client["name"] != "shadowpen status":
            yield f"{client['name'] or 'unnamed'} (idle {_duration(client['idle_s'])})"


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
