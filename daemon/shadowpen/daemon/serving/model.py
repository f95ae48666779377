"""The model in use: weights, tokenizer and caches as one object.

Knows the registry's files and the tasks; nothing of sockets, clients or schedules.
"""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from shadowpen.daemon.base import power
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.engine import window
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.tasks import registry
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.completion.recalling import Remembers
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary
from shadowpen.daemon.wire.protocol import Complete, Continue, Expand, Prepare, Reply, RunVerb

_MOST_THREADS = 4  # more heats a laptop and answers hardly sooner
_MEGABYTE = 1 << 20


class ServedModel:
    """A loaded model with everything its tasks need.

    `name` is what replies carry: the model and the version of it. `problem`: why it is not the version wanted.
    """

    def __init__(
        self,
        name: str,
        engine: Engine,
        language: Language,
        config: Config,
        problem: str = "",
        judge: Judge | None = None,
        *,
        thrifty: bool = False,
        memory: Remembers | None = None,
    ) -> None:
        self.name = name
        self.problem = problem
        self._engine = engine
        self._sessions = SessionPool(engine, config.daemon.cache_mb * _MEGABYTE)
        self._context = Context(
            name,
            language,
            self._sessions,
            config.completion,
            engine.context_length,
            judge or Judge(),
            thrifty,
            memory,
            config.continuation,
            config.expansion,
            config.grammar.dialect,
        )
        self._tasks = registry.load()
        for problem in self._tasks.problems:
            LOGGER.warning("%s", problem)

    @property
    def engine(self) -> Engine:
        """What `shadowpen bench` times by itself."""
        return self._engine

    def steps(
        self, request: Complete | Continue | Expand | RunVerb | Prepare, deadline_s: float
    ) -> Iterator[Reply | None]:
        """The request's work, at most one model call a `next()`; yields None or a reply to send."""
        return self._tasks.of(request).steps(request, self._context, deadline_s)

    def close_document(self, document: str) -> None:
        window.close(self._sessions, document)

    def report(self) -> dict[str, object]:
        """For `shadowpen status`."""
        return {
            "name": self.name,
            "device": self._engine.device,
            "problem": self.problem,
            "tasks": {"verbs": sorted(self._tasks.verbs), "problems": self._tasks.problems},
            "profile": "battery" if self._context.thrifty else "full",
            "documents": len(self._sessions),
            "cache_mb": round(self._sessions.nbytes / _MEGABYTE, 1),
        }

    def close(self) -> None:
        self._sessions.clear()
        self._engine.close()


def load(
    layout: Layout, config: Config, judge: Judge | None = None, remembering: Remembering | None = None
) -> ServedModel:
    """The configured model in its current version, ready and tried once; raises a ModelError.

    `judge` decides what is shown; without one, a new judge that keeps nothing does. `remembering` is asked for what the
    author wrote before. A version that is damaged, or fails when it is tried, leaves the work to the base, and a GPU
    that was found but cannot be used to the processor, unless the settings insist on it; both are told in `problem`.
    """
    device = models.device(config.model.device)
    try:
        return _loaded(layout, config, device, judge, remembering)
    except ModelUnsupported as error:
        if device == "cpu" or config.model.device != "auto":
            raise
        LOGGER.warning("%s %s The CPU is used instead.", error.message, error.hint)
        return _loaded(layout, config, "cpu", judge, remembering, f"{error.message} The CPU is used instead.")


def of(served: versions.Served, config: Config, judge: Judge | None = None) -> ServedModel:
    """That very graph, whatever answers at the moment, without a memory; raises a ModelError."""
    thrifty = config.model.profile == "battery"
    language = _language(served.model)
    engine = _engine(served, config.model.threads or _threads(), language.tokenizer.size)
    return ServedModel(served.name, engine, language, config, judge=judge, thrifty=thrifty)


def _language(installed: models.InstalledModel) -> Language:
    tokenizer = Tokenizer(
        installed.tokenizer,
        installed.manifest.bos_id,
        installed.manifest.eos_ids,
        rows=installed.manifest.architecture.vocab,
    )
    return Language(tokenizer, Vocabulary(tokenizer.token_bytes))


def _loaded(
    layout: Layout,
    config: Config,
    device: str,
    judge: Judge | None,
    remembering: Remembering | None,
    problem: str = "",
) -> ServedModel:
    installed = models.resolve(config.model.name, layout)
    precision = installed.precision(config.model.precision, device)
    served = versions.served(layout, installed, precision, thorough=True)
    language = _language(installed)
    if remembering is not None:
        remembering.open(language.tokenizer)
    thrifty = config.model.profile == "battery" or (config.model.profile == "auto" and power.on_battery())
    threads = config.model.threads or (1 if thrifty else _threads())
    try:
        engine = _engine(served, threads, language.tokenizer.size)
    except ModelCorrupt as error:
        if not served.version:
            raise
        LOGGER.warning("the version %s cannot be used; the base answers", served.version)
        why = ModelCorrupt(f"The version {served.version} cannot be used: {error.message}", error.hint)
        served = versions.base(installed, precision, why)
        engine = _engine(served, threads, language.tokenizer.size)
    problem = served.problem or problem
    return ServedModel(served.name, engine, language, config, problem, judge, thrifty=thrifty, memory=remembering)


def _threads() -> int:
    return min(_MOST_THREADS, psutil.cpu_count(logical=False) or 1)


def _engine(served: versions.Served, threads: int, tokens: int) -> Engine:
    from shadowpen.daemon.engine.onnx_engine import GraphShape, OnnxEngine

    architecture = served.model.manifest.architecture
    shape = GraphShape(
        layers=architecture.layers,
        kv_heads=architecture.kv_heads,
        head_dim=architecture.head_dim,
        vocabulary_size=architecture.vocab,
        context_length=architecture.context_length,
        kv_dtype=served.kv_dtype,
        tokens=tokens,
    )
    device = "cuda" if served.precision == "fp16" else "cpu"
    engine = OnnxEngine(served.graph, shape, device=device, threads=threads)
    engine.probe()
    return engine
