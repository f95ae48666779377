"""Tell notes faithfully: note by note, several wordings side by side, the likeliest kept.

Every wording is a walk through the note's automaton (`wording`), chosen by the model's own probabilities among what is
allowed. The likeliest per token of the finished ones is kept and becomes what the next note is told after. Knows
neither requests nor markup.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.tasks.expansion.slots import NoteSlots
from shadowpen.daemon.tasks.expansion.wording import Place, Wording
from shadowpen.daemon.text.scripts import begins_without_blanks
from shadowpen.daemon.text.sentences import ENDS

_TEMPERATURE = 0.7
_TOKENS_PER_SLOT = 8
# What prose says counts more in each wording while it is written, and half of all when the best is chosen: the model
# knows from the notes what comes, and from prose that a sentence wants a verb.
_PROSE_STEP = 0.04
_PROSE_SHARE = 0.6
_LENGTH_POWER = 0.3  # 0: the likeliest wording, 1: the likeliest per token


@dataclass
class Told:
    """One wording of one note: its tokens, and its log-probability under the whole vocabulary."""

    ids: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    place: Place = field(default_factory=Place)

    @property
    def score(self) -> float:
        return self.log_probability / max(1, len(self.ids)) ** _LENGTH_POWER


@dataclass
class Reader:
    """One way of reading what a sentence follows: behind the notes, or behind the text alone.

    The first knows what must be told, the second what prose sounds like: notes tempt a model to write notes.
    """

    session: KvSession
    prompt: list[int]

    def reach(self) -> Iterator[None]:
        """Read the prompt; yields between the steps of the model."""
        yield from self.session.reach(self.prompt)

    def fork(self, rows: int) -> None:
        logits = self.session.after(self.prompt)
        assert logits is not None, "reach() comes first"
        self._logits = np.repeat(logits[None], rows, axis=0)
        self._cache = self.session.fork(self.prompt, rows)

    def read(self, ids: list[int]) -> None:
        """One more token of each row."""
        engine: Any = self.session.engine
        self._logits = engine.run_rows(self._cache, ids)

    def opinion(self, row: int) -> np.ndarray:
        """The log-probabilities of what comes next in `row` [vocabulary]."""
        logits = self._logits[row]
        return logits - _log_sum(logits)


def tell(
    note: NoteSlots, readings: Sequence[Reader], wording: Wording, rows: int, random: np.random.Generator
) -> Generator[list[Told], None, list[Told]]:
    """Different wordings of `note`, best first; yields what is under way after each step.

    `readings` are two, behind the notes and in prose.
    """
    for reading in readings:
        for _ in reading.reach():
            yield []
        reading.fork(rows)
    told = [Told() for _ in range(rows)]
    for _ in range(_TOKENS_PER_SLOT * (len(note.slots) + 2)):
        for number, one in enumerate(told):
            if not one.place.ended:
                opinions = [reading.opinion(number) for reading in readings]
                _extend(one, opinions, wording, random if number else None, number * _PROSE_STEP)
        if all(one.place.ended for one in told):
            break
        for reading in readings:
            reading.read([one.ids[-1] for one in told])
        yield told
    whole = {tuple(one.ids): one for one in told if one.place.ended}
    return sorted(whole.values(), key=lambda one: -one.score)


def _extend(
    one: Told,
    opinions: Sequence[np.ndarray],
    wording: Wording,
    random: np.random.Generator | None,
    prose_weight: float,
) -> None:
    """Add one token to a wording that is not ended: the likeliest, or one drawn by `random`."""
    allowed = wording.next_tokens(one.place)
    ids = np.fromiter(allowed, np.int64, len(allowed))
    behind_notes, in_prose = (opinion[ids].astype(np.float64) for opinion in opinions)
    scores = (1 - prose_weight) * behind_notes + prose_weight * in_prose
    if random is None:
        chosen = int(scores.argmax())
    else:
        p = np.exp((scores - scores.max()) / _TEMPERATURE)
        chosen = int(random.choice(len(ids), p=p / p.sum()))
    one.log_probability += (1 - _PROSE_SHARE) * behind_notes[chosen] + _PROSE_SHARE * in_prose[chosen]
    token = int(ids[chosen])
    one.ids.append(token)
    one.place = allowed[token]


def _log_sum(logits: np.ndarray) -> float:
    top = float(logits.max())
    return top + math.log(float(np.exp(logits - top).sum()))


def as_sentence(note: str) -> str:
    """`note` as it stands, capital and with a full stop: what is left where no wording came to an end."""
    text = note.strip()
    stop = "" if text[-1:] in ENDS else "。" if begins_without_blanks(text[-1:].encode()) else "."
    return text[:1].upper() + text[1:] + stop


def in_sentences(notes: Sequence[str]) -> str:
    """Each of `notes` as a sentence, with blanks between them where their script has some."""
    sentences = [as_sentence(note) for note in notes]
    return "".join(sentence if sentence.endswith("。") else sentence + " " for sentence in sentences).strip()
