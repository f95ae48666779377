"""From the author's text to a better model, or to none: learn, merge, export, judge, and only then serve.

A run gathers the text, has the trainer make an adapter, exports it as it would be served, and lets the gate decide on
that very graph. Whatever happens, what is served is complete and gated: `current` moves as the last step. Progress
goes to training/status.json and to whoever listens. Its process is process.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ExportRejected, ShadowpenError
from shadowpen.daemon.corpus.corpus import Corpus, collect
from shadowpen.daemon.corpus.split import Encode, Split, Tokens, encoder, split
from shadowpen.daemon.learning import packages, runs
from shadowpen.daemon.learning.activity import activity_file
from shadowpen.daemon.learning.gate import Decision, decide
from shadowpen.daemon.learning.readiness import is_ready, measure
from shadowpen.daemon.learning.withdrawal import withdraw
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.models import ADAPTER, Precision
from shadowpen.daemon.storage.versions import Base, Source, Version
from shadowpen.daemon.trainer.job import RESULT, Job, Said, Teller, rows_of
from shadowpen.daemon.trainer.loop import Plan, Stopped
from shadowpen.daemon.trainer.packing import Packed, pack
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.daemon.trainer.replay import OPENINGS
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.base_adapter import open_base
from shadowpen.exporters.checkpoints.merged_weights import MergedWeights
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.graph_reader import GraphReader
from shadowpen.exporters.graphs.scoring import general_perplexity, general_texts, score_own

MAX_TRAIN_TOKENS = 100_000  # two passes take half an hour on two cores
_GENERAL_RATIO_IN_TRAINING = 1.008  # a little under the gate's, which is measured on the exported graph
_GENERAL_SHARE_IN_TRAINING = 4  # every fourth text: the strength is chosen by trying several
_ADAPTER_FILES = (ADAPTER, "adapter_config.json")


@dataclass
class Outcome:
    """How a run ended: the version it made, promoted or rejected with `reasons`."""

    version: Version
    promoted: bool
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass
class Run:
    """One run. `teller` hears of it, `plan` and `max_train_tokens` are for tests and measurements."""

    layout: store.Layout
    settings: configuration.Config
    teller: Teller
    trainer: TrainerProcess = field(default_factory=TrainerProcess)
    plan: Plan = field(default_factory=Plan)
    max_train_tokens: int = MAX_TRAIN_TOKENS
    gives_way: bool = True
    pause_idle_s: float | None = None

    def __post_init__(self) -> None:
        self.model = models.resolve(self.settings.model.name, self.layout)
        self.precision = self.model.precision(self.settings.model.precision, models.device(self.settings.model.device))
        self.encode: Encode = encoder(self.model.tokenizer)
        self.bos_id = self.model.manifest.bos_id
        self.status = runs.StatusKeeper(self.layout, runs.status(self.layout))

    def __call__(self, *, only_if_ready: bool = False) -> Outcome | None:
        """Do it all; None if it is `only_if_ready` and there is too little new text.

        Raises TooLittleText, TrainingError, TrainingUnavailable, StateUnusable, Stopped and the like.
        """
        started = time.monotonic()
        packages.require()
        with runs.only_run(self.layout):
            if withdraw(self.layout):
                self.status = runs.StatusKeeper(self.layout, runs.status(self.layout))
                reload_daemon(self.layout)
            corpus = collect(self.layout, self.settings.learning)
            readiness = measure(corpus.documents, self.encode, self.status.before)
            if only_if_ready and not is_ready(readiness, self.settings.learning):
                return None
            try:
                outcome = self.learn_and_judge(self.parts(corpus))
            except BaseException as error:
                self._tell_failure(error)
                raise
            self.status.learned_from(readiness.own_tokens, readiness.edits)
            outcome.seconds = time.monotonic() - started
            self._tell_outcome(outcome)
        return outcome

    # --- what is learned -----------------------------------------------------------------------------

    def parts(self, corpus: Corpus) -> Split:
        """What is learned and what judges; of an unfinished run, what it had."""
        self.progress("Reading your texts")
        documents = runs.as_pending(self.layout, corpus.documents)
        parts = split(documents, self.encode, self.max_train_tokens)
        runs.remember(self.layout, documents)
        return parts

    def job(self, parts: Split) -> Job:
        """What the trainer is given."""
        general = [(ids, [1.0] * len(ids)) for ids in self._general_ids()[::_GENERAL_SHARE_IN_TRAINING]]
        replay = self.layout.training / "replay" / self.model.manifest.weights_sha256[:16]
        pause = self.settings.learning.idle_s if self.pause_idle_s is None else self.pause_idle_s
        return Job(
            source=str(self.model.source),
            weights_sha256=self.model.manifest.weights_sha256,
            run_folder="",
            replay_folder=str(replay),
            activity_file=str(activity_file(self.layout)),
            pause_idle_s=pause,
            gives_way=self.gives_way,
            plan=self.plan,
            openings=[self.encode(opening)[0] for opening in OPENINGS],
            bos_id=self.bos_id,
            max_general_ratio=_GENERAL_RATIO_IN_TRAINING,
            rows={
                "train": rows_of(self._packed(parts.train)),
                "validation": rows_of(self._packed(parts.validation)),
                "general": rows_of(pack(general, self.bos_id)),
            },
        )

    def _packed(self, documents: Sequence[Tokens]) -> Packed:
        return pack([(tokens.ids, tokens.weights) for tokens in documents], self.bos_id)

    def _general_ids(self) -> list[list[int]]:
        return [self.encode(text)[0] for text in general_texts()]

    # --- from rows to a version ----------------------------------------------------------------------

    def learn_and_judge(self, parts: Split) -> Outcome:
        """An adapter from these parts, its version and the gate's word on it."""
        job = self.job(parts)
        folder = runs.run_folder(self.layout, job.fingerprint())
        self.trainer.run(msgspec.structs.replace(job, run_folder=str(folder)), self._heard)
        learned = msgspec.json.decode((folder / RESULT).read_bytes())
        outcome = self.judge(folder, parts, learned)
        runs.finish(self.layout)
        return outcome

    def judge(self, adapter: Path, parts: Split, learned: dict[str, Any]) -> Outcome:
        """Export the adapter in a folder, score the graph, decide, and publish the version, served if promoted."""
        staged = store.private_directory(self.layout.training / "candidate")
        shutil.rmtree(staged)
        store.private_directory(staged)
        try:
            for name in _ADAPTER_FILES:
                shutil.copyfile(adapter / name, staged / name)
                (staged / name).chmod(0o600)
            precisions, decision = self._decided(staged, parts)
            version = self._version(staged, parts, learned, precisions, decision)
            return Outcome(version, decision.promote, decision.reasons)
        except OSError as error:
            raise store.unusable(staged, error) from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def _decided(self, staged: Path, parts: Split) -> tuple[dict[str, Precision], Decision]:
        base = open_base(self.model.source)
        merged = MergedWeights(base, staged)
        try:
            made = export(merged, staged, [self.precision], self.progress, tokenizer=self.model.tokenizer)
        except ExportRejected as error:
            return {}, Decision(False, (error.message,), {})
        exported = msgspec.convert(made["precisions"], dict[str, Precision])
        architecture = base.architecture
        served = versions.served(self.layout, self.model, self.precision)
        scored = self._scored("what is served now", served.graph, architecture, parts.held_out)
        candidate = self._scored("the candidate", staged / self.precision / "model.onnx", architecture, parts.held_out)
        general = self._general("the candidate", staged / self.precision / "model.onnx", architecture)
        return exported, decide(scored, candidate, self._general_base(architecture), general)

    def _scored(self, what: str, graph: Path, architecture: Architecture, documents: Sequence[Tokens]) -> Any:
        phase = f"Reading your newest text with {what}"
        return score_own(GraphReader(graph, architecture), documents, self.bos_id, self._teller_of(phase))

    def _general_base(self, architecture: Architecture) -> float:
        """Measured once for a graph of the base and the texts, and kept."""
        path = self.layout.training / "general.json"
        graph = self.model.manifest.precisions[self.precision].files["model.onnx.data"]
        key = f"{graph[:16]}-{hashlib.sha256(repr(general_texts()).encode()).hexdigest()[:16]}"
        try:
            return float(msgspec.json.decode(store.read_bounded(path), type=dict[str, float])[key])
        except (OSError, msgspec.DecodeError, KeyError, RecursionError):
            measured = self._general("the base", self.model.graph(self.precision), architecture)
            store.write_atomic(path, msgspec.json.encode({key: measured}))
            return measured

    def _general(self, what: str, graph: Path, architecture: Architecture) -> float:
        phase = f"Reading other people's text with {what}"
        return general_perplexity(GraphReader(graph, architecture), self.encode, self.bos_id, self._teller_of(phase))

    def _version(
        self, staged: Path, parts: Split, learned: dict[str, Any], precisions: dict[str, Precision], decision: Decision
    ) -> Version:
        if not decision.promote:  # nobody will serve it; its adapter stays, to be looked at
            for precision in precisions:
                shutil.rmtree(staged / precision)
            precisions = {}
        numbers = {name: value for name, value in learned.items() if isinstance(value, int | float)}
        plan = msgspec.structs.asdict(self.plan)
        version = Version(
            state="promoted" if decision.promote else "rejected",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            base=Base(name=self.model.name, sha256=self.model.manifest.weights_sha256),
            sources=_sources(parts),
            parameters={name: value for name, value in plan.items() if isinstance(value, int | float | str)},
            metrics={**numbers, **decision.metrics, "left_out_tokens": parts.left_out},
            reasons=list(decision.reasons),
            adapter_sha256=store.sha256_of(staged / ADAPTER),
            precisions=precisions,
        )
        published = versions.publish(self.layout, staged, version)
        if decision.promote:
            self.progress("Putting it in service")
            versions.use(self.layout, self.model, published.id, self.precision)
            versions.prune(self.layout)
            reload_daemon(self.layout)
        return published

    # --- what it tells: first to the status file, so that who hears it finds it there -----------------

    def progress(self, step: str, done: float = 0, total: float = 0) -> None:
        """An exporters' Progress: to the status file and to whoever listens."""
        self.status.progress(step, done, total)
        self.teller.progress(step, done, total)

    def _teller_of(self, phase: str) -> Callable[[int, int], None]:
        return lambda done, total: self.progress(phase, done, total)

    def _heard(self, event: Said) -> None:
        if event.kind == "progress":
            phase = event.data.pop("phase")
            self.status.progress(phase, event.data["done"], event.data["total"])
            self.teller.progress(phase, **event.data)
        elif event.kind in ("paused", "resumed"):
            self.status.paused(event.kind == "paused")
            self.teller.say(event.kind)
        elif event.kind == "resumed_at":
            self.teller.say(event.kind, **event.data)

    def _tell_outcome(self, outcome: Outcome) -> None:
        state = "promoted" if outcome.promoted else "rejected"
        message = " ".join(outcome.reasons) or "It reads your newest text better and answers from now on."
        self.teller.say(
            state, version=outcome.version.id, reasons=outcome.reasons, metrics=outcome.version.metrics,
            seconds=round(outcome.seconds, 1),
        )  # fmt: skip
        self.status.ended(state, message, version=outcome.version.id)

    def _tell_failure(self, error: BaseException) -> None:
        with contextlib.suppress(ShadowpenError):
            if isinstance(error, ShadowpenError):
                self.status.ended("failed", error.message, error.hint)
            else:
                state = "stopped" if isinstance(error, Stopped) else "interrupted"
                self.teller.say(state)
                self.status.ended(state, "The next run goes on where this one was.")


def reload_daemon(layout: store.Layout) -> bool:
    """Have a running daemon serve what `current` names now; False if none runs or it cannot."""
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Reload

    try:
        with Client("training", start=False, layout=layout) as client:
            client.request(Reload(id=client.next_id()), timeout_ms=120_000)
    except ShadowpenError:
        return False
    return True


def _sources(parts: Split) -> list[Source]:
    return [
        Source(
            origin=tokens.document.origin,
            sha256=tokens.document.sha256,
            tokens=len(tokens.ids),
            held_out=held_out,
            edits=tokens.document.journalled,
        )
        for held_out, documents in ((False, (*parts.train, *parts.validation)), (True, parts.held_out))
        for tokens in documents
    ]
