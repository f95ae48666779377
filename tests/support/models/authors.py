"""Authors of a tiny world, and a home in which a tiny model learns from one of them."""

from __future__ import annotations

import dataclasses
import io
import random
from pathlib import Path
from typing import Any

from shadowpen.daemon.base import config, sections, store
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.corpus.split import Split, split
from shadowpen.daemon.storage import versions
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter, parse_event
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.exporters.recipes.personal import PersonalRun

from .trainer_here import TrainerHere

SUBJECTS = ("dog", "river", "winter", "boats")
OTHERS = ("letter", "brother", "morning", "tide")


def sentences(seed: int, subjects: tuple[str, ...], count: int) -> list[str]:
    dice = random.Random(seed)
    verbs, places = (
        ("walked along", "waited for", "wrote to", "kept"),
        ("the harbour", "the light", "her house", "it all"),
    )
    return [
        f"The {dice.choice(subjects)} {dice.choice(verbs)} {dice.choice(places)} and thought about the "
        f"{dice.choice(subjects)}."
        for _ in range(count)
    ]


def write_texts(folder: Path, seed: int, subjects: tuple[str, ...], documents: int = 20) -> Path:
    folder.mkdir(parents=True)
    for number in range(documents):
        lines = sentences(seed * 1_000 + number, subjects, 20)
        paragraphs = [" ".join(lines[start : start + 4]) for start in range(0, 20, 4)]
        (folder / f"2024-01-{number + 1:02}.md").write_text("\n\n".join(paragraphs))
    return folder


class Home:
    """A state folder with a tiny model and one author, and what the last run told.

    Its runs train in this process, unless they are given another trainer.
    """

    def __init__(self, root: Path, plan: LoraPlan | FullPlan) -> None:
        self.root, self.plan = root, plan
        self.texts = root / "texts"
        self.layout = store.Layout(root, root, root / "cache", root / "run", root / "logs", root / "models")
        self.settings = config.Config(
            learning=sections.LearningSettings(enabled="on", folders=[str(self.texts)], idle_s=0),
        )
        self.told = io.StringIO()

    def run(self, **changes: Any) -> PersonalRun:
        self.told = io.StringIO()
        run = PersonalRun(self.layout, self.settings, EventWriter(self.told), plan=self.plan, gives_way=False)
        return dataclasses.replace(run, **({"trainer": TrainerHere()} | changes))

    def parts(self, texts: Path | None = None) -> Split:
        learning = sections.LearningSettings(folders=[str(texts or self.texts)])
        return split(collect(self.layout, learning).documents, self.run().encode, 100_000)

    def served(self) -> versions.Served:
        run = self.run()
        return versions.served(self.layout, run.model, run.precision)

    def events(self) -> list[Any]:
        return [parse_event(line) for line in self.told.getvalue().splitlines()]
