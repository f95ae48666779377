"""daemon/evaluation/prior.py: what counts as an example, and the regression on them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation.prior import calibration_error, examples, fitted, ranking
from shadowpen.daemon.evaluation.reading import Probed
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.trigger import NAMES

TEXT = "We walked home along the river and talked about the winter that was to come."


def probed(offers: dict[int, Candidate]) -> Probed:
    return Probed(TEXT, 0, tuple((offers[n],) if n in offers else () for n in range(len(TEXT))))


def offered(text: str, worth: float = 5.0) -> Candidate:
    return Candidate(text, 0.5, 0.5, margin=0.4, worth=worth)


def test_an_example_says_whether_something_of_the_text_was_taken() -> None:
    found = list(examples(probed({2: offered(" walked to town"), 9: offered(" away")}), CompletionSettings()))
    assert [taken for _, taken in found] == [True, False]
    assert all(len(numbers) == len(NAMES) for numbers, _ in found)
    assert found[0][0][NAMES.index("margin")] == pytest.approx(0.4)


@pytest.mark.parametrize("candidate", [offered("d"), offered(" walked", worth=-1.0), offered("...")])
def test_what_nobody_is_shown_or_can_take_is_no_example(candidate: Candidate) -> None:
    assert not list(examples(probed({8: candidate}), CompletionSettings()))


def drawn(weights: list[float], count: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    numbers = np.column_stack([np.ones(count), random.normal(size=(count, len(weights) - 1))])
    p = 1 / (1 + np.exp(-numbers @ np.asarray(weights)))
    return numbers, (random.random(count) < p).astype(np.float64), p


def test_the_weights_that_made_the_examples_are_found() -> None:
    numbers, taken, _ = drawn([-0.5, 1.0, -2.0])
    assert fitted(numbers, taken) == pytest.approx([-0.5, 1.0, -2.0], abs=0.15)


def test_the_truth_ranks_well_and_is_calibrated() -> None:
    _, taken, p = drawn([-0.5, 1.0, -2.0])
    assert ranking(p, taken) > 0.8 > 0.55 > ranking(np.random.default_rng(1).random(len(p)), taken)
    assert calibration_error(p, taken) < 0.05 < calibration_error(p**4, taken)


def test_the_command_prints_the_weights_of_what_varies(tmp_path: Path) -> None:
    numbers, taken, _ = drawn([-0.5, 1.0], 500)
    rows = [([1.0, x, *[0.0] * (len(NAMES) - 2)], bool(y)) for x, y in zip(numbers[:, 1], taken, strict=True)]
    (tmp_path / "examples").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, "-m", "shadowpen.daemon.evaluation.prior", "fit", str(tmp_path / "examples")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert [line.split()[0] for line in told.splitlines()] == ["always", "first_word", "500", "AUC"]
