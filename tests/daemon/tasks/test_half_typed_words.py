"""The rest of a half-typed word, on the default model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from shadowpen.daemon.base import config, store
from shadowpen.daemon.evaluation.reading import Recorder
from shadowpen.daemon.serving import model
from shadowpen.daemon.serving.model import ServedModel
from shadowpen.daemon.wire.protocol import Complete

# What stands before the cursor, and the rests of the word that make sense there.
ROWS = [
    ("For the new record the band is teaming up with sev", ["eral"]),
    ("She works in the research lab", ["oratory", "oratories", ",", ""]),
    ("They voted against the const", ["itution", "itutional"]),
    ("He grew up in a small town in the northern regi", ["on"]),
    ("The festival is visited by people of many different nati", ["onalities", "ons"]),
    ("We became friends with our new neigh", ["bors", "bours", "bor", "bour"]),
    ("The weather was so bad that we decided to stay at ho", ["me"]),
    ("The doctor told me that I should drink more wat", ["er"]),
    ("In the morning she opened the wind", ["ow", "ows"]),
    ("My brother plays the gui", ["tar"]),
    ("Please send me the docu", ["ments", "ment", "mentation"]),
    ("We have to make a deci", ["sion"]),
    ("The children were playing in the gard", ["en"]),
    ("It was the most beauti", ["ful"]),
    ("I would like to thank you for your coop", ["eration"]),
    ("The train arrived at the sta", ["tion"]),
    ("She studied at the univ", ["ersity"]),
    ("We spent our holi", ["days", "day"]),
    ("He was elected pres", ["ident"]),
    ("The company has announced that it will open a new fact", ["ory"]),
    ("The two countries signed an agre", ["ement"]),
    ("I am writing to apply for the pos", ["ition"]),
    ("There is no evid", ["ence"]),
    ("The museum has a large coll", ["ection"]),
    ("Scientists have discovered a new spec", ["ies"]),
    ("The meeting was postponed until next we", ["ek"]),
    ("Unfortunately the experi", ["ment", "ments", "ence"]),
    ("The results were published in a scien", ["tific"]),
    ("The government has decided to incr", ["ease"]),
]
_MOST_WRONG = 2  # another precision or version of the model may think otherwise once or twice


@pytest.fixture
def served(real_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ServedModel, Recorder]]:
    """The default model, and what it would offer."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(real_model))
    recorder = Recorder()
    served = model.load(store.layout(), config.Config(), recorder)
    yield served, recorder
    served.close()


@pytest.mark.real_model
def test_a_half_typed_word_is_gone_on_with_sensibly(served: tuple[ServedModel, Recorder]) -> None:
    offered = {text: _offered(*served, text) for text, _ in ROWS}
    wrong = {text: offered[text] for text, rests in ROWS if not _fits(offered[text], rests)}
    assert len(wrong) <= _MOST_WRONG, wrong


def _offered(model: ServedModel, recorder: Recorder, text: str) -> str:
    """What the model would offer behind `text`, "" for nothing."""
    recorder.candidates = []
    for _ in model.steps(Complete(id="1", document="d", prefix=text), math.inf):
        pass
    return recorder.candidates[0].text if recorder.candidates else ""


def _fits(offered: str, rests: list[str]) -> bool:
    """Whether it begins with one of `rests` and the word ends there; "" stands for a word that is whole already."""
    return any(
        offered.startswith(rest) and bool(offered) and not offered[len(rest) : len(rest) + 1].isalpha()
        for rest in rests
    )
