"""Tell notes faithfully: note by note, several wordings side by side, the likeliest kept.

Every wording is a walk through the note's automaton (`wording`), chosen by the model's own probabilities among what is
allowed. The likeliest per token of the finished ones is kept and becomes what the next note is told after. Knows
neither requests nor markup.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.tasks.expansion.slots import NoteSlots
from shadowpen.daemon.tasks.expansion.wording import Place, Wording
from shadowpen.daemon.text.sentences import ENDS

_TEMPERATURE = 0.6
_TOKENS_PER_SLOT = 8
_LENGTH_POWER = 0.8  # between the likeliest whole (1 token longer costs all of it) and the likeliest per token


@dataclass
class Told:
    """One wording of one note: its tokens, and its log-probability under the whole vocabulary."""

    ids: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    place: Place = field(default_factory=Place)

    @property
    def score(self) -> float:
        return self.log_probability / max(1, len(self.ids)) ** _LENGTH_POWER


def tell(
    note: NoteSlots, prompt: list[int], session: KvSession, wording: Wording, rows: int, random: np.random.Generator
) -> Generator[list[Told], None, list[Told]]:
    """Different wordings of `note` behind `prompt`, best first; yields what is under way after each step."""
    for _ in session.reach(prompt):
        yield []
    engine: Any = session.engine
    logits = np.repeat(session.after(prompt)[None], rows, axis=0)  # type: ignore[index]
    cache = session.fork(prompt, rows)
    told = [Told() for _ in range(rows)]
    for _ in range(_TOKENS_PER_SLOT * (len(note.slots) + 2)):
        for number, (one, scores) in enumerate(zip(told, logits, strict=True)):
            _extend(one, scores, wording, random if number else None)
        if all(one.place.ended for one in told):
            break
        logits = engine.run_rows(cache, [one.ids[-1] for one in told])
        yield told
    whole = {tuple(one.ids): one for one in told if one.place.ended}
    return sorted(whole.values(), key=lambda one: -one.score)


def _extend(one: Told, logits: np.ndarray, wording: Wording, random: np.random.Generator | None) -> None:
    """Add one token to a wording that is not ended: the likeliest, or one drawn by `random`."""
    if one.place.ended:
        return
    allowed = wording.next_tokens(one.place)
    ids = np.fromiter(allowed, np.int64, len(allowed))
    scores = logits[ids].astype(np.float64)
    if random is None:
        chosen = int(scores.argmax())
    else:
        p = np.exp((scores - scores.max()) / _TEMPERATURE)
        chosen = int(random.choice(len(ids), p=p / p.sum()))
    token = int(ids[chosen])
    one.log_probability += float(scores[chosen]) - _log_sum(logits)
    one.ids.append(token)
    one.place = allowed[token]


def _log_sum(logits: np.ndarray) -> float:
    top = float(logits.max())
    return top + math.log(float(np.exp(logits - top).sum()))


def as_sentence(note: str) -> str:
    """`note` as it stands, capital and with a full stop: what is left where no wording came to an end."""
    text = note.strip()
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ENDS else ".")
