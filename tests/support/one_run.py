"""One run of training in a process of its own, for tests that kill it: `one_run.py HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.exporters.graphs import scoring
from shadowpen.exporters.recipes import personal
from support.models.authors import OTHERS, SUBJECTS, Home, sentences

PLAN = FullPlan(learning_rate=2e-3, batch_rows=1, rehearsed_share=0.2, checkpoint_every=3, dtype="float32")


def general_texts() -> list[str]:
    """A few sentences of the tiny model's own small world."""
    return [" ".join(sentences(99 + number, (*SUBJECTS, *OTHERS), 12)) for number in range(8)]


if __name__ == "__main__":
    for module in (personal, scoring):
        module.general_texts = general_texts  # type: ignore[attr-defined]
    outcome = Home(Path(sys.argv[1]), PLAN).run(trainer=TrainerProcess())()
    assert outcome is not None
