"""The whole benchmark as one JSON document.

Each part that types has a daemon in a fresh home, so that none profits from what another left behind. Knows the parts
and their order, not how they are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import psutil

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.bench import documents, kernels, machine, peer, session
from shadowpen.daemon.bench.plan import BenchPlan
from shadowpen.daemon.storage import models
from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.editor import EditedDocument
from shadowpen.daemon.typist.figures import ratio
from shadowpen.daemon.typist.writer import LiveCompleter, ReplayResult, SimulatedWriter

SCHEMA = 1
_FEWEST_CHARACTERS = 1000
_FEWEST_MS = 1.0
_MEMORY_OF_DOCUMENTS = (1, 10)

# Hears the name of the part under way and which share of it is done.
Tell = Callable[[str, float], None]
# Hears what is measured, before it is.
Introduce = Callable[[machine.Machine], None]
Found = TypeVar("Found")


def measure(
    author: store.Layout,
    plan: BenchPlan,
    text: str,
    *,
    against: peer.LlamaServer | None = None,
    introduce: Introduce = lambda _: None,
    tell: Tell = lambda part, share: None,
) -> dict[str, Any]:
    """Everything in `plan`, with the model of `author`'s settings and `text` as what is typed.

    Raises RequestInvalid for a text that is too short, and what the model, the daemon or the server report.
    """
    text = text.strip()
    if len(text) < _FEWEST_CHARACTERS:
        raise RequestInvalid(
            f"The text has {len(text)} characters; a replay needs {_FEWEST_CHARACTERS} at least.", "Take a longer one."
        )
    settings = config.load(author.config_file)
    models.resolve(settings.model.name, author)  # says at once what is missing
    about, engine = _kernels(author, settings, plan, introduce, tell)
    typed = asyncio.run(_Typed(author, plan, text, against, tell).measure())
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return {"schema": SCHEMA, "made": made, "machine": asdict(about), "plan": asdict(plan), "kernels": engine} | typed


def _kernels(
    author: store.Layout, settings: config.Config, plan: BenchPlan, introduce: Introduce, tell: Tell
) -> tuple[machine.Machine, dict[str, Any]]:
    from shadowpen.daemon.serving import model  # brings onnxruntime in

    with session.fresh_home(author) as home:
        served = model.load(home, settings)
    try:
        about = machine.describe(served.name, served.engine.device, settings)
        introduce(about)
        return about, asdict(kernels.measure(served.engine, plan, lambda share: tell("engine", share)))
    finally:
        served.close()


class _Typed:
    """The parts of the benchmark that type."""

    def __init__(
        self, author: store.Layout, plan: BenchPlan, text: str, against: peer.LlamaServer | None, tell: Tell
    ) -> None:
        self._author, self._plan, self._text, self._against, self._tell = author, plan, text, against, tell
        context = min(plan.context_characters, len(text) // 2)
        self._before, self._rest = text[:context], text[context : context + plan.typed_characters]

    async def measure(self) -> dict[str, Any]:
        if self._against is not None:
            await self._against.find_endpoint()  # before minutes have passed
        replay, idle, report = await self._ours()
        theirs = await self._theirs(self._against) if self._against is not None else None
        lengths = await self._in_session("long documents", self._by_length)
        jumps = await self._in_session("jumps", self._jumps)
        numbers = await self._in_session("many documents", self._by_number)
        found: dict[str, Any] = {
            "replay": replay,
            "idle": idle,
            "memory": [_memory(number) for number in numbers if number.documents in _MEMORY_OF_DOCUMENTS],
            "jumps": asdict(jumps),
            "growth": {
                "length": [asdict(length) for length in lengths],
                "documents": [asdict(number) for number in numbers],
            },
            "daemon": report,
        }
        if theirs is not None:
            found |= {"peer": theirs, "ratios": ratios(replay, theirs)}
        return found

    async def _ours(self) -> tuple[dict[str, Any], dict[str, float], dict[str, Any]]:
        """The replay, what the processes do afterwards when nobody types, and what the daemon counted."""
        async with session.started(self._author) as running:
            before = running.used()
            outcome = await self._write(_Ours(running), "replay")
            used = (await running.settled()).since(before)
            replay = asdict(outcome) | {
                "cpu_s_per_1000": _per_1000(used.total_s, outcome),
                "daemon_cpu_s_per_1000": _per_1000(used.daemon_s, outcome),
                "server_cpu_s_per_1000": _per_1000(used.server_s, outcome),
            }
            idle_from = running.used()
            self._tell("idle", 0.0)
            await asyncio.sleep(self._plan.idle_s)
            self._tell("idle", 1.0)
            idle_s = running.used().since(idle_from).total_s
            idle = {"seconds": self._plan.idle_s, "cpu_percent": round(100 * idle_s / self._plan.idle_s, 2)}
            return replay, idle, msgspec.to_builtins(running.report())

    async def _theirs(self, server: peer.LlamaServer) -> dict[str, Any]:
        """The same replay by the peer; its CPU seconds where its process can be seen."""
        process = peer.process(server.where)
        before_s = session.cpu_s(process) if process else 0.0
        try:
            outcome = await self._write(server, "replay by the peer")
        finally:
            await server.close()
        about = {"endpoint": server.endpoint, "manner": asdict(server.manner)}
        return asdict(outcome) | about | await _used_by(process, before_s, outcome)

    async def _write(self, partner: LiveCompleter, part: str) -> ReplayResult:
        writer = SimulatedWriter(partner, self._before, self._rest, pace.at(self._plan.pace, self._plan.seed))
        return await writer.write(lambda share: self._tell(part, share))

    async def _in_session(
        self, part: str, measure: Callable[[session.Session, Callable[[float], None]], Awaitable[Found]]
    ) -> Found:
        async with session.started(self._author) as running:
            return await measure(running, lambda share: self._tell(part, share))

    def _by_length(self, running: session.Session, tell: documents.Tell) -> Awaitable[list[documents.ByLength]]:
        return documents.by_length(running, self._text, self._plan, tell)

    def _jumps(self, running: session.Session, tell: documents.Tell) -> Awaitable[documents.Jumps]:
        return documents.jumps(running, self._text, self._plan, tell)

    def _by_number(self, running: session.Session, tell: documents.Tell) -> Awaitable[list[documents.ByNumber]]:
        return documents.by_number(running, self._text, self._plan, tell)


class _Ours:
    """The editor as a `LiveCompleter`: one document, the cursor at its end."""

    def __init__(self, running: session.Session) -> None:
        self._running, self._editor = running, running.editor
        self._document: EditedDocument | None = None

    async def open(self, text: str) -> None:
        """Open the document and wait until it is read, as it would be before the first key."""
        self._document = self._editor.open(text)
        await self._editor.ask(self._document, documents.PATIENCE_S)
        await self._running.settled()

    def type(self, piece: str) -> None:
        self._editor.type(self._opened, piece)

    async def ask(self, patience_s: float) -> str | None:
        return await self._editor.ask(self._opened, patience_s)

    def accept(self, ghost: str) -> None:
        self._editor.accept()

    @property
    def _opened(self) -> EditedDocument:
        assert self._document is not None, "open() comes first"
        return self._document


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float | None]:
    """Each figure of ours in units of the peer's; None where one is missing or the peer's is next to nothing.

    A peer answers what is typed along out of the plug-in's own cache, in no time at all.
    """
    found = {name: ratio(ours[name], theirs.get(name)) for name in ("late", "ksr", "net_ksr", "cpu_s_per_1000")}
    for kind in ("answer_ms", "text_ms"):
        for rank in ("p50", "p90"):
            ms = theirs[kind][rank]
            found[f"{kind}_{rank}"] = ratio(ours[kind][rank], ms if ms and ms >= _FEWEST_MS else None)
    return found


async def _used_by(process: psutil.Process | None, before_s: float, outcome: ReplayResult) -> dict[str, float | None]:
    if process is None:
        return {"cpu_s_per_1000": None, "resident_mb": None}
    await session.at_rest(process)
    cpu_s = session.cpu_s(process) - before_s
    return {"cpu_s_per_1000": _per_1000(cpu_s, outcome), "resident_mb": session.resident_mb(process)}


def _per_1000(seconds: float, outcome: ReplayResult) -> float:
    return round(1000 * seconds / max(1, outcome.characters), 1)


def _memory(number: documents.ByNumber) -> dict[str, float]:
    return {"documents": number.documents, "daemon_mb": number.daemon_mb, "server_mb": number.server_mb}
