"""Correct spelling and grammar with few edits: Harper and tables propose, the model judges.

Nothing is trained for it. Links, citations, code, formulas, placeholders and names of files are never touched, nor is
what is not English. Without harper-py the tables alone propose. This file knows neither editors nor files.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.corpus.filtering import language_of
from shadowpen.daemon.grammar import process
from shadowpen.daemon.grammar.blocks import LANGUAGES, PLAIN, blocks
from shadowpen.daemon.grammar.findings import NAME, NO_PROSE, UNKNOWN_WORD, GrammarFinding
from shadowpen.daemon.grammar.process import HarperProcess
from shadowpen.daemon.preparation.segments import sentences
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.correction.candidates import (
    CandidateEdit,
    Kind,
    WordList,
    grammar_kind,
    proposed,
    spelling_kind,
)
from shadowpen.daemon.tasks.correction.choosing import apply, chosen, moved_behind
from shadowpen.daemon.tasks.correction.judging import EditJudge, JudgedEdit
from shadowpen.daemon.tasks.verbs.passages import options
from shadowpen.daemon.wire.protocol import Partial, Reply, RunVerb, Timings, VerbEdit, VerbResult

_MOST_WORDS = 2000
_ROUNDS = 3
_LEAST_LETTERS = 24  # of a text whose language can be told
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:#include|def |class |import |from \w+ import|return\b|[\w.\[\]]+ \+?= )|\w\(.*\)\s*:?$"
)


class CorrectVerb:
    """The verb `correct`. RequestInvalid for nothing and for more than a few pages."""

    request_type = RunVerb
    title = "Correct spelling and grammar"
    summary = "Correct spelling and grammar, and leave everything else as it is."
    reads_model = True
    measured = (
        "F0.5 0.69 on web texts and 0.70 on Harper's own examples (Harper alone: 0.27 and 0.62); 2.7 % of clean "
        "sentences changed."
    )
    unavailable = ""

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        options(request.options, {})
        _check_size(request.text)
        notes = _why_left(request.text)
        made: list[JudgedEdit] = []
        if not notes:
            told = ""
            for found in _corrections(request, context):
                made += found or []
                text = apply(request.text, [edit.candidate for edit in made])
                changed, told = text != told and bool(found), text
                yield Partial(id=request.id, text=text) if changed else None
            if not process.installed():
                notes = [f"Only the model looked for mistakes: harper-py is not installed. {install_hint('grammar')}"]
        yield VerbResult(
            id=request.id,
            text=apply(request.text, [edit.candidate for edit in made]),
            edits=[_told(edit) for edit in made],
            notes=notes,
            model=context.model_name,
            timings=Timings(total_ms=clock.elapsed_ms),
        )


@dataclass(frozen=True)
class _Piece:
    """A sentence: where it starts in its block, and its text."""

    start: int
    text: str


def _check_size(text: str) -> None:
    words = len(text.split())
    if not words:
        raise RequestInvalid("There is nothing to correct.", "Select some text first.")
    if words > _MOST_WORDS:
        raise RequestInvalid(
            f"{words:,} words are too many to correct at once.", f"Select at most {_MOST_WORDS:,} words."
        )


def _why_left(text: str) -> list[str]:
    language = language_of(text, _LEAST_LETTERS)
    if language not in ("", "en"):
        return [f"The text seems to be written in another language ({language}); only English is corrected."]
    return []


def _corrections(request: RunVerb, context: Context) -> Iterator[list[JudgedEdit] | None]:
    """The edits of one piece after another, placed in the whole text; None after each step in between."""
    words = WordList(context.language.tokenizer.token_bytes)
    eos = sorted(context.language.tokenizer.eos_ids)[:1]
    judge = EditJudge(context.sessions.engine, context.language.tokenizer, context.begin or eos)
    read_as = LANGUAGES.get(request.language, PLAIN)
    lines = request.text.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]
    with HarperProcess(context.dialect) if process.installed() else contextlib.nullcontext() as harper:
        for block in blocks(lines, LANGUAGES.get(request.language, request.language)):
            if _is_code(block.text):
                continue
            findings = (yield from harper.check(block.text, read_as)) if harper else []
            for piece in _pieces(block.text):
                found = yield from _piece(starts[block.line], block.text, piece, findings, words, judge)
                yield found


def _piece(
    offset: int, block: str, piece: _Piece, findings: Sequence[GrammarFinding], words: WordList, judge: EditJudge
) -> Generator[None, None, list[JudgedEdit]]:
    """The edits of one sentence, placed in the whole text, where its block begins at `offset`."""
    end = piece.start + len(piece.text)
    edits = {(edit.start, edit.end, edit.replacement): edit for edit in proposed(piece.text, words)}
    for finding in findings:
        if piece.start <= finding.start and finding.end <= end:
            edits |= {(edit.start, edit.end, edit.replacement): edit for edit in _of_harper(finding, piece)}
    closed = [match.span() for pattern in (NO_PROSE, NAME) for match in pattern.finditer(block)]
    free = [edit for edit in edits.values() if _is_free(edit, piece, closed) and edit.applied(piece.text) != piece.text]
    made = yield from _rounds(piece.text, free, judge)
    return [JudgedEdit(edit.candidate.moved(offset + piece.start), edit.log_odds) for edit in made]


def _rounds(
    text: str, candidates: Sequence[CandidateEdit], judge: EditJudge
) -> Generator[None, None, list[JudgedEdit]]:
    """Make what is sure, and look again: among mistakes the model expects more of them, and finds the rest less odd."""
    made: list[JudgedEdit] = []
    for _ in range(_ROUNDS):
        now = [edit.candidate for edit in made]
        left = {moved_behind(edit, now): edit for edit in candidates if not any(edit.meets(other) for other in now)}
        judged: list[JudgedEdit] = []
        for edit in judge.judged("", apply(text, now), list(left)):
            if edit is not None:
                judged.append(edit)
            yield
        new = [JudgedEdit(left[edit.candidate], edit.log_odds) for edit in chosen(judged)]
        if not new:
            break
        made = sorted([*made, *new], key=lambda edit: edit.candidate.start)
    return made


def _pieces(block: str) -> Iterator[_Piece]:
    """The sentences of a block, each judged by itself: the mistakes of others make its own likelier."""
    for start, end in sentences(block):
        yield _Piece(start, block[start:end])


def _of_harper(finding: GrammarFinding, piece: _Piece) -> Iterator[CandidateEdit]:
    start, end = finding.start - piece.start, finding.end - piece.start
    word = piece.text[start:end]
    for place, suggestion in enumerate(finding.suggestions):
        if suggestion.split() != word.split():  # blanks are the user's own
            is_unknown = finding.rule == UNKNOWN_WORD
            kind: Kind = (
                spelling_kind(word, suggestion, is_first=not place) if is_unknown else grammar_kind(word, suggestion)
            )
            yield CandidateEdit(start, end, suggestion, kind)


def _is_free(edit: CandidateEdit, piece: _Piece, closed: Sequence[tuple[int, int]]) -> bool:
    """Whether an edit leaves everything alone that is no prose."""
    start, end = edit.start + piece.start, edit.end + piece.start
    return not any(first <= end and start <= last and (first < end or start < last) for first, last in closed)


def _is_code(block: str) -> bool:
    lines = [line for line in block.splitlines() if line.strip()]
    return 2 * sum(bool(_CODE_LINE.search(line)) for line in lines) > len(lines)


def _told(edit: JudgedEdit) -> VerbEdit:
    candidate = edit.candidate
    return VerbEdit(
        start=candidate.start,
        end=candidate.end,
        text=candidate.replacement,
        kind=candidate.kind,
        log_odds=round(edit.log_odds, 2),
    )
