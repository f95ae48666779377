"""What a task wrote is counted once, compared once, and its text let go."""

from __future__ import annotations

from typing import Any

from support.journal.events import as_events

from shadowpen.daemon.monitoring.produced_texts import ProducedTexts, by_day_and_task, by_task, by_task_and_version
from shadowpen.daemon.monitoring.similarity import Similarity, TextPair

OFFERED = "We waited for it all."
STANDS = "We waited for it aII."
DAY, MODEL = "2026-05-01", "default@v0002-20260502"


def _produced(id: str = "a", **more: Any) -> dict[str, Any]:
    about = {"document": "a", "language": "markdown", "model": MODEL, "task": "expand"}
    return {"type": "produced", "id": id, "time": 1.0e9, **about, "offered": OFFERED, "text": STANDS, **more}


class Scene:
    def __init__(self, *events: dict[str, Any]) -> None:
        self.compared: list[TextPair] = []
        self.encoded: list[tuple[list[TextPair], str]] = []
        self.made = ProducedTexts(lambda: DAY, self._measure, self._encode)
        self.made.produced(as_events(*events))

    def _measure(self, pairs: Any) -> list[Similarity]:
        self.compared += pairs
        return [Similarity(50.0, 60.0, 70.0) for _ in pairs]

    def _encode(self, pairs: Any, folder: str) -> list[float]:
        self.encoded.append((list(pairs), folder))
        return [90.0]  # stopped after the first


def test_each_text_counts_once_by_day_task_and_version() -> None:
    scene = Scene(_produced(), _produced(), _produced("b", text="", model="", task="summarize"))

    found = scene.made.take()

    kept, lost = found[DAY, "expand", MODEL], found[DAY, "summarize", "rules"]
    assert (kept.texts, kept.characters, kept.kept, kept.edited) == (1, len(OFFERED), len("We waited for it"), 2)
    assert (lost.kept_share, lost.edited_share) == (0.0, 1.0)
    assert scene.compared == [TextPair(OFFERED, STANDS), TextPair(OFFERED, "")]
    assert kept.similarity == Similarity(50.0, 60.0, 70.0)
    assert scene.made.take() == {}


def test_an_encoder_compares_where_one_is_set() -> None:
    scene = Scene(_produced())
    assert scene.made.take()[DAY, "expand", MODEL].mean_bert_score is None and scene.encoded == []

    scene.made.produced(as_events(_produced("b"), _produced("c")))
    found = scene.made.take(encoder="/encoder")[DAY, "expand", MODEL]

    assert scene.encoded == [([TextPair(OFFERED, STANDS)] * 2, "/encoder")]
    assert (found.texts, found.compared, found.encoded, found.mean_bert_score) == (2, 2, 1, 90.0)


def test_what_could_not_be_written_counts_again_and_is_not_compared_again() -> None:
    scene = Scene(_produced())
    found = scene.made.take()
    scene.made.give_back(found)
    assert scene.made.take() == found and len(scene.compared) == 1


def test_what_is_forgotten_is_compared_with_nothing() -> None:
    scene = Scene(_produced())
    scene.made.forget()
    counts = scene.made.take()[DAY, "expand", MODEL]
    assert (counts.texts, counts.similarity, scene.compared) == (1, None, [])


def test_figures_are_put_together_by_task_version_and_day() -> None:
    scene = Scene(_produced(), _produced("b", model="other@base"), _produced("c", task="correct"))
    found = scene.made.take()
    assert {name: one.texts for name, one in by_task(found).items()} == {"correct": 1, "expand": 2}
    assert by_task_and_version(found)["expand", "other@base"].texts == 1
    assert by_day_and_task(found)[DAY]["expand"].similarity == Similarity(50.0, 60.0, 70.0)
