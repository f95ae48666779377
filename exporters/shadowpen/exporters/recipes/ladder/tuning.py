"""Make a tune for an installed model, with the lessons of the shipped one.

The texts are those of one folder, read as for learning. The tuned model is a model of its own, with the adapter beside
its checkpoint as the default model has it. Interrupted, the next try goes on from the trainer's checkpoint.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelUnsupported, TooLittleText
from shadowpen.daemon.corpus.documents import paragraphs
from shadowpen.daemon.corpus.folders import Report, read_folders
from shadowpen.daemon.corpus.split import encoder
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import BASE_ADAPTER, InstalledModel, Provenance
from shadowpen.daemon.trainer.job import TrainerEvent
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.exporters.checkpoints.base_adapter import NOTICE
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.recipes import install, notes_base, prose_base
from shadowpen.exporters.recipes.notes_base import TaskWeights
from shadowpen.exporters.recipes.prose_base import Portion

_FEWEST_TOKENS = 2_000
_JUDGING_SHARE = 0.1  # of each text's paragraphs, its last ones
_PORTION = Portion(
    pairs=sum(one.pairs for one in prose_base.PORTIONS.values()),
    pieces=sum(one.pieces for one in prose_base.PORTIONS.values()),
)
_TASKS = TaskWeights(
    telegrams=sum(one.telegrams for one in notes_base.TASK_WEIGHTS.values()),
    stubs=sum(one.stubs for one in notes_base.TASK_WEIGHTS.values()),
    leads=sum(one.leads for one in notes_base.TASK_WEIGHTS.values()),
    prose=sum(one.prose for one in notes_base.TASK_WEIGHTS.values()),
)


@dataclass(frozen=True)
class Plans:
    """How the two lessons are learned; as the shipped tune was, unless somebody says otherwise."""

    prose: LoraPlan = prose_base.PLAN
    notes: LoraPlan = notes_base.PLAN


class TunedSource:
    """An installed model's checkpoint with another adapter beside it, as a source of a further model."""

    def __init__(self, model: InstalledModel, adapter: Path) -> None:
        self.locator = model.manifest.source.locator
        self._model, self._adapter = model, adapter

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        """See `CheckpointSource`."""
        shutil.copytree(self._model.source, folder, dirs_exist_ok=True)
        shutil.copytree(self._adapter, folder / BASE_ADAPTER)
        return self._model.manifest.source

    def gave(self, provenance: Provenance) -> bool:
        return provenance == self._model.manifest.source


def tune(
    name: str,
    texts: Path,
    new_name: str,
    progress: Progress,
    *,
    layout: store.Layout | None = None,
    settings: config.Config | None = None,
    plans: Plans | None = None,
) -> InstalledModel:
    """Have the model `name` with a tune on the texts in the folder `texts` installed as `new_name`.

    Raises ConfigInvalid where `new_name` is taken, ModelUnsupported for a model that cannot have a tune, TooLittleText,
    TrainingUnavailable without the packages for learning, and what the trainer and `install` raise.
    """
    layout, plans = layout or store.layout(), plans or Plans()
    settings = settings or config.load(layout.config_file)
    packages.require()
    model = _tunable(name, layout)
    models.check_name(new_name)
    if new_name in models.names(layout):
        raise ConfigInvalid(
            f"There is a model named '{new_name}' already.", "Give the tuned one another name with --name."
        )
    progress("Reading the texts")
    learned, judging, files = _texts(texts, layout, settings)
    work = store.private_directory(layout.training / "tunes" / new_name)
    adapter = _adapter(model, (learned, judging), work, plans, progress)
    (adapter / NOTICE).write_text(
        f"This adapter changes the weights of the model from {model.manifest.source.locator}. It learned from {files} "
        "texts that whoever made it had in a folder.\n",
        "utf-8",
    )
    precisions = list(model.manifest.precisions)
    made = install.install(
        TunedSource(model, adapter), new_name, precisions, progress, accept_licence=True, layout=layout
    )
    shutil.rmtree(work, ignore_errors=True)
    return made.model


def _tunable(name: str, layout: store.Layout) -> InstalledModel:
    model = models.resolve(name, layout)
    if model.manifest.base_adapter_sha256:
        raise ModelUnsupported(
            f"The model '{name}' has a tune already.", "Tune the model without it: `shadowpen setup --untuned`."
        )
    if model.manifest.exporter != "fused":
        raise ModelUnsupported(
            f"The model '{name}' has no fused graph, and only models that have one can be tuned.",
            "Learning from your text works for it: `shadowpen train now`.",
        )
    return model


def _texts(folder: Path, layout: store.Layout, settings: config.Config) -> tuple[list[str], list[str], int]:
    """What is learned, what judges, and of how many texts; each text's last paragraphs judge."""
    left_out = forgotten.load(layout.forgotten)
    learned: list[str] = []
    judging: list[str] = []
    for found in read_folders([str(folder)], settings.learning, Report(), left_out):
        parts = [found.text[start:end] for start, end in paragraphs(found.text)]
        cut = len(parts) - round(len(parts) * _JUDGING_SHARE)
        learned.append("\n\n".join(parts[:cut]))
        judging.append("\n\n".join(parts[cut:]))
    return learned, judging, len(learned)


def _adapter(
    model: InstalledModel, texts: tuple[list[str], list[str]], work: Path, plans: Plans, progress: Progress
) -> Path:
    """The folder of the adapter of both lessons, joined."""
    manifest = model.manifest
    encode = encoder(model.tokenizer, manifest.architecture.vocab)
    end_id = manifest.eos_ids[0]
    prose = prose_base.examples_of(texts, _PORTION, encode, end_id, random.Random(plans.prose.seed))
    notes = notes_base.examples_of(texts, _TASKS, encode, end_id, random.Random(plans.notes.seed))
    for train, _ in (prose, notes):
        _check_enough(train)
    first, tuned = work / "first", work / "tuned"
    if not (first / NOTICE).is_file():  # written last
        prose_base.learn(model.source, manifest, plans.prose, prose, work / "prose", _teller("prose", progress))
        prose_base.halve(work / "prose", store.private_directory(first))
        (first / NOTICE).touch(0o600)
    shutil.rmtree(tuned, ignore_errors=True)
    shutil.copytree(model.source, tuned)
    shutil.copytree(first, tuned / BASE_ADAPTER)
    prose_base.learn(tuned, manifest, plans.notes, notes, work / "notes", _teller("notes", progress))
    joined = store.private_directory(work / "joined")
    notes_base.join(first, work / "notes", joined)
    return joined


def _check_enough(train: Sequence[tuple[list[int], list[float]]]) -> None:
    tokens = sum(len(ids) for ids, _ in train)
    if tokens < _FEWEST_TOKENS:
        raise TooLittleText(
            f"There is too little prose for a tune: {tokens:,} tokens, and {_FEWEST_TOKENS:,} are needed.",
            "Name a folder with more of it: whole sentences in paragraphs.",
        )


def _teller(lesson: str, progress: Progress) -> Callable[[TrainerEvent], None]:
    def tell(event: TrainerEvent) -> None:
        if event.kind == "progress":
            progress(f"Training on {lesson}: {event.data['phase']}", event.data["done"], event.data["total"])

    return tell
