"""The model in use: weights, tokenizer and caches as one object.

Knows the registry's files and the tasks; nothing of sockets, clients or schedules.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil

from shadowpen.daemon.base import power
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import (
    DeviceFailed,
    ModelCorrupt,
    ModelError,
    PluginBroken,
    ShadowpenError,
)
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.engine import engines, window
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.session_pool import SessionPool, own_name
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.showing.silence.languages import WrittenLanguages
from shadowpen.daemon.storage import device_record, devices, model_languages, models, versions
from shadowpen.daemon.storage.placement import Placement, device_for, place
from shadowpen.daemon.tasks import registry
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.completion.occlusion import Occlusion, occluded
from shadowpen.daemon.tasks.completion.recalling import Remembers
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary
from shadowpen.daemon.wire.protocol import Complete, Continue, Expand, Prepare, Reply, RunVerb
from shadowpen.daemon.wire.reports import ModelReport, VerbsReport

_MOST_THREADS = 4  # more heats a laptop and answers hardly sooner
_MEGABYTE = 1 << 20


class ServedModel:
    """A loaded model with everything its tasks need.

    `name` is what replies carry: the model and the version of it. `problem`: why it is not the version wanted.
    `placement` says where it runs, `languages` which it writes (None: all), and `failed` hears why when the device
    gives up.
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
        placement: Placement | None = None,
        failed: Callable[[str], object] = lambda why: None,
        tasks: registry.Tasks | None = None,
        engine_name: str = engines.BUILT_IN,
        languages: frozenset[str] | None = None,
    ) -> None:
        self.name = name
        self.problem = problem
        self._engine = engine
        self._engine_name, self._placement, self._device_failed = engine_name, placement, failed
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
            WrittenLanguages(languages, config.writing),
        )
        self._tasks = tasks or registry.load()
        for problem in self._tasks.problems:
            LOGGER.warning("%s", problem)

    @property
    def engine(self) -> Engine:
        """What `shadowpen bench` times by itself."""
        return self._engine

    @property
    def unmeasured_verbs(self) -> frozenset[str]:
        """The verbs that read the model, and whose limits were not found with the default one."""
        verbs = self._tasks.verbs.items()
        return frozenset(name for name, verb in verbs if verb.reads_model and not verb.measured)

    def steps(
        self, request: Complete | Continue | Expand | RunVerb | Prepare, deadline_s: float, client: bytes = b""
    ) -> Iterator[Reply | None]:
        """The request's work, at most one model call a `next()`; yields None or a reply to send.

        A document is its `client`'s own: two editors may each have an unnamed one, and their texts differ.
        """
        context = replace(self._context, client=client)
        return self._watched(self._tasks.of(request).steps(request, context, deadline_s))

    def _watched(self, steps: Iterator[Reply | None]) -> Iterator[Reply | None]:
        """The same steps; that the device failed is noted before anybody loads the model again."""
        try:
            yield from steps
        except DeviceFailed as error:
            self._device_failed(error.message)
            raise

    @property
    def _runs(self) -> str:
        """One line: what runs where, and why not elsewhere."""
        if self._engine_name != engines.BUILT_IN:
            return f"{self._engine_name} on {self._engine.device}"
        return self._placement.line if self._placement else f"on {self._engine.device}"

    def occluded(self, text: str, words: str, seconds: float) -> Occlusion:
        """What sentences of `text` led to `words` behind it, without a memory; for about so many seconds."""
        return occluded(self._context, text, words, seconds)

    def close_document(self, document: str, client: bytes = b"") -> None:
        window.close(self._sessions, own_name(document, client))

    def report(self) -> ModelReport:
        """For `shadowpen status`; the state is its owner's to add."""
        return ModelReport(
            name=self.name,
            device=self._engine.device,
            engine_name=self._engine_name,
            runs=self._runs,
            problem=self.problem,
            plugin_problems=list(self._tasks.problems),
            replaced_tasks=list(self._tasks.replacements),
            tasks=VerbsReport(verbs=sorted(self._tasks.verbs), problems=list(self._tasks.problems)),
            profile="battery" if self._context.thrifty else "full",
            documents=len(self._sessions),
            cache_mb=round(self._sessions.nbytes / _MEGABYTE, 1),
        )

    def close(self) -> None:
        self._sessions.clear()
        self._engine.close()


def load(
    layout: Layout,
    config: Config,
    judge: Judge | None = None,
    remembering: Remembering | None = None,
    hung: Callable[[], object] = lambda: None,
    *,
    taught: bool = True,
) -> ServedModel:
    """The configured model in its current version, ready and tried once; raises a ModelError.

    `judge` decides what is shown; without one, a new judge that keeps nothing does. `remembering` is asked for what the
    author wrote before. A version that is damaged, or fails when it is tried, leaves the work to the base, and a device
    that cannot be used, or failed before, to the processor; both are told in `problem`. `hung` as in `registry.load`.
    Not `taught`: the model as it is installed, whatever version is current.
    """
    installed = models.resolve(config.model.name, layout)
    placement = _placed(layout, config, installed, taught)
    try:
        return _loaded(layout, config, installed, placement, judge, remembering, hung, taught)
    except ModelError as error:
        if placement.device == "cpu":
            raise
        LOGGER.warning("%s %s The CPU is used instead.", error.message, error.hint)
        device_record.note(layout, placement.device, why_of(error, placement.device))
    placement = _placed(layout, config, installed, taught)
    return _loaded(layout, config, installed, placement, judge, remembering, hung, taught)


