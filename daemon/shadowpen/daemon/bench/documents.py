"""Latency in long documents, in many documents, and after jumps.

Knows the editor and what its processes use; not what a model is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from shadowpen.daemon.bench import texts
from shadowpen.daemon.bench.plan import BenchPlan
from shadowpen.daemon.bench.session import Session
from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.editor import EditedDocument, Editor
from shadowpen.daemon.typist.figures import Spread, spread

PATIENCE_S = 50.0  # whoever waits for an answer waits so long
_JUMP_KEYS = 6  # enough to meet the beginning of a word and its middle

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Jumps:
    """Latency after jumps in a long document.

    Milliseconds to the answer to the first key after a jump, and to those of the first keys that held text.
    """

    document_words: int
    jumps: int
    first_ms: Spread
    text_ms: Spread


@dataclass(frozen=True)
class ByLength:
    """Latency at the end of a long document.

    Keys at the end of a document of `words`; `open_ms` until its first answer.
    """

    words: int
    open_ms: float
    answer_ms: Spread
    cpu_ms_per_key: float


@dataclass(frozen=True)
class ByNumber:
    """Latency with many documents open.

    Keys by turns in `documents` open ones, each longer than what the model sees.
    """

    documents: int
    answer_ms: Spread
    cpu_ms_per_key: float
    daemon_mb: float
    server_mb: float


async def jumps(session: Session, text: str, plan: BenchPlan, tell: Tell) -> Jumps:
    """Go to paragraphs that break off, anywhere in a long document, and write on in each."""
    standing, gaps = texts.with_gaps(text, plan.jump_document_words, plan.jumps, plan.seed)
    typist = _Typist(session.editor, plan)
    document = session.editor.open(standing)
    await session.editor.ask(document, PATIENCE_S)
    await session.settled()
    first_ms: list[float] = []
    text_ms: list[float] = []
    for number, gap in enumerate(gaps, 1):
        document.move(gap.line, len(document.lines[gap.line]))
        answers = [await typist.key(document, key) for key in gap.rest[:_JUMP_KEYS]]
        first_ms.append(answers[0].ms)
        text_ms += [answer.ms for answer in answers if answer.text]
        tell(number / len(gaps))
    session.editor.close(document)
    return Jumps(len(standing.split()), len(gaps), spread(first_ms), spread(text_ms))


async def by_length(session: Session, text: str, plan: BenchPlan, tell: Tell) -> list[ByLength]:
    found = []
    for number, words in enumerate(plan.document_words, 1):
        found.append(await _one_length(session, texts.begun(text, words, plan.growth_keys, plan.seed), plan))
        tell(number / len(plan.document_words))
    return found


async def _one_length(session: Session, begun: texts.Begun, plan: BenchPlan) -> ByLength:
    opened_s = time.perf_counter()
    document = session.editor.open(begun.standing)
    await session.editor.ask(document, PATIENCE_S)
    open_ms = (time.perf_counter() - opened_s) * 1000
    typist, before = _Typist(session.editor, plan), await session.settled()
    answers = [await typist.key(document, key) for key in begun.rest]
    cpu_ms = (await session.settled()).since(before).total_s * 1000 / max(1, len(answers))
    session.editor.close(document)
    words = len(begun.standing.split())
    return ByLength(words, round(open_ms, 1), spread(answer.ms for answer in answers), round(cpu_ms, 2))


async def by_number(session: Session, text: str, plan: BenchPlan, tell: Tell) -> list[ByNumber]:
    """More and more documents are opened, and all of them are written in by turns."""
    most = max(plan.documents)
    keys = _keys_of_one(plan)
    waiting = texts.several(text, most, plan.document_characters, keys, plan.seed)
    typist, found = _Typist(session.editor, plan), []
    open_ones: list[tuple[EditedDocument, list[str]]] = []
    for wanted in plan.documents:
        while len(open_ones) < wanted:
            begun = waiting[len(open_ones)]
            document = session.editor.open(begun.standing)
            await session.editor.ask(document, PATIENCE_S)
            await session.settled()
            open_ones.append((document, list(begun.rest)))
            tell(len(open_ones) / (most + 1))
        found.append(await _one_number(session, typist, open_ones, plan))
    tell(1.0)
    return found


def _keys_of_one(plan: BenchPlan) -> int:
    """The keys that the document which is open from the beginning gets in all."""
    return sum(_rounds(plan, documents) for documents in plan.documents)


def _rounds(plan: BenchPlan, documents: int) -> int:
    return -(-plan.growth_keys // documents)


async def _one_number(
    session: Session, typist: _Typist, open_ones: list[tuple[EditedDocument, list[str]]], plan: BenchPlan
) -> ByNumber:
    before, ms = await session.settled(), []
    for _ in range(_rounds(plan, len(open_ones))):
        for document, rest in open_ones:
            ms.append((await typist.key(document, rest.pop(0))).ms)
    cpu_ms = (await session.settled()).since(before).total_s * 1000 / len(ms)
    resident = session.resident()
    return ByNumber(len(open_ones), spread(ms), round(cpu_ms, 2), resident.daemon_mb, resident.server_mb)


@dataclass(frozen=True)
class _Answer:
    text: str
    ms: float


class _Typist:
    """Types at a writer's pace, and waits for each answer before the next key."""

    def __init__(self, editor: Editor, plan: BenchPlan) -> None:
        self._editor, self._plan = editor, plan
        self._due_s = 0.0
        self._typed = ""

    async def key(self, document: EditedDocument, key: str) -> _Answer:
        """Press it when it is due; an answer that never comes counts as all the patience there is."""
        await asyncio.sleep(max(0.0, self._due_s - time.perf_counter()))
        pressed_s = time.perf_counter()
        self._typed += key
        self._due_s = pressed_s + self._plan.pace * pace.gap_s(self._typed, self._plan.seed)
        self._editor.type(document, key)
        text = await self._editor.ask(document, PATIENCE_S)
        return _Answer(text or "", (time.perf_counter() - pressed_s) * 1000)
