"""Carry out a change of an expansion with a model that takes no instructions.

The notes are told again, in several wordings, and the turn chooses among these: for each note the shorter or the longer
one, another first sentence, one more note. Contractions are made and undone by rule. Nothing is told that the model did
not tell of the notes, and what is to be mentioned counts as a note. Knows neither the model nor how notes are told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.expansion.accounts import added_places, told_notes
from shadowpen.daemon.tasks.expansion.pieces import Notes, is_sentence, plain, read_notes
from shadowpen.daemon.tasks.turns import wordings
from shadowpen.daemon.tasks.turns.contractions import less_formal, more_formal
from shadowpen.daemon.tasks.turns.instructions import AskedChange, ChangeKind, read
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.wire.protocol import MOST_SEED, Expand, Expansion, Partial, Timings, Turn

Run = Callable[[Expand], Iterator[Any]]  # the steps of an expansion without turns

_POOL = 8  # paragraphs to choose among, a round
# How many of them count, the likeliest first: the model's long wordings are odd sooner than its short ones.
_LIKELIEST: dict[ChangeKind, int] = {"longer": 3, "shorter": 4}
_MOST_ROUNDS = 3
_CANDIDATES = 3
_FORMALITY = {"less formal": less_formal, "more formal": more_formal}
_NONE: dict[ChangeKind, tuple[str, str]] = {
    "shorter": ("These notes cannot be told in fewer words.", "Take a note out."),
    "longer": ("These notes cannot be told in more words without adding to them.", "Add a note, or expand freely."),
    "another beginning": ("No other beginning was found that tells the same.", "Try another wording."),
    "another wording": ("No other wording was found that tells the same.", "Change the notes."),
    "mention": ("No paragraph was found that mentions it.", "Add it to the notes."),
    "less formal": ("Nothing in this paragraph can be contracted.", "Only contractions make it less formal."),
    "more formal": ("Nothing in this paragraph is contracted.", "Only contractions are written out."),
}


def changed(request: Expand, run: Run, model: str) -> Iterator[Any]:
    """The steps of the last turn of `request`; `run` expands without turns. RequestInvalid where it cannot be done."""
    began_s = time.perf_counter()
    asked = [read(turn.instruction) for turn in request.turns]
    last = request.turns[-1]
    if not last.shown.strip():
        raise RequestInvalid("There is no paragraph to change.", "Expand the notes first.")
    mentioned = [change.words for change in asked if change.kind == "mention"]
    notes = with_mentions(request.notes, mentioned)
    draft = _Draft(last.shown.strip(), read_notes(notes), asked[-1], [turn.shown.strip() for turn in request.turns])
    draft.check()
    wanted = _CANDIDATES if request.candidates is None else max(1, request.candidates)
    made = draft.by_rule()
    if not made:
        told = structs.replace(_retold(request, asked, draft), notes=notes)
        made = yield from _found(draft, told, run)
    style = next((_FORMALITY[change.kind] for change in reversed(asked) if change.kind in _FORMALITY), str)
    texts = list(dict.fromkeys(style(text) for text in made))[:wanted]
    yield Expansion(
        id=request.id,
        candidates=texts,
        missing=[missing(content_words(draft.notes.text), plain(text)) for text in texts],
        added=[added_places(text, notes) for text in texts],
        tells=[told_notes(text, draft.notes.told) for text in texts],
        model=model,
        timings=Timings(total_ms=(time.perf_counter() - began_s) * 1000),
    )


def with_mentions(notes: str, mentioned: Sequence[str]) -> str:
    """`notes` and what is to be mentioned beside them, told apart as the notes are."""
    lines = [line for line in notes.splitlines() if line.strip()]
    apart = "; " if len(lines) < 3 and not (len(lines) == 1 and is_sentence(lines[0])) else "\n- "
    return apart.join([notes.rstrip(), *mentioned]) if mentioned else notes


def _retold(request: Expand, asked: Sequence[AskedChange], draft: _Draft) -> Expand:
    """The request for paragraphs to choose among. A seed for each wording that was asked for, so that they differ."""
    rewordings = sum(change.kind == "another wording" for change in asked)
    max_words = request.max_words
    if request.free and draft.asked.kind == "shorter":
        max_words = max(1, min(max_words, len(draft.shown.split()) - 1))
    seed = min(MOST_SEED, request.seed + rewordings)
    no_turns: list[Turn] = []
    return structs.replace(request, turns=no_turns, candidates=_POOL, seed=seed, max_words=max_words)


def _found(draft: _Draft, request: Expand, run: Run) -> Generator[Any, None, list[str]]:
    """What comes of one round of paragraphs after another; yields the steps in between."""
    pool: list[str] = []
    for number in range(_MOST_ROUNDS):
        for step in run(structs.replace(request, seed=min(MOST_SEED, request.seed + number))):
            if isinstance(step, Expansion):
                pool += step.candidates[: _LIKELIEST.get(draft.asked.kind, _POOL)]
            elif not isinstance(step, Partial):
                yield step  # what it is waiting for
            else:
                yield step if draft.asked.kind == "another wording" else None
        if made := draft.chosen(pool, free=request.free):
            return made
    raise RequestInvalid(*_NONE[draft.asked.kind])


@dataclass(frozen=True)
class _Draft:
    """The paragraph that is `shown`, what is asked of it, and all that were shown `before` it."""

    shown: str
    notes: Notes
    asked: AskedChange
    before: Sequence[str]

    def check(self) -> None:
        """RequestInvalid for what needs no paragraph to say no to."""
        if self.asked.kind != "mention":
            return
        words = content_words(self.asked.words)
        if not words:
            raise RequestInvalid("Nothing to mention was named.", 'For example: "mention the roof".')
        if not missing(words, plain(self.shown)):
            raise RequestInvalid("The paragraph mentions that already.", "Try another wording.")

    def by_rule(self) -> list[str]:
        """What needs no model; RequestInvalid where the rule finds nothing."""
        rule = _FORMALITY.get(self.asked.kind)
        if rule is None:
            return []
        text = rule(self.shown)
        if text == self.shown:
            raise RequestInvalid(*_NONE[self.asked.kind])
        return [text]

    def chosen(self, pool: Sequence[str], *, free: bool) -> list[str]:
        """Those of the `pool`, or made of their sentences, that do what is asked and tell no less; best first."""
        kind, told = self.asked.kind, self.notes.told
        paragraph = wordings.by_note(self.shown, told)
        others = [] if free else [found for text in pool if (found := wordings.by_note(text, told)) is not None]
        made: list[str] = []
        if kind == "mention":
            made = wordings.with_notes(self.shown, others, self._mentioned())
        elif paragraph is not None and kind == "shorter":
            made = wordings.shortest(paragraph, others, told)
        elif paragraph is not None and kind == "longer":
            made = wordings.longest(paragraph, others, told)
        elif paragraph is not None and kind == "another beginning":
            made = wordings.beginning(paragraph, others, told, self.before)
        made += [text for text in pool if self._does(text)]
        return [text for text in dict.fromkeys(made) if text not in self.before and self._tells_as_much(text)]

    def _mentioned(self) -> list[int]:
        """The places of the notes that the paragraph shown does not tell yet."""
        places = range(len(self.notes.told))
        lacking = set(missing(content_words(self.notes.text), plain(self.shown)))
        return [place for place in places if lacking & set(content_words(self.notes.told[place]))]

    def _does(self, text: str) -> bool:
        kind, count, shown = self.asked.kind, len(text.split()), len(self.shown.split())
        if kind == "shorter":
            return count < shown
        if kind == "longer":
            return count > shown
        if kind == "another beginning":
            return wordings.first_word(text) not in {wordings.first_word(other) for other in self.before}
        if kind == "mention":
            return not missing(content_words(self.asked.words), plain(text))
        return True

    def _tells_as_much(self, text: str) -> bool:
        wanted = content_words(self.notes.text)
        return set(missing(wanted, plain(text))) <= set(missing(wanted, plain(self.shown)))