def of(served: versions.Served, config: Config, judge: Judge | None = None) -> ServedModel:
    """That very graph, whatever answers at the moment, without a memory; raises a ModelError."""
    thrifty = config.model.profile == "battery"
    language = _language(served.model)
    threads = config.model.threads or usual_threads()
    device = device_for(config.model, served.model, served.precision)
    engine = _engine(served, engines.built_in(), threads, language.tokenizer.size, device)
    written = model_languages.languages(served.model.manifest)
    return ServedModel(served.name, engine, language, config, judge=judge, thrifty=thrifty, languages=written)


def why_of(error: ShadowpenError, device: str) -> str:
    """An error's sentence as the end of another that names the device already."""
    for opening in ("failed", "does not run"):
        error_of_device = f"The model {opening} on {device}: "
        if error.message.startswith(error_of_device):
            return error.message.removeprefix(error_of_device).rstrip(".")
    return error.message.rstrip(".")


def _placed(layout: Layout, config: Config, installed: models.InstalledModel, taught: bool) -> Placement:
    """Where the model runs; a device that takes the process down while it is tried is not tried again."""
    tried = [name for name in devices.AUTOMATIC if devices.provider(name)] if config.model.device == "auto" else []
    tried = tried or [name for name in (config.model.device,) if name not in ("auto", "cpu")]
    with contextlib.ExitStack() as stack:
        for name in tried:
            if not device_record.trouble(layout, name):
                stack.enter_context(device_record.DeviceWork(layout, name))
        return place(layout, config.model, installed, for_current=taught)


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
    installed: models.InstalledModel,
    placement: Placement,
    judge: Judge | None,
    remembering: Remembering | None,
    hung: Callable[[], object],
    taught: bool,
) -> ServedModel:
    device, precision = placement.device, placement.precision
    current = versions.served(layout, installed, precision, thorough=True) if taught else None
    served = current or versions.base(installed, precision)
    work = device_record.DeviceWork(layout, device) if device != "cpu" else None
    language = _language(installed)
    if remembering is not None:
        remembering.open(language.tokenizer)
    thrifty = config.model.profile == "battery" or (config.model.profile == "auto" and power.on_battery())
    threads = config.model.threads or (1 if thrifty else usual_threads())
    tasks = registry.load(layout, config.model.tasks, hung)
    chosen = engines.chosen(layout, config.model.engine, hung)
    tasks.problems += filter(None, [chosen.problem])
    make = functools.partial(_engine, threads=threads, tokens=language.tokenizer.size, device=device, work=work)
    try:
        engine = make(served, chosen)
    except PluginBroken as error:
        tasks.problems.append(f"{error.message} {error.hint}")
        chosen = engines.built_in()
        engine = make(served, chosen)
    except ModelCorrupt as error:
        if not served.version:
            raise
        LOGGER.warning("the version %s cannot be used; the base answers", served.version)
        why = ModelCorrupt(f"The version {served.version} cannot be used: {error.message}", error.hint)
        served = versions.base(installed, precision, why)
        engine = make(served, chosen)
    return ServedModel(
        served.name,
        engine,
        language,
        config,
        served.problem or placement.problem,
        judge,
        thrifty=thrifty,
        memory=remembering,
        placement=placement,
        failed=lambda why: device_record.note(layout, device, why),
        tasks=tasks,
        engine_name=chosen.name,
        languages=model_languages.languages(installed.manifest),
    )


def usual_threads() -> int:
    """On the CPU, where the settings leave it open."""
    return min(_MOST_THREADS, psutil.cpu_count(logical=False) or 1)


def _engine(
    served: versions.Served,
    chosen: engines.EngineChoice,
    threads: int,
    tokens: int,
    device: str = "cpu",
    work: contextlib.AbstractContextManager[object] | None = None,
) -> Engine:
    from shadowpen.daemon.engine.onnx_cache import GraphShape

    architecture = served.model.manifest.architecture
    shape = GraphShape(
        layers=architecture.layers,
        kv_heads=architecture.kv_heads,
        head_dim=architecture.head_dim,
        vocabulary_size=architecture.vocab,
        context_length=architecture.context_length,
        kv_dtype=served.kv_dtype,
        tokens=tokens,
        recurrent=architecture.model_type == "lstm",
        prefix_tokens=architecture.prefix_tokens,
    )
    return chosen.make(served.graph, shape, device=device, threads=threads, work=work)
