"""Expand notes into a paragraph: faithfully, a sentence for each note with nothing added, or freely.

Links, citations and placeholders are not for the model to write: they are taken out before and put back after. Runs
below ghost text, one token of all candidates a step. How a paragraph is worded is `expansion.faithful`'s business and
`expansion.free`'s.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence

import numpy as np
from msgspec import structs

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.sampling import Sampler, most_tokens
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.tasks.expansion.accounts import answer
from shadowpen.daemon.tasks.expansion.faithful import Reader, as_sentence, in_sentences, tell
from shadowpen.daemon.tasks.expansion.free import TOKENS_PER_WORD, SampledText, sample
from shadowpen.daemon.tasks.expansion.pieces import Notes, is_sentence, plain, read_notes
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt, prose_prompt
from shadowpen.daemon.tasks.expansion.ranking import rank
from shadowpen.daemon.tasks.expansion.slots import read_slots
from shadowpen.daemon.tasks.expansion.small_words import small_words
from shadowpen.daemon.tasks.expansion.wording import Wording
from shadowpen.daemon.tasks.turns.changing import changed
from shadowpen.daemon.text.content_words import content_words
from shadowpen.daemon.text.function_words import is_english, is_english_part
from shadowpen.daemon.text.tokenizer import complete_text
from shadowpen.daemon.wire.protocol import Expand, Partial, Reply, Timings

_MAX_NOTES_WORDS = 400
_MAX_NOTES_CHARACTERS = 20_000  # markup and all
_MAX_NOTES_TOKENS = 1600
_MAX_PIECES = 200  # of markup
_MOST_CANDIDATES = 8
MOST_WORDS = 400
_FEWEST_WORDINGS = 16  # of a note; with 8 a good one is often missing (decision 0096)


class ExpandTask:
    """The task that expands notes.

    RequestInvalid for notes that are empty or longer than an expansion can hold; LanguageUnwritten for free expansion
    of notes in a language that the model does not write.
    """

    request_type = Expand

    def steps(self, request: Expand, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        if request.turns:
            yield from changed(request, lambda told: self.steps(told, context, deadline_s), context.model_name)
            return
        clock = Clock(deadline_s)
        request = structs.replace(request, max_words=max(1, min(MOST_WORDS, request.max_words)))
        check_size(request.notes)
        notes = read_notes(request.notes)
        if request.free:
            context.languages.check(notes.text, context.model_name)
        prompt = _prompt(notes, request, context)
        work = (_freely if _is_free(request, notes, context) else _faithfully)(notes, prompt, request, context)
        shown = ""
        while True:
            try:
                text = next(work)
            except StopIteration as end:
                texts, tokens = end.value
                break
            if text != shown:
                shown = text
                yield Partial(id=request.id, text=text)
            else:
                yield None
        timings = Timings(total_ms=clock.elapsed_ms, computed_tokens=tokens)
        yield answer(request, notes, texts, context.model_name, timings)


# A line drawn with one mark: what a base model writes behind it is another text, or more lines.
_RULE = re.compile(r"\s*([^\w\s])\1{7}.*", re.DOTALL)
# What is written so far, and in the end the candidates, best first, and how many tokens they took.
_Writing = Generator[str, None, tuple[list[str], int]]


def _is_free(request: Expand, notes: Notes, context: Context) -> bool:
    """Whether more may be said than the notes say: where the user wants it, and for one sentence, which is told."""
    is_one = len(notes.told) == 1 and is_sentence(notes.told[0])
    return request.free or (is_one and not context.languages.unwritten(notes.text))


def _freely(notes: Notes, prompt: list[int], request: Expand, context: Context) -> _Writing:
    session, settings = KvSession(context.sessions.engine), context.expansion
    first_seed = abs(request.seed) * _MOST_CANDIDATES
    drafts: Sequence[SampledText] = []
    for drafts in sample(
        notes.text,
        prompt,
        session,
        context.language,
        samplers=[Sampler.of(settings, request.sampling, first_seed + row) for row in range(_rows(request, context))],
        max_words=request.max_words,
        max_tokens=most_tokens(request.max_words * TOKENS_PER_WORD, settings, request.sampling),
    ):
        yield complete_text(drafts[0].data).rpartition(" ")[0] if drafts else ""
    texts = [plain(finish(_RULE.sub("", complete_text(draft.data)), request.max_words)) for draft in drafts]
    return rank(texts, notes.text), sum(len(draft.ids) for draft in drafts)


def _faithfully(notes: Notes, prompt: list[int], request: Expand, context: Context) -> _Writing:
    """A sentence for each note; the candidates differ in the wording of each.

    In another language than English nothing may be added, so such notes become sentences as they stand.
    """
    english = is_english(notes.text)
    if not any(is_english_part(told, of_english=english) for told in notes.told):
        return [in_sentences(notes.told)], 0
    tokenizer = context.language.tokenizer
    plain_prompt = context.begin + tokenizer.encode(prose_prompt(heading=request.heading, before=request.before))
    readings = [
        Reader(KvSession(context.sessions.engine), prompt),
        Reader(KvSession(context.sessions.engine), plain_prompt),
    ]
    chosen: list[list[str]] = []
    made = 0
    for number, told in enumerate(notes.told):
        note = read_slots(told)
        wording = Wording(note, tokenizer, small_words(notes.text, told), first=not chosen)
        random = np.random.default_rng([abs(request.seed), number])
        before = "".join(texts[0] for texts in chosen)
        count = max(_FEWEST_WORDINGS, _rows(request, context))
        is_worded = note.slots and is_english_part(told, of_english=english)
        work = tell(note, readings, wording, count if is_worded else 0, random)
        while True:
            try:
                under_way = next(work)
            except StopIteration as end:
                wordings = end.value
                break
            yield (before + (tokenizer.decode(under_way[0].ids) if under_way else "")).rpartition(" ")[0]
        texts = [tokenizer.decode(one.ids) for one in wordings] or [" " * bool(chosen) + as_sentence(told)]
        for reading in readings:
            reading.follow(wordings[0].ids if wordings else tokenizer.encode(texts[0]))
        made += sum(len(one.ids) for one in wordings)
        chosen.append(texts)
    candidates = [
        "".join(texts[min(row, len(texts) - 1)] for texts in chosen).strip() for row in range(_rows(request, context))
    ]
    return list(dict.fromkeys(text for text in candidates if text)), made


def _rows(request: Expand, context: Context) -> int:
    wanted = context.expansion.candidates if request.candidates is None else request.candidates
    return max(1, min(_MOST_CANDIDATES, wanted))


def check_size(text: str) -> None:
    """RequestInvalid for what nobody would call notes, before it is read."""
    words = len(text.split())
    # What is markup is known only later: this is about what nobody would call notes.
    if words > 2 * _MAX_NOTES_WORDS or len(text) > _MAX_NOTES_CHARACTERS:
        raise _too_long(words)


def _prompt(notes: Notes, request: Expand, context: Context) -> list[int]:
    """The notes as the model reads them; RequestInvalid when they are none, or leave no room for the paragraph."""
    check_notes(notes)
    tokenizer = context.language.tokenizer
    begin = [tokenizer.bos_id] if tokenizer.bos_id is not None else []
    told = notes.told
    if not _is_free(request, notes, context):
        told = [read_slots(note).written_out for note in told]
    prompt = begin + tokenizer.encode(expansion_prompt(told, heading=request.heading, before=request.before))
    room = context.context_length - request.max_words * TOKENS_PER_WORD
    if len(prompt) > min(room, _MAX_NOTES_TOKENS):
        raise _too_long(len(notes.text.split()))
    return prompt


def check_notes(notes: Notes) -> None:
    """RequestInvalid where there is nothing to tell, or more than one paragraph holds."""
    words = len(notes.text.split())
    if not content_words(notes.text) and notes.pieces:
        raise RequestInvalid("These notes contain only links, markup or code, no words to expand.", "Add some words.")
    if not notes.told:
        raise RequestInvalid("There are no notes to expand.", "Select some words first.")
    if words > _MAX_NOTES_WORDS or len(notes.pieces) > _MAX_PIECES:
        raise _too_long(words)


def _too_long(words: int) -> RequestInvalid:
    if words <= _MAX_NOTES_WORDS:  # of a language that writes without spaces, or very long ones
        return RequestInvalid("These notes are too long for one paragraph.", "Select fewer of them.")
    return RequestInvalid(
        f"{words:,} words are too many for one paragraph.", f"Select at most {_MAX_NOTES_WORDS} words."
    )
