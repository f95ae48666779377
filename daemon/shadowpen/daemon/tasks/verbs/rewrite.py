"""Rewrite a text by small edits: shorter, plainer, more formal or friendlier.

The edits come from lists; more would be made up by a model this small. It judges what is taken out or put in another
way; contractions need no judge. English only. This file knows neither editors nor files.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.grammar.blocks import LANGUAGES, blocks
from shadowpen.daemon.preparation.segments import sentences
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.correction.candidates import CandidateEdit, Kind
from shadowpen.daemon.tasks.correction.choosing import apply, chosen
from shadowpen.daemon.tasks.correction.judging import EditJudge
from shadowpen.daemon.tasks.turns.contractions import less_formal, more_formal
from shadowpen.daemon.tasks.verbs.passages import options
from shadowpen.daemon.tasks.verbs.rewriting import proposals
from shadowpen.daemon.text.function_words import is_english
from shadowpen.daemon.wire.protocol import Partial, Reply, RunVerb, Timings, VerbEdit, VerbResult

_MOST_WORDS = 2000
_BY_RULE: dict[str, Callable[[str], str]] = {"formal": more_formal, "friendlier": less_formal}
_WAYS = ("shorter", "plainer", *_BY_RULE)
# Log-odds: what the model finds odd stays. Fewer words are likelier by themselves, so that they have to be surer.
_LIMITS: dict[Kind, float] = {"filler": 1.0, "wordy": -2.0}
_NOT_ENGLISH = "The text seems to be in another language; only English is rewritten."
_TOKENS = re.compile(r"\s+|\S+")


class RewriteVerb:
    """The verb `rewrite`; option `to`: shorter, plainer, formal or friendlier."""

    request_type = RunVerb
    title = "Rewrite"
    summary = "Make a text shorter, plainer, more formal or friendlier, by small edits from word lists."
    reads_model = True
    measured = "Of 115 edits read, none was ungrammatical and five lost a contrast that the writer had meant."
    unavailable = ""

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        way = str(options(request.options, {"to": ""})["to"])
        _check(way, request.text)
        made: list[CandidateEdit] = []
        notes = (
            [] if is_english(request.text) else ["The text seems to be in another language; only English is rewritten."]
        )
        for found in () if notes else _edits(way, request, context):
            made += found or []
            yield Partial(id=request.id, text=apply(request.text, made)) if found else None
        if not made and not notes:
            notes = [f"No words were found that would make it {'more formal' if way == 'formal' else way}."]
        yield VerbResult(
            id=request.id,
            text=apply(request.text, made),
            edits=[VerbEdit(start=one.start, end=one.end, text=one.replacement, kind=one.kind) for one in made],
            notes=notes,
            model=context.model_name,
            timings=Timings(total_ms=clock.elapsed_ms),
        )


def _check(way: str, text: str) -> None:
    words = len(text.split())
    if way not in _WAYS:
        raise RequestInvalid("No way to rewrite it was chosen.", f"The option 'to' is one of {', '.join(_WAYS)}.")
    if not words:
        raise RequestInvalid("There is nothing to rewrite.", "Select some text first.")
    if words > _MOST_WORDS:
        raise RequestInvalid(
            f"{words:,} words are too many to rewrite at once.", f"Select at most {_MOST_WORDS:,} words."
        )


def _edits(way: str, request: RunVerb, context: Context) -> Iterator[list[CandidateEdit] | None]:
    """The edits of one block after another, placed in the whole text; None after each step in between."""
    eos = sorted(context.language.tokenizer.eos_ids)[:1]
    judge = EditJudge(context.sessions.engine, context.language.tokenizer, context.begin or eos)
    lines = request.text.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]
    for block in blocks(lines, LANGUAGES.get(request.language, request.language)):
        offset = starts[block.line]
        if way in _BY_RULE:
            yield [edit.moved(offset) for edit in _differences(block.text, _BY_RULE[way](block.text))]
            continue
        for start, end in sentences(block.text):
            piece = block.text[start:end]
            found = proposals(piece, plainer=way == "plainer")
            judged = []
            for edit in judge.judged("", piece, found):
                if edit is not None:
                    judged.append(edit)
                yield None
            yield [edit.candidate.moved(offset + start) for edit in chosen(judged, _LIMITS)]


def _differences(old: str, new: str) -> Iterator[CandidateEdit]:
    """The edits, by whole words, that lead from `old` to `new`."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    places = [0, *itertools.accumulate(map(len, before))]
    for kind, first, last, begin, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield CandidateEdit(places[first], places[last], _joined(after[begin:end]), "wordy")


def _joined(tokens: Sequence[str]) -> str:
    return "".join(tokens)
