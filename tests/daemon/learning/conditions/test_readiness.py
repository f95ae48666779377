"""A run starts for new text, and for old text that is left as long as runs bring something."""

from __future__ import annotations

import re

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.learning.conditions.readiness import is_ready, measure
from shadowpen.daemon.learning.ledger import Ledger, marks
from shadowpen.daemon.learning.status import TrainingStatus
from shadowpen.daemon.storage.versions import Base, TextSource, Version

LEARNING = LearningSettings(enabled="on", min_new_tokens=5_000)


def _encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """A token a word."""
    places = [match.span() for match in re.finditer(r"\s*\S+", text)]
    return [0] * len(places), places


def _documents(first: int, last: int) -> list[Document]:
    """A thousand words each."""
    return [
        Document(f"d{n}", "\n\n".join(f"{n} {part} " + "word " * 98 for part in range(10)), "", n)
        for n in range(first, last)
    ]


def _ledger(documents: list[Document]) -> Ledger:
    sources = [TextSource(origin=d.origin, sha256="", tokens=0, pieces=dict.fromkeys(marks(d), 1)) for d in documents]
    return Ledger(Version(id="v1", state="promoted", created="", base=Base(name="", sha256=""), sources=sources))


@pytest.mark.parametrize(("last", "ready"), [("promoted", True), ("rejected", False), ("failed", False)])
def test_old_text_that_is_left_waits_for_a_run_that_brought_something(last: str, ready: bool) -> None:
    documents = _documents(0, 40)
    status = TrainingStatus(state=last, tokens=40_000)

    found = measure(documents, _encode, status, _ledger(documents[20:]), tokens_a_run=6_000)

    assert (found.own_tokens, found.learned_tokens, found.new_tokens) == (40_000, 20_000, 0)
    assert 16_000 < found.left_tokens < 18_000
    assert found.runs_left == 3
    assert is_ready(found, LEARNING) is ready


def test_when_all_is_learned_but_what_judges_it_waits_for_more() -> None:
    documents = _documents(0, 23)

    found = measure(documents, _encode, TrainingStatus(state="promoted", tokens=23_000), _ledger(documents[:20]))

    assert found.missing_tokens == 0
    assert not is_ready(found, LEARNING)


def test_new_text_is_enough_whatever_came_before_and_too_little_is_not() -> None:
    assert is_ready(measure(_documents(0, 9), _encode, TrainingStatus(state="rejected", tokens=1_000)), LEARNING)
    too_little = measure(_documents(0, 1), _encode, TrainingStatus())
    assert too_little.missing_tokens == 1_000
    assert not is_ready(too_little, LearningSettings(enabled="on", min_new_tokens=500))
