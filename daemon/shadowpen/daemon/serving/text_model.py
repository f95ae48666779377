"""Decide which engine writes what: the built-in model, a second one for paragraphs, or a server.

Nothing is sent before the first request. Where the engine is on another machine, documents in private folders are kept
from it. Knows neither sockets nor schedules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.config import load as load_settings
from shadowpen.daemon.base.errors import ConfigInvalid, RequestInvalid, ServerFailed
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.engine.openai import address
from shadowpen.daemon.engine.session_pool import own_name
from shadowpen.daemon.engine.text_engine import Await, TextEngine
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.privacy.addresses import readings, split_uri
from shadowpen.daemon.privacy.paths import path_verdict
from shadowpen.daemon.serving import model as built_in
from shadowpen.daemon.serving.model_slot import Model, ModelRequest
from shadowpen.daemon.serving.writing_model import WritingModel
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.tasks.by_text.base import TextContext, TextTask
from shadowpen.daemon.tasks.by_text.continuation import ContinueByText
from shadowpen.daemon.tasks.by_text.expansion import ExpandByText
from shadowpen.daemon.tasks.by_text.ghost_text import CompleteByText
from shadowpen.daemon.tasks.by_text.preparation import PrepareByText
from shadowpen.daemon.wire.protocol import Complete, Completion, Continue, Expand, Prepare, Reply, RunVerb
from shadowpen.daemon.wire.reports import EngineReport, ModelReport

_WRITING: tuple[type, ...] = (Continue, Expand)
_GHOST_TEXT: tuple[type, ...] = (Complete, Prepare)


class TextModel:
    """A text engine with its tasks. `leaves_machine` where what is sent goes to another machine.

    Then a folder that `load_config` calls private now is kept from it, as are those of the settings it began with.
    """

    def __init__(
        self,
        engine: TextEngine,
        config: Config,
        judge: Judge,
        load_config: Callable[[], Config],
        *,
        leaves_machine: bool = False,
    ) -> None:
        self._engine, self._config, self._leaves_machine = engine, config, leaves_machine
        self._load_config = load_config
        kind: Any = config.engine.kind
        self._context = TextContext(engine, config.completion, kind, config.engine.limit_s, judge)
        self._tasks: dict[type, TextTask] = {task.request_type: task for task in _tasks()}

    @property
    def name(self) -> str:
        return self._context.model_name

    def steps(self, request: ModelRequest, deadline_s: float, client: bytes = b"") -> Iterator[Reply | Await | None]:
        """See `TextTask.steps`; a document is its client's own."""
        if self._leaves_machine and self._is_private(request.document):
            return _kept_back(request, self.name)
        task = self._tasks.get(type(request))
        if task is None:
            raise RequestInvalid(
                f"A server cannot carry out {type(request).__name__}.",
                "Set engine.ghost_text or engine.writing to onnx.",
            )
        return task.steps(request, replace(self._context, client=client), deadline_s)

    def _is_private(self, document: str) -> bool:
        """Whether the document is a file that may be completed, and kept nowhere else."""
        if split_uri(document)[0] != "file":
            return False
        told = (self._config.learning, self._load_config().learning)
        return not all(path_verdict(place, learning).keep for place in readings(document) for learning in told)

    def close_document(self, document: str, client: bytes = b"") -> None:
        self._context.drafts.close(own_name(document, client))

    def report(self) -> ModelReport:
        """For `shadowpen status`; the state is its owner's to add."""
        health = self._context.health
        failure = health.failure
        return ModelReport(
            engine=EngineReport(
                told=address.spoken(self._config.engine),
                leaves_machine=self._leaves_machine,
                asked=health.asked,
                late=health.late,
                problem=f"{failure.message} {failure.hint}".strip() if failure is not None else "",
            )
        )

    def close(self) -> None:
        self._engine.close()


class TwoModels:
    """The model that is built in, and another in its place for the requests of `kinds` and the `verbs` of that name."""

    def __init__(self, own: Model, other: Model, kinds: tuple[type, ...], verbs: frozenset[str] = frozenset()) -> None:
        self._own, self._other, self._kinds, self._verbs = own, other, kinds, verbs

    @property
    def name(self) -> str:
        return self._own.name

    def steps(self, request: ModelRequest, deadline_s: float, client: bytes = b"") -> Iterator[Reply | Await | None]:
        is_other = isinstance(request, self._kinds) or (isinstance(request, RunVerb) and request.verb in self._verbs)
        return (self._other if is_other else self._own).steps(request, deadline_s, client)

    def close_document(self, document: str, client: bytes = b"") -> None:
        self._own.close_document(document, client)
        self._other.close_document(document, client)

    def report(self) -> ModelReport:
        other = self._other.report()
        return msgspec.structs.replace(self._own.report(), engine=other.engine, writing=other.writing)

    def close(self) -> None:
        self._own.close()
        self._other.close()


class NoEngine:
    """What stands for an engine whose settings are wrong: every request tells so, and nothing is sent."""

    def __init__(self, model: str, error: ConfigInvalid) -> None:
        self.model, self._error = model, error

    def begin(self, request: object) -> Any:
        raise ServerFailed(self._error.message, self._error.hint)

    def close(self) -> None:
        """Nothing is held."""


def load(
    layout: Layout,
    config: Config,
    judge: Judge,
    remembering: Remembering,
    hung: Callable[[], object] = lambda: None,
) -> Model:
    """Who writes what, as the settings say; raises what `model.load` raises where the built-in model has its part.

    `hung` as in `model.load`.
    """
    settings = config.engine
    kinds = (_GHOST_TEXT if settings.ghost_text == "openai" else ()) + (
        _WRITING if settings.writing == "openai" else ()
    )
    if kinds == _GHOST_TEXT + _WRITING:
        return _text_model(layout, config, judge)
    own = _own(layout, config, judge, remembering, hung)
    return TwoModels(own, _text_model(layout, config, judge), kinds) if kinds else own


def _own(layout: Layout, config: Config, judge: Judge, remembering: Remembering, hung: Callable[[], object]) -> Model:
    """The model of the settings, and the one for writing where they name another."""
    own = built_in.load(layout, config, judge, remembering, hung)
    if config.writing.model in ("", config.model.name):
        return own
    return TwoModels(own, WritingModel(layout, config, hung), _WRITING, own.unmeasured_verbs)


def _text_model(layout: Layout, config: Config, judge: Judge) -> TextModel:
    def now() -> Config:
        return load_settings(layout.config_file)

    try:
        server = address.parsed(config.engine)
    except ConfigInvalid as error:
        return TextModel(NoEngine(config.engine.model, error), config, judge, now)
    from shadowpen.daemon.engine.openai.client import OpenAiEngine  # an HTTP client: only where one is used

    engine = OpenAiEngine(server, config.engine.model)
    return TextModel(engine, config, judge, now, leaves_machine=server.leaves_machine)


def _tasks() -> tuple[TextTask, ...]:
    return CompleteByText(), ContinueByText(), ExpandByText(), PrepareByText()


def _kept_back(request: ModelRequest, name: str) -> Iterator[Reply | Await | None]:
    if isinstance(request, Complete) and not request.explicit:
        yield Completion(id=request.id, model=name, reason="private_folder")
        return
    raise RequestInvalid(
        "This document is in a private folder: its text is not sent to another machine.",
        "Write here with the built-in model (engine.writing), or change learning.private_folders.",
    )
