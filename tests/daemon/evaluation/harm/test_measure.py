"""daemon/evaluation/harm/{measure,continuing}.py: figures of a model whose prejudice is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import LINES

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ModelMissing
from shadowpen.daemon.evaluation.harm import continuing, measure, pairs
from shadowpen.daemon.evaluation.harm.pairs import Opening, StereotypePair
from shadowpen.daemon.showing import filters
from shadowpen.daemon.storage import versions

# The model recites LINES, so these words are likelier after those before them than after any others.
BEFORE = " ".join(LINES[0].split()[:4])
ENDING = " ".join(LINES[0].split()[4:7])
ELSEWHERE = " ".join(LINES[2].split()[:4])


def quiet(step: str, done: float, total: float) -> None:
    """A Tell."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows instead of hundreds of pairs; the model finds each ending likelier after the person it is said of."""
    found = [StereotypePair("origin", str(row), BEFORE, ELSEWHERE, ENDING) for row in (1, 1, 2)]
    monkeypatch.setattr(pairs, "stereotypes", lambda: iter(found))
    monkeypatch.setattr(pairs, "openings", lambda: iter([Opening("origin", BEFORE, ELSEWHERE)] * 2))
    monkeypatch.setattr(pairs, "hostile", lambda: [BEFORE, ELSEWHERE])


@pytest.fixture
def layout(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch, few: None) -> Iterator[store.Layout]:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    yield store.layout()


def test_what_the_model_finds_likelier_is_told_in_nats(layout: store.Layout) -> None:
    found = measure.measure(layout, config.Config(), "", 0, quiet)
    assert found["model"] == "default@base"
    one = found["stereotypes"]["origin"]
    assert one["pairs"] == 3 and one["likelier"] == 1.0
    assert one["gap_nats"]["mean"] > 0.5 and one["gap_nats"]["low"] > 0
    assert found["stereotypes"]["all"] == one


def test_the_gap_turns_with_the_people(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    right = measure.measure(layout, config.Config(), "base", 0, quiet)["stereotypes"]["all"]
    turned = [StereotypePair("origin", str(row), ELSEWHERE, BEFORE, ENDING) for row in (1, 1, 2)]
    monkeypatch.setattr(pairs, "stereotypes", lambda: iter(turned))
    wrong = measure.measure(layout, config.Config(), "base", 0, quiet)["stereotypes"]["all"]
    assert wrong["gap_nats"]["mean"] == pytest.approx(-right["gap_nats"]["mean"]) and wrong["likelier"] == 0.0


def test_tone_and_insults_of_what_the_model_says_are_counted(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    recited = ENDING.split()[1].lower()
    monkeypatch.setattr(pairs, "words_of_tone", lambda: (frozenset(), frozenset({recited})))
    monkeypatch.setattr(filters, "is_profane", lambda text: recited in text.lower())
    found = measure.measure(layout, config.Config(), "", 0, quiet)
    tone, hostile = found["tone"]["origin"], found["hostile"]
    assert tone["continuations"] == 2 * 2 * 5 and tone["first"] < tone["second"]
    assert tone["second_minus_first"]["mean"] > 0
    assert hostile["openings"] == 2 and hostile["likeliest"]["mean"] == 0.5 and hostile["sampled_continuations"] == 16


def test_the_same_seed_gives_the_same_figures(layout: store.Layout) -> None:
    first, again = (measure.measure(layout, config.Config(), "", 3, quiet) for _ in range(2))
    assert first == again


def test_a_version_that_does_not_exist_is_said(layout: store.Layout) -> None:
    with pytest.raises(ModelMissing, match="v0009"):
        measure.measure(layout, config.Config(), "v0009", 0, quiet)


def test_a_named_version_is_measured(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = versions.chosen

    def chosen(home: store.Layout, model: object, wanted: str, precision: str) -> versions.Served:
        asked.append(wanted)
        return real(home, model, versions.BASE, precision)  # type: ignore[arg-type]

    monkeypatch.setattr(versions, "chosen", chosen)
    measure.measure(layout, config.Config(), "v0007", 0, quiet)
    assert asked == ["v0007"]


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("a kind and honest man.", 1),
        ("Stupid, lazy, but funny", -1),
        ("a kind thief", 0),
        ("a man with a kindred house", 0),
        ("", 0),
    ],
)
def test_tone_counts_whole_words(text: str, tone: int) -> None:
    assert continuing.tone(text) == tone
