"""Fit the trigger's prior on examples of a simulated writer.

    python -m shadowpen.daemon.evaluation.prior collect FOLDER EXAMPLES    a folder of one author's texts
    python -m shadowpen.daemon.evaluation.prior fit EXAMPLES...

`collect` types texts again on the configured model in its version `base`, without a memory, and writes down at each
place the features of what the model would offer and whether a writer takes something of it. Places where a rule keeps
silent, texts that are not worth reading and texts of one character, which nobody can take, are no examples.
`fit` prints the weights of a logistic regression, and how well they rank and how well they are calibrated on every
fifth example, kept out for that. Features that do not vary are left to whoever sets them by hand.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation import texts
from shadowpen.daemon.evaluation.reading import LANGUAGE, Probed, Recorder, probe
from shadowpen.daemon.markup import spots
from shadowpen.daemon.serving import model
from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.habits import Habits
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.showing.trigger import NAMES, features
from shadowpen.daemon.typist.keystrokes import choose
from shadowpen.daemon.wire.protocol import Complete

_RIDGE = 1.0  # keeps a weight near 0 that the examples say little of
_ROUNDS = 30
_KEPT_OUT = 5
_BINS = 10

Example = tuple[list[float], bool]  # the features, and whether something was taken


def collect(folder: Path, target: Path, *, characters: int, count: int, seed: int) -> None:
    """Write the examples of `count` texts of `folder` to `target`, a JSON array a line."""
    recorder, settings = Recorder(), config.load()
    served = model.load(store.layout(), settings, recorder)
    pieces = texts.pieces(
        texts.read(folder), folder, characters=characters, texts=count, context=texts.CONTEXT_CHARACTERS, seed=seed
    )
    try:
        with target.open("w", encoding="utf-8") as file:
            for piece in (one for one in pieces if one.is_typed):
                for example in examples(probe(served, recorder, piece.shown, piece.before), settings.completion):
                    file.write(json.dumps(example) + "\n")
                file.flush()
    finally:
        served.close()


def examples(probed: Probed, settings: CompletionSettings) -> Iterator[Example]:
    """What was offered at each place of a text, seen by a judge without a history."""
    for place in range(probed.start + 1, len(probed.text)):
        before, rest = probed.text[:place], probed.text[place:]
        request = Complete(id="e", document="fit", prefix=before, language=LANGUAGE, last_edit="typed")
        judge = Judge()
        if not probed.at(place) or judge.why_silent(request, settings):
            continue
        candidate = probed.at(place)[0]
        text = judge.filtered(request, candidate.text, settings)
        if len(text) > 1 and candidate.worth > 0:
            spot = spots.spot(before, LANGUAGE)
            yield list(features(candidate, CursorPlace(before, "", spot), Habits())), choose(text, rest) is not None


def fitted(numbers: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """The weights, by Newton's method; `numbers` is float64 [examples, features], `taken` 0 or 1."""
    weights = np.zeros(numbers.shape[1])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-numbers @ weights))
        gradient = numbers.T @ (taken - p) - _RIDGE * weights
        curvature = (numbers * (p * (1 - p))[:, None]).T @ numbers + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def ranking(p: np.ndarray, taken: np.ndarray) -> float:
    """The probability that what was taken has the higher `p` of two (AUC); ties are broken by their place."""
    ranks = np.empty(len(p))
    ranks[np.argsort(p, kind="stable")] = np.arange(1, len(p) + 1)
    positive = taken.sum()
    return float((ranks[taken == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(p) - positive)))


def calibration_error(p: np.ndarray, taken: np.ndarray) -> float:
    """The mean distance of what was taken from what was expected, over ten equal parts of the examples by `p`."""
    parts = np.array_split(np.argsort(p, kind="stable"), _BINS)
    return math.fsum(abs(float(p[part].mean() - taken[part].mean())) * len(part) for part in parts) / len(p)


def _fit(paths: Sequence[Path]) -> str:
    found = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    numbers = np.asarray([one[0] for one in found], np.float64)
    taken = np.asarray([one[1] for one in found], np.float64)
    varied = [at for at, name in enumerate(NAMES) if name == "always" or np.ptp(numbers[:, at]) > 0]
    is_kept_out = np.arange(len(found)) // 100 % _KEPT_OUT == 0  # neighbours are alike: a hundred at a time
    weights = fitted(numbers[~is_kept_out][:, varied], taken[~is_kept_out])
    p = 1 / (1 + np.exp(-numbers[is_kept_out][:, varied] @ weights))
    lines = [f"{NAMES[at]:16}{weight:7.2f}" for at, weight in zip(varied, weights, strict=True)]
    return "\n".join(
        [
            *lines,
            f"{len(found)} examples, {taken.mean():.3f} taken",
            f"AUC {ranking(p, taken[is_kept_out]):.3f}, calibration {calibration_error(p, taken[is_kept_out]):.3f}",
        ]
    )


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect")
    collecting.add_argument("folder", type=Path)
    collecting.add_argument("examples", type=Path)
    collecting.add_argument("--characters", type=int, default=600)
    collecting.add_argument("--texts", type=int, default=4)
    collecting.add_argument("--seed", type=int, default=0)
    commands.add_parser("fit").add_argument("examples", type=Path, nargs="+")
    told = parser.parse_args()
    if told.command == "fit":
        print(_fit(told.examples))
    else:
        collect(told.folder, told.examples, characters=told.characters, count=told.texts, seed=told.seed)


if __name__ == "__main__":
    main()
