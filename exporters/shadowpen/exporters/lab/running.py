"""Run one recipe in the lab: train in a separate home, install the model, measure it.

The user's versions and journal are read at most, never changed. What is finished is kept; a run that was interrupted
goes on when it is asked for again.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import config, sections, store
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.corpus.split import Split, TokenizedDocument, split
from shadowpen.daemon.evaluation.keys import PIECES
from shadowpen.daemon.evaluation.reading import Recorder
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.gate import MAX_GENERAL_RATIOS
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import PREFIX
from shadowpen.daemon.storage.placement import place
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.trainer.by_recipe import registry as recipes
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.exporters.checkpoints.version_weights import version_weights
from shadowpen.exporters.lab import made_model, results
from shadowpen.exporters.lab.measured import Measured, differences, judged, keep, kept
from shadowpen.exporters.lab.measuring import measure
from shadowpen.exporters.lab.results import BASE, LabResult, LearnedModel
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.recipes.exported_again import open_installed
from shadowpen.exporters.recipes.personal import PersonalRun

_SPENT = "spent.json"
_SCORES = "scores.npz"
_OF_MEASURING = ("held_out", "pieces")  # asked of the measuring alone: another answer needs no other model


@dataclass(frozen=True)
class LabPlan:
    """What a run of the lab is asked for; `texts` None are the user's own."""

    out: Path
    texts: Path | None
    most_tokens: int
    given: tuple[str, ...] = ()
    pieces: int = PIECES  # typed by the simulated writer
    full_speed: bool = False


