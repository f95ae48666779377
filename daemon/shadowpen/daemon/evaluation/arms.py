"""The arms of an evaluation: the untuned model, the default, and both with memory and training.

Each arm learns in a home of its own, from nothing but the texts it is given; the author's journal, memory, versions and
trigger are neither read nor changed. Training is the product's own, in the process that `shadowpen train` starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shadowpen.daemon.base import config, sections, store
from shadowpen.daemon.base.errors import ShadowpenError, from_code
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.evaluation import reading
from shadowpen.daemon.evaluation.texts import Excerpt
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.memory.index.texts import TextEncoder
from shadowpen.daemon.memory.memory import Memory
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.trainer.job import parse_event

UNTUNED_MODEL = "untuned"
# -P: never import from the folder the process happens to stand in.
FULL_TUNING = (sys.executable, "-P", "-m", "shadowpen.exporters.recipes.full")
_FULL_MODEL = "full"
_TEXTS = "texts"
_TRAINED = "trained.json"


@dataclass(frozen=True)
class Arm:
    """One arm of an evaluation: a model, with or without memory and training.

    `model` is the installed model's name, "" for the one that is set.

    What is trained in the `naive` way is served whatever came of it, see exporters/recipes/full.py.
    """

    name: str
    meaning: str
    model: str = ""
    remembers: bool = False
    trains: bool = False
    naive: bool = False


ARMS = {
    arm.name: arm
    for arm in (
        Arm("untuned", "the model before it was tuned on prose", model=UNTUNED_MODEL),
        Arm("base", "the model that is set, as it came"),
        Arm("memory", "the same with the author's memory", remembers=True),
        Arm("adapter", "the same trained on the author's text", trains=True),
        Arm("both", "memory and training", remembers=True, trains=True),
        Arm("full", "every weight trained on the author's text and on nothing else", trains=True, naive=True),
    )
}


def why_not(arm: Arm, layout: store.Layout, settings: config.Config) -> str:
    """The sentence why an arm cannot be measured here; "" if it can."""
    try:
        models.resolve(arm.model or settings.model.name, layout)
        if arm.trains:
            packages.require()
    except ShadowpenError as error:
        return error.message
    return ""


class _Memory(Remembering):
    """The author's memory with these texts in it, and nothing from journal or folders."""

    def open(self, tokens: TextEncoder) -> None:
        self.in_use = Memory.open(self._layout.memory, tokens)

    def hold(self, documents: Sequence[Document]) -> None:
        assert self.in_use is not None
        self.in_use.refresh(lambda: documents, most_live_tokens=0)

    def learn(self, document: Document) -> None:
        """Learn a text; it counts from the next key on."""
        assert self.in_use is not None
        self.in_use.learn(document)


