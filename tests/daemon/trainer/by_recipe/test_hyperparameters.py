"""Hyperparameters are read one by one; what cannot be used leaves the default and one sentence."""

from __future__ import annotations

import pytest

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters, read


def test_values_are_read_as_their_types() -> None:
    given = ("learning_rate=1e-3", "schedule = linear", "epochs=2", "freeze=lowest 12", "patience=7")
    found, problems = read(Hyperparameters(), given)
    assert problems == []
    assert (found.learning_rate, found.schedule, found.epochs, found.freeze) == (1e-3, "linear", 2.0, "lowest 12")
    assert (found.patience, found.optimizer) == (7, "adafactor")


@pytest.mark.parametrize(
    "given",
    [
        "learning_rate=0",
        "learning_rate=nan",
        "learning_rate=fast",
        "schedule=wavy",
        "dropout=1",
        "epochs=-1",
        "freeze=lowest",
        "batch_rows=2.5",
        "seed=",
        "optimizer",
    ],
)
def test_what_cannot_be_used_leaves_the_default_and_one_sentence(given: str) -> None:
    found, problems = read(Hyperparameters(), [given, "rank=3"])
    assert found == Hyperparameters(rank=3)
    (problem,) = problems
    assert given.partition("=")[0] in problem
    assert "it stays" in problem


def test_what_is_not_there_or_not_followed_is_told() -> None:
    found, problems = read(Hyperparameters(), ["speed=3", "rank=4"], follows=("epochs",))
    assert found == Hyperparameters()
    assert "no hyperparameter 'speed'" in problems[0]
    assert "does not use rank" in problems[1]


def test_whole_numbers_become_what_they_are_meant_as() -> None:
    """Else a job would not be the same once it has been sent."""
    found, _ = read(Hyperparameters(epochs=2), [])
    assert isinstance(found.epochs, float)