class Lab:
    """Runs recipes one after another, on the same parts of the same texts."""

    def __init__(self, layout: store.Layout, settings: config.Config, plan: LabPlan, tell: Progress) -> None:
        self._layout, self._settings, self._plan, self._tell = layout, settings, plan, tell
        self.model = models.resolve(settings.model.name, layout)
        self.precision = place(layout, settings.model, self.model, for_current=False).precision
        manifest = self.model.manifest
        self._tokenizer = Tokenizer(
            self.model.tokenizer, manifest.bos_id, manifest.eos_ids, rows=manifest.architecture.vocab
        )
        self._learning = settings.learning
        if plan.texts is not None:
            self._learning = sections.LearningSettings(enabled="on", folders=[str(plan.texts.resolve())])

    def base(self) -> LabResult:
        """How the model reads as it came; measured once."""
        folder, asked = self._folder(BASE), self._asked_to_measure()
        known = results.read(folder)
        if known is not None and known.asked == asked:
            return known
        measured = self._measured(self._layout, self.model.name, folder)
        size = sum(path.stat().st_size for path in self.model.graph(self.precision).parent.iterdir())
        return self._kept(folder, measured, recipe=BASE, asked=asked, size_mb=size / 1e6)

    def run(self, name: str, trainer: TrainerProcess) -> tuple[LabResult, list[str]]:
        """The result of a recipe, and a sentence for each hyperparameter that could not be used.

        Raises Stopped when `trainer` was asked to stop, and what training raises.
        """
        recipe, chosen, problems = recipes.chosen(name, self._plan.given)
        self.base()
        folder, asked = self._folder(name), self._asked(sorted(f"{k}={v}" for k, v in _plain(chosen).items()))
        known = results.read(folder)
        if known is not None and known.asked == asked:
            return known, problems
        learned_for = {name: value for name, value in asked.items() if name not in _OF_MEASURING}
        learned = results.read_learned(folder)
        if learned is None or learned.asked != learned_for:
            run = self._personal(name, recipe.plan(name, chosen), trainer, folder)
            learned = self._learned(run, folder, learned_for)
        measured = self._measured(replace(self._layout, models=folder / "models"), name, folder)
        result = self._kept(
            folder,
            measured,
            recipe=name,
            asked=asked,
            hyperparameters=_plain(recipe.plan(name, chosen)),
            learned_tokens=learned.tokens,
            minutes=learned.minutes,
            peak_memory_mb=learned.peak_memory_mb,
            size_mb=learned.size_mb,
            **self._against_base(measured),
        )
        shutil.rmtree(folder / "home", ignore_errors=True)
        return result, problems

    @cached_property
    def parts(self) -> Split:
        """The texts to learn and those to measure with, the same for every recipe."""
        documents = collect(self._layout if self._plan.texts is None else self._home(BASE), self._learning).documents
        return split(documents, self._tokenizer.encode_with_places, self._plan.most_tokens, in_paragraphs=True)

    def _folder(self, name: str) -> Path:
        return store.private_directory(self._plan.out / name)

    def _home(self, name: str) -> store.Layout:
        """A home without anything of the user's but the installed models."""
        home = self._folder(name) / "home"
        return store.Layout(home, home, home / "cache", home / "run", home / "logs", self._layout.models)

    def _asked_to_measure(self) -> dict[str, str]:
        return {
            "model": self.model.manifest.weights_sha256,
            "precision": self.precision,
            "held_out": _sha256(self.parts.held_out),
            "pieces": str(self._plan.pieces),
        }

    def _asked(self, hyperparameters: Iterable[str]) -> dict[str, str]:
        return {
            **self._asked_to_measure(),
            "learned": _sha256((*self.parts.train, *self.parts.validation)),
            "hyperparameters": " ".join(hyperparameters),
        }

    def _personal(self, name: str, plan: Any, trainer: TrainerProcess, folder: Path) -> PersonalRun:
        settings = replace(self._settings, learning=self._learning)
        run = PersonalRun(
            self._home(name),
            settings,
            _Relayed(self._tell),
            trainer=trainer,
            plan=plan,
            gives_way=not self._plan.full_speed,
            pause_idle_s=0.0 if self._plan.full_speed else None,
            journal_of=self._layout if self._plan.texts is None else None,
        )
        store.private_directory(folder / "models")
        return run

    def _learned(self, run: PersonalRun, folder: Path, asked: dict[str, str]) -> LearnedModel:
        """Train and make a model; what it took, with the minutes of all attempts."""
        spent = folder / _SPENT
        before = msgspec.json.decode(spent.read_bytes(), type=float) if spent.exists() else 0.0
        started = time.monotonic()
        try:
            with runs.only_run(run.layout):
                made, learned = run.learn(self.parts)
        finally:
            minutes = before + (time.monotonic() - started) / 60
            store.write_atomic(spent, msgspec.json.encode(minutes))
        target = folder / "models" / run.recipe
        if (made / PREFIX).exists():
            made_model.with_prefix(self.model, made, self.precision, target)
        elif recipes.load(run.recipe).lab_only:
            made_model.from_scratch(self.model, made, target, self._tell)
        else:
            weights = version_weights(open_installed(self.model), made, run.candidate(self.parts, learned))
            made_model.of_weights(self.model, weights, self.precision, target, self._tell)
        size_mb = sum(path.stat().st_size for path in target.glob("*/*")) / 1e6
        tokens = sum(len(tokens.ids) for tokens in self.parts.train)
        peak = float(learned.get("peak_memory_mb", 0.0))
        found = LearnedModel(asked=asked, tokens=tokens, minutes=minutes, peak_memory_mb=peak, size_mb=size_mb)
        results.write_learned(folder, found)
        spent.unlink()
        return found

    def _measured(self, layout: store.Layout, name: str, folder: Path) -> Measured:
        settings = replace(
            self._settings, model=replace(self._settings.model, name=name, precision="auto", profile="full")
        )
        home = replace(self._home(folder.name), models=layout.models)
        recorder = Recorder()
        served = serving.load(home, settings, recorder)
        try:
            measured = measure(
                served, recorder, self.parts.held_out, self._tokenizer, settings, self._tell, pieces=self._plan.pieces
            )
        finally:
            served.close()
        keep(folder / _SCORES, measured)
        return measured

    def _against_base(self, measured: Measured) -> dict[str, Any]:
        """The differences from the base, and the reasons of the gate against a candidate, in its place."""
        base = kept(self._folder(BASE) / _SCORES)
        learning = self._settings.learning
        verdict = judged(base, measured, MAX_GENERAL_RATIOS[learning.strength], learning.stereotype_margin)
        found = {
            name: tuple(None if value is None else round(value, 5) for value in (one.mean, one.low, one.high))
            for name, one in differences(base, measured).items()
        }
        return {"against_base": found, "gate": list(verdict.reasons)}

    def _kept(self, folder: Path, measured: Measured, **more: Any) -> LabResult:
        loss = float(measured.own.nats.mean())
        result = LabResult(
            model=self.model.name,
            held_out_tokens=len(measured.own.nats),
            loss=round(loss, 5),
            perplexity=round(math.exp(loss), 4),
            general_perplexity=round(measured.general_perplexity, 4),
            next_words=round(measured.next_words, 5),
            typed_characters=measured.characters,
            ksr=round(measured.saved(1), 5) if measured.typed else 0.0,
            net_ksr=round(measured.saved(2), 5) if measured.typed else 0.0,
            stereotype_gap=round(measured.gap, 5),
            **more,
        )
        results.write(folder, result)
        return result


class _Relayed(EventWriter):
    """Hands a run's progress on."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell

    def progress(self, step: str, done: float = 0, total: float = 0, **more: Any) -> None:
        self._tell(step, done, total)

    def write(self, kind: str, **data: Any) -> None:
        """Pauses and resumptions are seen in the progress itself."""


def _sha256(documents: Iterable[TokenizedDocument]) -> str:
    """Of the very texts: a document may be cut."""
    return hashlib.sha256("\0".join(tokens.document.text for tokens in documents).encode()).hexdigest()


def _plain(chosen: msgspec.Struct) -> dict[str, Any]:
    return {
        name: value for name, value in msgspec.structs.asdict(chosen).items() if isinstance(value, int | float | str)
    }