class Student:
    """An arm at work. `known` is learned before the first text; `home` outlives an interruption."""

    def __init__(
        self, arm: Arm, layout: store.Layout, settings: config.Config, home: Path, known: Sequence[Document]
    ) -> None:
        self._arm = arm
        self._layout = store.Layout(home, home, home / "cache", home / "run", home / "logs", layout.models)
        self._settings = replace(
            settings,
            model=replace(settings.model, name=arm.model or settings.model.name, profile="full"),
            learning=sections.LearningSettings(enabled="on"),
        )
        self._memory = _Memory(self._layout) if arm.remembers else None
        self._documents = list(known)
        self._recorder = reading.Recorder()
        installed = models.resolve(self._settings.model.name, self._layout)
        self._tokenizer = Tokenizer(
            installed.tokenizer,
            installed.manifest.bos_id,
            installed.manifest.eos_ids,
            rows=installed.manifest.architecture.vocab,
        )
        self._served = self._load()
        if self._memory is not None:
            self._memory.hold(self._documents)

    @property
    def model_name(self) -> str:
        return self._served.name

    @property
    def learned_characters(self) -> int:
        """The characters of all texts that it may have learned so far."""
        learns = self._arm.remembers or self._arm.trains
        return sum(len(document.text) for document in self._documents) if learns else 0

    @property
    def notes(self) -> list[str]:
        """How each training ended, in a sentence."""
        return list(self._training().values())

    @property
    def judge_states(self) -> Path:
        """The folder of what the trigger learned."""
        return store.private_directory(self._layout.data / "triggers")

    def probe(self, piece: Excerpt, tell: reading.Told) -> reading.Probed:
        return reading.probe(self._served, self._recorder, piece.shown, piece.before, tell)

    def bits(self, piece: Excerpt) -> tuple[float, int]:
        memory = self._memory.in_use if self._memory is not None else None
        return reading.bits(self._served.engine, self._tokenizer, piece.shown, piece.before, memory)

    def general_perplexity(self, tell: reading.Told) -> float:
        return reading.general_perplexity(self._served.engine, self._tokenizer, tell)

    def learn(self, document: Document) -> None:
        """The text was typed; the memory has it at once, the trainer at its next run."""
        self._documents.append(document)
        if self._memory is not None:
            self._memory.learn(document)

    def train(self, tell: Callable[[str, float, float], None]) -> None:
        """Train on all texts so far, unless that was done, and serve what comes of it if it is better."""
        done = self._training()
        if str(len(self._documents)) in done:
            return
        done[str(len(self._documents))] = self._trained(self._written(), tell)
        store.write_atomic(self._layout.data / _TRAINED, json.dumps(done).encode())
        self._served.close()
        self._served = self._load()

    def close(self) -> None:
        self._served.close()
        if self._memory is not None:
            self._memory.close()

    def _load(self) -> model.ServedModel:
        layout, settings = self._layout, self._settings
        if self._arm.naive and (self._naive_models / _FULL_MODEL / models.MANIFEST).is_file():
            layout = replace(layout, models=self._naive_models)
            settings = replace(settings, model=replace(settings.model, name=_FULL_MODEL))
        return model.load(layout, settings, self._recorder, self._memory)

    @property
    def _naive_models(self) -> Path:
        return self._layout.data / "models"

    def _training(self) -> dict[str, str]:
        """How many texts were trained on, and how that ended."""
        path = self._layout.data / _TRAINED
        return json.loads(path.read_bytes()) if path.exists() else {}

    def _written(self) -> Path:
        """All texts so far as files, dated as they are."""
        folder = store.private_directory(self._layout.data / _TEXTS)
        for number, document in enumerate(self._documents):
            path = folder / f"{number:05}.md"
            if not path.exists():
                store.write_atomic(path, document.text.encode("utf-8", "replace"), durable=False)
            os.utime(path, (document.time, document.time))
        return folder

    def _trained(self, folder: Path, tell: Callable[[str, float, float], None]) -> str:
        """Run the trainer; TrainingError and its kind become a sentence, for there may be too little text yet."""
        name = self._settings.model.name
        environment = _environment(self._layout, name, folder)
        command = [*runs.COMMAND, "--full-speed"]
        if self._arm.naive:
            places = ("--texts", str(folder), "--models", str(self._naive_models))
            command = [*FULL_TUNING, "--model", name, *places]
        last: Mapping[str, object] = {"event": "failed", "message": "Training exited without a result.", "code": ""}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                event = parse_event(line)
                if event is None:
                    continue
                if event.kind == "progress":
                    tell(str(event.data["phase"]), float(event.data["done"]), float(event.data["total"]))
                else:
                    last = {"event": event.kind, **event.data}
        if last["event"] == "failed":
            return from_code(str(last.get("code", "")), str(last["message"])).message
        if self._arm.naive:
            return f"Every weight was trained on {last.get('tokens')} tokens."
        return f"Version {versions.current(self._layout).version or versions.BASE} answers: {last['event']}."


def _environment(layout: store.Layout, model_name: str, folder: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SHADOWPEN_")}
    return {
        **ours,
        "SHADOWPEN_HOME": str(layout.data),
        "SHADOWPEN_MODELS": str(layout.models),
        "SHADOWPEN_MODEL_NAME": model_name,
        "SHADOWPEN_LEARNING_ENABLED": "on",
        "SHADOWPEN_LEARNING_FOLDERS": str(folder),
    }
