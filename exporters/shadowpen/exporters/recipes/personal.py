"""Make a personal version: train, merge, export, gate, and only then use it.

A run gathers the text, has the trainer learn it, exports the outcome as it would be served, and lets the gate decide on
that very graph. Over every weight it goes on from the version that answers and learns what that one did not, or, from
time to time, starts from the base again (learning/chain.py); an adapter is made anew from the newest text. Whatever
happens, what is served is complete and gated: `current` moves as the last step. Progress goes to training/status.json
and to whoever listens. Its process is process.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ExportRejected, ShadowpenError, StateUnusable
from shadowpen.daemon.corpus.corpus import Corpus, collect
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.corpus.split import Encode, Split, TokenizedDocument, capped, encoder, split, tokenised
from shadowpen.daemon.evaluation.harm import guard
from shadowpen.daemon.evaluation.keys import replay
from shadowpen.daemon.learning import chain, runs
from shadowpen.daemon.learning.conditions import packages, ratings
from shadowpen.daemon.learning.conditions.activity import activity_file
from shadowpen.daemon.learning.conditions.readiness import Readiness, is_ready, measure
from shadowpen.daemon.learning.gate import MAX_GENERAL_RATIOS, GateVerdict, decide, with_harm, with_keys
from shadowpen.daemon.learning.ledger import Ledger, inherited, marks
from shadowpen.daemon.learning.withdrawal import withdraw
from shadowpen.daemon.monitoring import decline, record
from shadowpen.daemon.storage import journal, models, versions
from shadowpen.daemon.storage.models import ADAPTER, DELTA, ExportedGraph
from shadowpen.daemon.storage.placement import place
from shadowpen.daemon.storage.versions import Base, Served, TextSource, Version
from shadowpen.daemon.trainer.by_recipe import registry as recipes
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training import delta
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import RESULT, EventWriter, TrainerEvent, TrainingJob, rows_of
from shadowpen.daemon.trainer.loop import LoraPlan, Stopped
from shadowpen.daemon.trainer.packing import SEQUENCE_TOKENS, Packed, pack, pack_in_order
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.daemon.trainer.replay import OPENINGS
from shadowpen.daemon.transfer import repository
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.merged_weights import MergedWeights
from shadowpen.exporters.checkpoints.version_weights import version_weights
from shadowpen.exporters.graphs.graph_reader import GraphReader
from shadowpen.exporters.graphs.scoring import general_perplexity, general_texts, score_own
from shadowpen.exporters.recipes.exported_again import export_again, open_installed
from shadowpen.exporters.recipes.material import GENERAL_SHARE_KEPT, material
from shadowpen.exporters.sources.files.safety import check_room

MAX_TRAIN_TOKENS = 100_000  # of an adapter: two passes take half an hour on two cores
_WITHOUT_END = 1 << 40  # tokens
_GENERAL_SHARE_OF_LIMIT = 0.9  # in training: the gate measures on the exported graph
_FILES = {"lora": (ADAPTER, "adapter_config.json"), "full": (DELTA,)}
_CHARACTERS_A_TOKEN = 4.5
_BYTES_A_WEIGHT = 5.5  # of disk: the base's values or the graph that verifies, beside the version and its graph


@dataclass
class RunOutcome:
    """How a run ended: the version it made, promoted or rejected with `reasons`."""

    version: Version
    promoted: bool
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass
class PersonalRun:
    """A run that makes a personal version.

    One run; `event_writer` reports it. `whole`: it learns all that is left, however long that takes.

    `plan` and `max_train_tokens` are for recipes, tests and measurements; by default the settings decide. `journal_of`
    is whose journal a recipe reads, where that is another's than the run's own.
    """

    layout: store.Layout
    settings: configuration.Config
    event_writer: EventWriter
    trainer: TrainerProcess = field(default_factory=TrainerProcess)
    plan: LoraPlan | FullPlan | RecipePlan | None = None
    max_train_tokens: int | None = None
    whole: bool = False
    gives_way: bool = True
    pause_idle_s: float | None = None
    journal_of: store.Layout | None = None

    def __post_init__(self) -> None:
        self.model = models.resolve(self.settings.model.name, self.layout)
        self.precision = place(self.layout, self.settings.model, self.model).precision
        self.encode: Encode = encoder(self.model.tokenizer, self.model.manifest.architecture.vocab)
        self.bos_id = self.model.manifest.bos_id
        if self.plan is None:
            self.plan = FullPlan() if self.settings.learning.method == "full" else LoraPlan()
        self.status = runs.StatusKeeper(self.layout, runs.status(self.layout))
        self._uncommitted = ""
        self._steps: list[record.LearnedStep] = []

    def __call__(self, *, only_if_ready: bool = False) -> RunOutcome | None:
        """Train, judge and publish a version; None if `only_if_ready` and there is too little new text.

        Raises TooLittleText, TrainingError, TrainingUnavailable, StateUnusable, Stopped and the like.
        """
        started = time.monotonic()
        packages.require()
        with runs.only_run(self.layout):
            if withdraw(self.layout):
                self.status = runs.StatusKeeper(self.layout, runs.status(self.layout))
                reload_daemon(self.layout)
            self._go_back_if_worse()
            corpus = collect(self.layout, self.settings.learning)
            ledger = Ledger(self.answering) if self.is_full else None
            readiness = measure(corpus.documents, self.encode, self.status.before, ledger)
            if only_if_ready and not self._is_ready(readiness):
                return None
            began = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
            try:
                outcome = self.learn_and_judge(self.parts(corpus))
            except BaseException as error:
                self._keep_steps(began)
                self._tell_failure(error)
                raise
            self._keep_steps(outcome.version.id)
            self.status.learned_from(readiness.own_tokens, readiness.edits)
            outcome.seconds = time.monotonic() - started
            self._tell_outcome(outcome)
        return outcome

    def _is_ready(self, readiness: Readiness) -> bool:
        """Whether the run should start by itself: for text and edits, or else for what was rated low."""
        if is_ready(readiness, self.settings.learning):
            return True
        before, feedback = self.status.before, self.settings.feedback
        low = ratings.newly_low_rated(journal.read(self.layout.edits).edits, before, feedback)
        ratings_ask = ratings.start_a_run(len(low), before, feedback, time.time())
        if not is_ready(readiness, self.settings.learning, ratings_ask):
            return False
        self.status.started_by_ratings()
        return True

    def _go_back_if_worse(self) -> None:
        """Have the version before answer again, if the one that answers is surely taken less often, and say so."""
        before, message = decline.go_back(self.layout, self.settings)
        if not message:
            return
        reload_daemon(self.layout)
        self.event_writer.write("rolled_back", message=message)
        self.status.ended("rolled_back", message, version="" if before == versions.BASE else before)

    # --- what is learned -----------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether every weight learns."""
        return not isinstance(self.plan, LoraPlan)

    @property
    def recipe(self) -> str:
        """The name of the recipe that it follows."""
        return self.plan.recipe if isinstance(self.plan, RecipePlan) else "full" if self.is_full else "lora"

    @cached_property  # whatever is served in the meantime
    def answering(self) -> Version | None:
        """The version that a run over every weight is compared with: the one that answers; None for the base."""
        served = versions.served(self.layout, self.model, self.precision).version if self.is_full else ""
        return versions.read(self.layout, served) if served else None

    @cached_property
    def is_anew(self) -> bool:
        """Whether it starts from the base although a version answers, and learns what that one learned too."""
        if self.answering is None:
            return False
        known = versions.versions(self.layout)
        return chain.is_anew_due(known, self.answering.id, self.settings.learning.anew_after_runs)

    @property
    def parent(self) -> Version | None:
        """The version that it goes on from; None for the base."""
        return None if self.is_anew else self.answering

    def parts(self, corpus: Corpus) -> Split:
        """Texts to train on and to judge by; an unfinished run keeps its own."""
        self.progress("Reading your texts")
        parent = self.parent
        name = parent.id if parent else ""
        documents, most_tokens = runs.as_pending(self.layout, corpus.documents, self._most_tokens(), name)
        if self.is_anew:
            parts = self._everything(documents, most_tokens)
        elif self.is_full:
            parts = self._unlearned(documents, most_tokens, parent)
        else:
            parts = split(documents, self.encode, most_tokens)
        runs.remember(self.layout, documents, most_tokens, name)
        return parts

    def _most_tokens(self) -> int:
        if self.max_train_tokens is not None:
            return self.max_train_tokens
        if not self.is_full:
            return MAX_TRAIN_TOKENS
        if self.whole:
            return _WITHOUT_END
        learning = self.settings.learning
        minutes = 60 * learning.anew_hours if self.is_anew else learning.minutes_a_run
        most_tokens = runs.tokens_a_run(self.layout, minutes)
        return round(most_tokens * (1 - self._replayed_share(most_tokens)) / (1 + self._rehearsed_share))

    def _replayed_share(self, tokens: int) -> float:
        """How much of a run over so many new tokens is text that the base wrote itself."""
        return self.plan.replayed(Ledger(self.parent).tokens + tokens) if isinstance(self.plan, FullPlan) else 0.0

    @property
    def _rehearsed_share(self) -> float:
        """How much of what was learned before is rehearsed, of what is new."""
        return self.plan.rehearsed_share if isinstance(self.plan, FullPlan | RecipePlan) and self.parent else 0.0

    def _unlearned(self, documents: Sequence[Document], most_tokens: int, parent: Version | None) -> Split:
        """The newest of what the parent did not learn, and a sample of what it did."""
        ledger = Ledger(parent)
        parts = split(ledger.new(documents), self.encode, most_tokens, in_paragraphs=True)
        size = sum(len(tokens.ids) for tokens in parts.train) * self._rehearsed_share
        seed = len(versions.versions(self.layout))
        rehearsed = ledger.sample(documents, round(size * _CHARACTERS_A_TOKEN), seed) if parent else []
        return replace(parts, rehearsed=tuple(tokenised(document, self.encode) for document in rehearsed))

    def _everything(self, documents: Sequence[Document], most_tokens: int) -> Split:
        """The newest of all there is; what judges and chooses is what the version that answers did not learn either."""
        ledger = Ledger(self.answering)
        parts = split(ledger.new(documents), self.encode, _WITHOUT_END, in_paragraphs=True)
        known = [tokenised(document, self.encode) for document in ledger.known(documents)]
        in_time = sorted([*known, *parts.train], key=lambda tokens: tokens.document.time)
        train, left_out = capped(in_time, most_tokens, self.encode, in_paragraphs=True)
        return replace(parts, train=tuple(train), left_out=left_out)

    def job(self, parts: Split) -> TrainingJob:
        """The job for the trainer."""
        general = [(ids, [1.0] * len(ids)) for ids in self._general_ids()[::GENERAL_SHARE_KEPT]]
        replay = self.layout.training / "replay" / self.model.manifest.weights_sha256[:16]
        pause = self.settings.learning.idle_s if self.pause_idle_s is None else self.pause_idle_s
        start = self._start()
        in_time = pack_in_order if self.is_full else pack
        own_rows: dict[str, Packed] = {}
        if isinstance(self.plan, RecipePlan):
            own_rows = recipes.load(self.recipe).rows(
                material(self.journal_of or self.layout, parts, self.encode, self.bos_id, self._length)
            )
        return TrainingJob(
            source=str(self.model.source),
            weights_sha256=self.model.manifest.weights_sha256,
            run_folder="",
            replay_folder=str(replay),
            activity_file=str(activity_file(self.layout)),
            pause_idle_s=pause,
            gives_way=self.gives_way,
            plan=self._plan(parts),
            start=str(start) if start else "",
            start_sha256=store.sha256_of(start) if start else "",
            openings=[self.encode(opening)[0] for opening in OPENINGS],
            bos_id=self.bos_id,
            vocabulary=self.model.manifest.architecture.vocab,
            max_general_ratio=1 + _GENERAL_SHARE_OF_LIMIT * (self.max_general_ratio - 1),
            rows={
                "train": rows_of(self._packed(parts.train, in_time)),
                "validation": rows_of(self._packed(parts.validation)),
                "general": rows_of(pack(general, self.bos_id, self._length)),
                "rehearsed": rows_of(self._packed(parts.rehearsed, in_time)),
                **{name: rows_of(packed) for name, packed in own_rows.items()},
            },
        )

    @property
    def _length(self) -> int:
        """Tokens of a row."""
        return self.plan.max_seq_length if isinstance(self.plan, FullPlan | RecipePlan) else SEQUENCE_TOKENS

    def _plan(self, parts: Split) -> LoraPlan | FullPlan | RecipePlan:
        """How these parts are learned: over every weight the rate depends on what the whole chain has learned then."""
        assert self.plan is not None
        if not isinstance(self.plan, FullPlan):
            return self.plan
        return self.plan.after(Ledger(self.parent).tokens + sum(len(tokens.ids) for tokens in parts.train))

    @property
    def max_general_ratio(self) -> float:
        """How much worse general text may be read than by the base."""
        return MAX_GENERAL_RATIOS[self.settings.learning.strength]

    def _start(self) -> Path | None:
        """The differences that every weight starts from: the parent's; an adapter's are worked out. None: the base."""
        parent = self.parent
        if parent is None:
            return None
        learned = versions.check_adapter(self.layout, parent)
        if parent.method == "full":
            return learned
        base, start = open_installed(self.model), self.layout.training / "start.safetensors"
        merged = MergedWeights(base, learned.parent)
        delta.write(start, ((name, merged.tensor(name) - base.tensor(name)) for name in sorted(merged.adapted)))
        return start

    def _packed(self, documents: Sequence[TokenizedDocument], how: Callable[..., Packed] = pack) -> Packed:
        return how([(tokens.ids, tokens.weights) for tokens in documents], self.bos_id, self._length)

    def _general_ids(self) -> list[list[int]]:
        return [self.encode(text)[0] for text in general_texts()]

    # --- from rows to a version ----------------------------------------------------------------------

    def learn_and_judge(self, parts: Split) -> RunOutcome:
        """Train on these parts, and return the version with the gate's verdict."""
        folder, learned = self.learn(parts)
        outcome = self.judge(folder, parts, learned)
        runs.measured_speed(self.layout, float(learned.get("tokens_per_s", 0.0)))
        runs.finish(self.layout)
        return outcome

    def learn(self, parts: Split) -> tuple[Path, dict[str, Any]]:
        """Train on these parts: the folder of what was learned, and the trainer's numbers."""
        job = self.job(parts)
        folder = runs.run_folder(self.layout, job.fingerprint())
        learned = _result(folder, job)  # a run that was cut short while it was judged
        if not learned:
            self._check_room()
            self.trainer.run(msgspec.structs.replace(job, run_folder=str(folder)), self._relay)
            learned = _result(folder, job)
        return folder, learned

    def _check_room(self) -> None:
        """StateUnusable where the disk has no room for what a run lays aside: found out at once, not after an hour."""
        shapes = open_installed(self.model).architecture.tensor_shapes().values()
        needed = sum(math.prod(shape) for shape in shapes) * _BYTES_A_WEIGHT
        check_room(store.private_directory(self.layout.training), round(needed))

    def judge(self, made: Path, parts: Split, learned: dict[str, Any]) -> RunOutcome:
        """Export what the trainer left in a folder, score the graph, decide, and publish the version, served if better.

        `learned` are the trainer's numbers.
        """
        staged = store.private_directory(self.layout.training / "candidate")
        shutil.rmtree(staged)
        store.private_directory(staged)
        version = self.candidate(parts, learned)
        try:
            for name in _FILES[version.method]:
                shutil.copyfile(made / name, staged / name)
                (staged / name).chmod(0o600)
            precisions, decision = self._decided(staged, parts, version)
            version = self._published(staged, version, precisions, decision)
            return RunOutcome(version, decision.promote, decision.reasons)
        except OSError as error:
            raise store.unusable(staged, error) from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def _decided(self, staged: Path, parts: Split, version: Version) -> tuple[dict[str, ExportedGraph], GateVerdict]:
        base = open_installed(self.model)
        weights = version_weights(base, staged, version)
        try:
            made = export_again(self.model, weights, staged, [self.precision], self.progress)
        except ExportRejected as error:
            return {}, GateVerdict(False, (error.message,), {})
        exported = msgspec.convert(made["precisions"], dict[str, ExportedGraph])
        architecture = base.architecture
        served = versions.served(self.layout, self.model, self.precision)
        scored = self._scored("the version in use", served.graph, architecture, parts.held_out)
        if self.settings.monitoring.enabled:
            with contextlib.suppress(StateUnusable):  # a record that cannot be written costs its number, not the run
                record.read_new_text(self.layout, served.name, len(scored.nats), float(scored.nats.sum()))
        candidate = self._scored("the candidate", staged / self.precision / "model.onnx", architecture, parts.held_out)
        general = self._general("the candidate", staged / self.precision / "model.onnx", architecture)
        general_base = self._general_base(architecture)
        decision = decide(scored, candidate, general_base, general, self.max_general_ratio, surely=not self.is_anew)
        return exported, self._typed_with(served, staged, exported, parts, decision)

    def _typed_with(
        self, served: Served, staged: Path, exported: dict[str, ExportedGraph], parts: Split, decision: GateVerdict
    ) -> GateVerdict:
        """The decision after the simulated writer had the candidate, and then stereotypes, if it got so far."""
        if not decision.promote:
            return decision
        candidate = msgspec.structs.replace(
            served,
            version="candidate",
            kv_dtype=exported[self.precision].kv_dtype,
            graph=staged / self.precision / "model.onnx",
        )
        documents = [tokens.document for tokens in parts.held_out]
        told = self._progress_of("Typing your newest text with both")
        typed = with_keys(decision, replay((served, candidate), documents, self.settings, told))
        if not typed.promote:
            return typed
        gaps = guard.compared(self._gaps_of_base(), self._gaps(candidate))
        return with_harm(typed, gaps, self.settings.learning.stereotype_margin)

    def _gaps(self, served: Served) -> guard.Gaps:
        return guard.gaps(served, self.settings, self._progress_of("Reading stereotypes"))

    def _gaps_of_base(self) -> guard.Gaps:
        """The base's, read once and kept."""
        base = versions.base(self.model, self.precision)
        digest = self.model.manifest.precisions[self.precision].files["model.onnx.data"]
        path = self.layout.training / f"stereotypes-{digest[:16]}.json"
        try:
            return msgspec.json.decode(store.read_bounded(path), type=guard.Gaps)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            measured = self._gaps(base)
            store.write_atomic(path, msgspec.json.encode(measured))
            return measured

    def _scored(
        self, what: str, graph: Path, architecture: Architecture, documents: Sequence[TokenizedDocument]
    ) -> Any:
        phase = f"Reading your newest text with {what}"
        return score_own(GraphReader(graph, architecture), documents, self.bos_id, self._progress_of(phase))

    def _general_base(self, architecture: Architecture) -> float:
        """The base's perplexity on general text, measured once and kept."""
        path = self.layout.training / "general.json"
        graph = self.model.manifest.precisions[self.precision].files["model.onnx.data"]
        key = f"{graph[:16]}-{hashlib.sha256(repr(general_texts()).encode()).hexdigest()[:16]}"
        try:
            return float(msgspec.json.decode(store.read_bounded(path), type=dict[str, float])[key])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, KeyError, RecursionError):
            measured = self._general("the base", self.model.graph(self.precision), architecture)
            store.write_atomic(path, msgspec.json.encode({key: measured}))
            return measured

    def _general(self, what: str, graph: Path, architecture: Architecture) -> float:
        phase = f"Reading other people's text with {what}"
        return general_perplexity(GraphReader(graph, architecture), self.encode, self.bos_id, self._progress_of(phase))

    def candidate(self, parts: Split, learned: dict[str, Any]) -> Version:
        """The version before it is judged; the manifest names the recipe and how it learned."""
        numbers = {name: value for name, value in learned.items() if isinstance(value, int | float)}
        plan = msgspec.structs.asdict(self._plan(parts))
        plain = {name: value for name, value in plan.items() if isinstance(value, int | float | str)}
        anew = {chain.ANEW: 1} if self.is_anew else {}
        parent = self.parent
        before = inherited(parent, [tokens.document for tokens in parts.rehearsed])
        return Version(
            state="candidate",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            base=Base(name=self.model.name, sha256=self.model.manifest.weights_sha256),
            sources=[*before, *_sources(parts, pieces=self.is_full)],
            parameters={**anew, "recipe": self.recipe, **plain},
            metrics={**numbers, "left_out_tokens": parts.left_out},
            method="full" if self.is_full else "lora",
            scale=float(learned["scale"]) if self.is_full else 1.0,
            parent=parent.id if parent else "",
        )

    def _published(
        self, staged: Path, version: Version, precisions: dict[str, ExportedGraph], decision: GateVerdict
    ) -> Version:
        if not decision.promote:  # nobody will serve it; what it learned stays, to be looked at
            for precision in precisions:
                shutil.rmtree(staged / precision)
            precisions = {}
        judged = msgspec.structs.replace(
            version,
            state="promoted" if decision.promote else "rejected",
            metrics={**version.metrics, **decision.metrics},
            reasons=list(decision.reasons),
            adapter_sha256=store.sha256_of(staged / versions.learned_file(version)),
            precisions=precisions,
        )
        published = versions.publish(self.layout, staged, judged)
        if decision.promote:
            self.progress("Installing the new version")
            versions.use(self.layout, self.model, published.id, self.precision)
            versions.prune(self.layout)
            reload_daemon(self.layout)
            self._commit(published)
        return published

    def _commit(self, version: Version) -> None:
        """Put a promoted version into the user's repository, if the settings name one; why not is told at the end."""
        if not self.settings.versions.git:
            return
        self.progress("Committing the new version to your repository")
        try:
            repository.commit(self.layout, version, Path(self.settings.versions.git))
        except ShadowpenError as error:
            self._uncommitted = f" {error.message} {error.hint}"

    # --- what it tells: first to the status file, so that who hears it finds it there -----------------

    def progress(self, step: str, done: float = 0, total: float = 0) -> None:
        """An exporters' Progress: to the status file and to whoever listens."""
        self.status.progress(step, done, total)
        self.event_writer.progress(step, done, total)

    def _progress_of(self, phase: str) -> Callable[[int, int], None]:
        return lambda done, total: self.progress(phase, done, total)

    def _keep_steps(self, run: str) -> None:
        """Put the curve of the run into the record of monitoring; a record that cannot be written costs the curve."""
        if self._steps and self.settings.monitoring.enabled:
            with contextlib.suppress(StateUnusable):
                record.add_steps(self.layout, run, self._steps)

    def _relay(self, event: TrainerEvent) -> None:
        if event.kind == "progress":
            phase = event.data.pop("phase")
            self.status.progress(phase, event.data["done"], event.data["total"])
            if "loss" in event.data:
                step, loss, validation = event.data["done"], event.data["loss"], event.data.get("validation")
                self._steps.append(record.LearnedStep(step, time.time(), loss, validation))
            self.event_writer.progress(phase, **event.data)
        elif event.kind in ("paused", "resumed"):
            self.status.paused(event.kind == "paused")
            self.event_writer.write(event.kind)
        elif event.kind == "resumed_at":
            self.event_writer.write(event.kind, **event.data)

    def _tell_outcome(self, outcome: RunOutcome) -> None:
        state = "promoted" if outcome.promoted else "rejected"
        message = " ".join(outcome.reasons) or "It predicts your newest text better and is in use from now on."
        message += self._uncommitted
        self.event_writer.write(
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
                self.event_writer.write(state)
                self.status.ended(state, "The next run resumes this one.")


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


def _result(folder: Path, job: TrainingJob) -> dict[str, Any]:
    """The numbers of the job that was done in a folder; nothing if it was not."""
    try:
        found = msgspec.json.decode((folder / RESULT).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if found.get("fingerprint") == job.fingerprint() else {}


def _sources(parts: Split, *, pieces: bool = False) -> list[TextSource]:
    """The documents of a run; with `pieces` the paragraphs that were learned enter the ledger."""
    groups = ((parts.train, False, pieces), (parts.validation, False, False), (parts.held_out, True, False))
    return [
        TextSource(
            origin=tokens.document.origin,
            sha256=tokens.document.sha256,
            tokens=len(tokens.ids),
            held_out=held_out,
            edits=tokens.document.journalled,
            pieces=dict.fromkeys(marks(tokens.document), 1) if entered else {},
        )
        for documents, held_out, entered in groups
        for tokens in documents
    ]
