from pathlib import Path

import numpy as np
import pytest
from support.models.scripted_model import ScriptedEngine, make_tokenizer

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.tasks.expansion.faithful import Reader, Told, tell
from shadowpen.daemon.tasks.expansion.slots import read_slots
from shadowpen.daemon.tasks.expansion.wording import Wording
from shadowpen.daemon.text.tokenizer import Tokenizer

NOTE = "meeting moved, hall closed"
PROSE = " The meeting was moved, and the hall is closed."
WORDINGS = 8


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return make_tokenizer(tmp_path, PROSE)


class Telling:
    """A note told by a model that knows `PROSE` by heart, as surely as `confidence`."""

    def __init__(self, tokenizer: Tokenizer, confidence: float) -> None:
        eos = next(iter(tokenizer.eos_ids))
        self.tokenizer = tokenizer
        self.engine = ScriptedEngine(tokenizer.encode("\n" + PROSE), tokenizer.size, eos, confidence)
        self.prompt = tokenizer.encode("\n")
        self.readings = [Reader(KvSession(self.engine), list(self.prompt)) for _ in range(2)]

    def told(self) -> list[Told]:
        wording = Wording(read_slots(NOTE), self.tokenizer, ["the", "was", "is", "and"], first=False)
        work = tell(read_slots(NOTE), self.readings, wording, WORDINGS, np.random.default_rng(1))
        while True:
            try:
                next(work)
            except StopIteration as end:
                wordings: list[Told] = end.value
                return wordings


def test_what_several_wordings_share_is_read_once(tokenizer: Tokenizer) -> None:
    telling = Telling(tokenizer, 0.99999)
    (told,) = telling.told()
    assert tokenizer.decode(told.ids) == PROSE
    assert sum(telling.engine.calls) == 2 * (len(telling.prompt) + len(told.ids) - 1)


def test_what_is_told_is_not_read_again_for_the_next_note(tokenizer: Tokenizer) -> None:
    telling = Telling(tokenizer, 0.99999)
    (told,) = telling.told()
    telling.engine.calls.clear()
    for reading in telling.readings:
        reading.follow(told.ids)
        assert not list(reading.reach())
    assert telling.engine.calls == [1, 1]


def test_a_sentence_that_was_none_of_the_wordings_is_read(tokenizer: Tokenizer) -> None:
    telling = Telling(tokenizer, 0.99999)
    telling.told()
    other = tokenizer.encode(" The hall.")
    reading = telling.readings[0]
    reading.follow(other)
    telling.engine.calls.clear()
    list(reading.reach())
    assert sum(telling.engine.calls) == len(other)
    assert reading.opinion(0, np.array([0])) < 0


def test_wordings_far_behind_are_given_up(tokenizer: Tokenizer) -> None:
    telling = Telling(tokenizer, 0.6)
    wordings = telling.told()
    assert tokenizer.decode(wordings[0].ids) == PROSE
    assert wordings == sorted(wordings, key=lambda one: -one.score)
    read = sum(telling.engine.calls)
    assert len(wordings) < WORDINGS
    assert read < 2 * WORDINGS * len(wordings[0].ids)
