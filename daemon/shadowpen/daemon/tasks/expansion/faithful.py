"""Expand notes faithfully: note by note, several wordings in parallel, the likeliest kept.

Every wording is a walk through the note's automaton (`wording`), chosen by the model's own probabilities among what is
allowed. The best of the finished ones is kept and becomes what the next note is told after. Knows
neither requests nor markup.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

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
_FAR_BEHIND = 4.0  # in log-probability, where as much of the note is told
# What a token more may cost. Not a share of all: the words that every wording must have cost most, and with them a rare
# name would make small words cheap.
_TOKEN_WORTH = 0.9
# And what the first verb of a clause without one is worth: it decides between wordings that are otherwise as good.
_VERB_WORTH = 0.3


@dataclass
class Told:
    """One wording of one note: its tokens, and their log-probabilities under the whole vocabulary in both readings."""

    ids: list[int] = field(default_factory=list)
    behind_notes: float = 0.0
    in_prose: float = 0.0
    place: Place = field(default_factory=Place)

    @property
    def log_probability(self) -> float:
        return (1 - _PROSE_SHARE) * self.behind_notes + _PROSE_SHARE * self.in_prose

    @property
    def score(self) -> float:
        return self.log_probability + _TOKEN_WORTH * len(self.ids) + _VERB_WORTH * self.place.verbs


class Reader:
    """One way of reading what a sentence follows: behind the notes, or behind the text alone.

    The first knows what must be told, the second what prose sounds like: notes tempt a model to write notes. Beginnings
    of a sentence are read side by side, one a row, and each of them once.
    """

    def __init__(self, session: KvSession, prompt: list[int]) -> None:
        self._session, self._engine, self._prompt = session, cast(Any, session.engine), prompt
        self._cache: Any = None
        self._kept: tuple[list[int], Any] = ([], None)

    def reach(self) -> Iterator[None]:
        """Read what the next sentence follows, as the only row; yields between the steps of the model."""
        if self._cache is None:
            yield from self._session.reach(self._prompt)
            logits = self._session.after(self._prompt)
            assert logits is not None, "reach() makes them known"
            self._cache, self._rows = self._session.fork(self._prompt, 1), 1
            self._logits = logits[None]

    def read(self, rows: list[int], ids: list[int]) -> None:
        """Go on from these `rows`, each with the token at its place; they are the rows from now on."""
        if rows != list(range(self._rows)):
            self._cache = self._engine.select(self._cache, rows)
        self._logits, self._rows = self._engine.run_rows(self._cache, ids), len(rows)

    def opinion(self, row: int, ids: np.ndarray) -> np.ndarray:
        """The log-probabilities of `ids` coming next in `row`."""
        logits = self._logits[row]
        return (logits[ids] - _log_sum(logits)).astype(np.float64)

    def keep(self, row: int, ids: list[int]) -> None:
        """Remember how `ids` were read in `row`, all but the last."""
        self._kept = ids, self._engine.select(self._cache, [row])

    def follow(self, ids: list[int]) -> None:
        """The sentence that is told: the next one follows it."""
        self._prompt = self._prompt + ids
        kept, cache = self._kept
        self._kept, self._cache = ([], None), None
        if kept == ids:
            self._cache, self._rows = cache, 1
            self._logits = self._engine.run_rows(cache, ids[-1:])


def tell(
    note: NoteSlots, readings: Sequence[Reader], wording: Wording, count: int, random: np.random.Generator
) -> Generator[list[Told], None, list[Told]]:
    """Different wordings of `note`, best first, out of `count`; yields what is under way after each step.

    `readings` are two, behind the notes and in prose.
    """
    for reading in readings:
        for _ in reading.reach():
            yield []
    told = [Told() for _ in range(count)]
    rows = dict.fromkeys(range(count), 0)
    best = -math.inf
    race = _Race(count, len(note.slots))
    for _ in range(_most_tokens(note)):
        choices: dict[int, _Choices] = {}
        for number, row in list(rows.items()):
            one = told[number]
            if row not in choices:
                choices[row] = _Choices.at(row, one.place, readings, wording)
            choices[row].extend(one, random if number else None, number * _PROSE_STEP)
            if one.place.ended and one.score > best:
                best = one.score
                for reading in readings:
                    reading.keep(row, one.ids)
        rows = {number: row for number, row in rows.items() if race.holds(number, told[number])}
        begun: dict[tuple[int, int], int] = {}
        for number, row in rows.items():
            rows[number] = begun.setdefault((row, told[number].ids[-1]), len(begun))
        if not begun:
            break
        for reading in readings:
            reading.read([row for row, _ in begun], [token for _, token in begun])
        yield told
    whole = {tuple(one.ids): one for one in told if one.place.ended}
    return sorted(whole.values(), key=lambda one: -one.score)


def _most_tokens(note: NoteSlots) -> int:
    """As many as a wording may take: for each word and what comes before it, and more for quotations and formulas."""
    return _TOKENS_PER_SLOT * (len(note.slots) + 2) + sum(len(slot.forms[0]) // 2 for slot in note.slots)


class _Race:
    """Which wordings are worth writing on: none that is far behind another which has told as much of the note."""

    def __init__(self, wordings: int, slots: int) -> None:
        self._told = [0] * wordings
        self._best = [-math.inf] * (slots + 1)

    def holds(self, number: int, one: Told) -> bool:
        """Whether wording `number`, which is a token longer than before, is under way and not far behind."""
        told, value = one.place.told, one.log_probability
        ahead = self._best[told + 1 :]
        if told > self._told[number]:
            self._told[number] = told
            ahead = self._best[told:]
            self._best[told] = max(self._best[told], value)
        return not one.place.ended and value >= max(ahead, default=-math.inf) - _FAR_BEHIND


@dataclass(frozen=True)
class _Choices:
    """What may come next behind one beginning, and what both readings think of it."""

    ids: np.ndarray
    places: list[Place]
    behind_notes: np.ndarray
    in_prose: np.ndarray

    @classmethod
    def at(cls, row: int, place: Place, readings: Sequence[Reader], wording: Wording) -> _Choices:
        allowed = wording.next_tokens(place)
        ids = np.fromiter(allowed, np.int64, len(allowed))
        behind_notes, in_prose = (reading.opinion(row, ids) for reading in readings)
        return cls(ids, list(allowed.values()), behind_notes, in_prose)

    def extend(self, one: Told, random: np.random.Generator | None, prose_weight: float) -> None:
        """Add one token to a wording that is not ended: the likeliest, or one drawn by `random`."""
        scores = (1 - prose_weight) * self.behind_notes + prose_weight * self.in_prose
        if random is None:
            chosen = int(scores.argmax())
        else:
            p = np.exp((scores - scores.max()) / _TEMPERATURE)
            chosen = int(random.choice(len(scores), p=p / p.sum()))
        one.behind_notes += float(self.behind_notes[chosen])
        one.in_prose += float(self.in_prose[chosen])
        one.ids.append(int(self.ids[chosen]))
        one.place = self.places[chosen]


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
