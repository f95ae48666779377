"""Expand notes by a text engine: up to three tries, the one that covers every note first.

Links, citations and placeholders are taken out before and put back after, as for the model that is built in. A model
that takes instructions takes any turn; names and numbers of the user's own instructions are not invented.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import Await, TextRequest
from shadowpen.daemon.tasks.base import Clock
from shadowpen.daemon.tasks.by_text import prompts
from shadowpen.daemon.tasks.by_text.base import TextContext
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.tasks.expand import MOST_WORDS, check_notes, check_size
from shadowpen.daemon.tasks.expansion.accounts import answer
from shadowpen.daemon.tasks.expansion.pieces import Notes, plain, read_notes
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt
from shadowpen.daemon.tasks.expansion.ranking import invented, rank
from shadowpen.daemon.tasks.turns.changing import changed
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.wire.protocol import Expand, Partial, Reply, Timings

_MOST_TRIES = 3
_TOKENS_PER_WORD = 3
_TOKENS_TO_THINK = 1024
_TEMPERATURE = 0.7
_BEFORE_CHARACTERS = 1500
_LEAST_LEFT = 0.5  # of the time, for another try
_LEAVE_OUT = re.compile(r"\b(?:without|omit|drop|remove|skip|delete|leave|cut)\b", re.IGNORECASE)


class ExpandByText:
    """The task that expands notes, by a text engine; RequestInvalid for notes that cannot be expanded."""

    request_type = Expand

    def steps(self, request: Expand, context: TextContext, deadline_s: float) -> Iterator[Reply | Await | None]:
        if request.turns and context.kind == "base":  # takes no instructions
            yield from changed(request, lambda told: self.steps(told, context, deadline_s), context.model_name)
            return
        clock = Clock(deadline_s)
        check_size(request.notes)
        notes = read_notes(request.notes)
        check_notes(notes)
        work = _Expanding(request, notes, context)
        for number in range(max(1, min(_MOST_TRIES, request.candidates or _MOST_TRIES))):
            left_s = context.limit_s - clock.elapsed_ms / 1000
            if work.is_satisfied or (number and left_s < _LEAST_LEFT * context.limit_s):
                break
            yield from work.attempt(number, left_s)
        timings = Timings(total_ms=clock.elapsed_ms)
        yield answer(request, notes, work.ranked(), context.model_name, timings)


@dataclass
class _Expanding:
    """One request under way, and the paragraphs that came of it so far."""

    request: Expand
    notes: Notes
    context: TextContext
    texts: list[str] = field(default_factory=list)

    @property
    def max_words(self) -> int:
        return max(1, min(MOST_WORDS, self.request.max_words))

    @property
    def is_satisfied(self) -> bool:
        """Whether a paragraph tells every note, but those to be left out, and adds no name and no number."""
        wanted = [] if self._leaves_out else content_words(self.notes.text)
        return any(not missing(wanted, text) and not invented(text, self.said) for text in self.texts)

    @property
    def said(self) -> str:
        """All that the user said: the notes, and what they told about the paragraphs."""
        return " ".join([self.notes.text, *(turn.instruction for turn in self.request.turns)])

    @property
    def _leaves_out(self) -> bool:
        return any(_LEAVE_OUT.search(turn.instruction) for turn in self.request.turns)

    def ranked(self) -> list[str]:
        """The paragraphs, best first; one that is still what was shown only where there is no other."""
        shown = {plain(turn.shown).strip() for turn in self.request.turns}
        texts = rank(self.texts, self.said if self._leaves_out else self.notes.text)
        return [text for text in texts if text not in shown] or texts

    def attempt(self, number: int, limit_s: float) -> Iterator[Reply | Await | None]:
        """One more paragraph, shown while it grows if it is the first; ServerFailed where that is missing."""
        try:
            text = yield from self._written(self._prompt(number, limit_s), shows=not self.texts)
        except ServerFailed:
            if not self.texts:
                raise
            return
        if text:
            self.texts.append(text)

    def _written(self, request: TextRequest, *, shows: bool) -> Generator[Reply | Await | None, None, str]:
        made, shown, text = "", "", ""
        with self.context.writing(request) as stream:
            for piece in self.context.pieces(stream):
                if isinstance(piece, Await):
                    yield piece
                    continue
                made += piece.text
                text = _paragraph(made)
                words = text.rpartition(" ")[0]
                if shows and words != shown and words.strip():
                    shown = words
                    yield Partial(id=self.request.id, text=words)
                if "\n" in text or len(text.split()) > self.max_words:
                    break
        return plain(finish(text, self.max_words)).strip()

    def _prompt(self, number: int, limit_s: float) -> TextRequest:
        seed, tokens = abs(self.request.seed) * _MOST_TRIES + number, self.max_words * _TOKENS_PER_WORD
        if self.context.kind == "base":
            prompt = expansion_prompt(self.notes.told)
            return TextRequest(prompt, tokens, limit_s, _TEMPERATURE, seed, stop=("\n\n",))
        before = self.request.before[-_BEFORE_CHARACTERS:]
        messages = prompts.to_expand(self.notes.told, self.request.heading, before, self.max_words, self.request.turns)
        return TextRequest(messages, tokens + _TOKENS_TO_THINK, limit_s, _TEMPERATURE, seed)


def _paragraph(made: str) -> str:
    """What of the answer is the paragraph."""
    return prompts.answer_alone(made).lstrip()
