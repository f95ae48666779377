"""Load, swap, fail over and unload the model in use.

Loading runs in a thread of its own and its outcome comes back through `put` into the one thread that owns the slot,
so the old model answers until the new one stands. A model that was swapped out stays open while jobs use it.
Knows neither requests nor schedules.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import MemoryTooSmall, ModelError, ShadowpenError
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.serving import events
from shadowpen.daemon.wire.protocol import Complete, Continue, Event, Expand, Prepare, Reply, RunVerb
from shadowpen.daemon.wire.reports import DaemonState, ErrorDetails, ModelReport, ModelState

ModelRequest = Complete | Continue | Expand | RunVerb | Prepare

_RETRY_AFTER_S = 1.0  # after a failed load; until then whoever wants a model gets the same failure at once


class Model(Protocol):
    """What is served; see shadowpen.daemon.serving.model.ServedModel."""

    @property
    def name(self) -> str: ...

    def steps(
        self, request: ModelRequest, deadline_s: float, client: bytes = b""
    ) -> Iterator[Reply | Await | None]: ...
    def close_document(self, document: str, client: bytes = b"") -> None: ...
    def report(self) -> ModelReport: ...
    def close(self) -> None: ...


Load = Callable[[], tuple[Model, Config]]
Reloaded = Callable[[ShadowpenError | None], None]


class ModelSlot:
    """The model in use, which can be swapped.

    `model` is what answers now, `config` the settings it was loaded with; `retired` are those that were swapped out and
    stay open.

    `on_change(failure)` is called in the owning thread after each load, with None when it went well.
    """

    def __init__(
        self,
        load: Load,
        config: Config,
        put: Callable[[Callable[[], None]], None],
        publish: Callable[[Event], None],
        on_change: Callable[[ShadowpenError | None], None],
    ) -> None:
        self.model: Model | None = None
        self.config = config
        self._load, self._put, self._publish, self._on_change = load, put, publish, on_change
        self._loader: threading.Thread | None = None
        self._failure: ShadowpenError | None = None
        self._failed_s = 0.0
        self.retired: list[Model] = []
        self._reloading: list[Reloaded] = []
        self._reload_next: list[Reloaded] = []

    def want(self) -> ShadowpenError | None:
        """Begin to load unless that is under way; the last failure when it is too fresh to try again."""
        if self._loader is not None:
            return None
        if self._failure is not None and time.monotonic() < self._failed_s + _RETRY_AFTER_S:
            return self._failure
        self._begin()
        return None

    def reload(self, done: Reloaded) -> None:
        """Load anew what is configured now; `done` is told the outcome, and the old model stays if it fails."""
        if self._loader is not None:
            self._reload_next.append(done)  # the load under way may have read the old state
        else:
            self._reloading.append(done)
            self._begin()

    def unload(self) -> None:
        """Give the memory back; the next `want` loads again."""
        if self.model is not None:
            self.model.close()
            self.model = None
            LOGGER.info("the model was unloaded")
            self._publish(Event(kind=events.MODEL_UNLOADED))

    def close_retired(self, in_use: set[int]) -> None:
        """Close the models swapped out, but for those whose id() is in use."""
        for model in [model for model in self.retired if id(model) not in in_use]:
            self.retired.remove(model)
            model.close()

    @property
    def is_loading(self) -> bool:
        return self._loader is not None

    def close(self) -> None:
        self.close_retired(set())
        if self.model is not None:
            self.model.close()
            self.model = None

    def join(self, timeout_s: float) -> bool:
        """Wait for a load under way; False if it takes longer. From any thread."""
        loader = self._loader
        if loader is not None:
            loader.join(timeout_s)
        return loader is None or not loader.is_alive()

    def state(self) -> ModelState:
        """Where the model stands. From any thread."""
        model, failure = self.model, self._failure
        if model is not None:
            return ModelState(state="ready", model=model.name)
        if self._loader is not None:
            return ModelState(state="loading")
        if failure is not None:
            return ModelState(state="failed", error=ErrorDetails.of(failure))
        return ModelState(state="unloaded")

    def _begin(self) -> None:
        self._loader = threading.Thread(target=self._run_load, name="shadowpen-loader", daemon=True)
        self._loader.start()

    def _run_load(self) -> None:
        started_s = time.monotonic()
        try:
            model, config = self._load()
        except ShadowpenError as error:
            LOGGER.warning("the model could not be loaded: %s", error.code)
            self._put(partial(self._failed, error))
        except BaseException as error:
            LOGGER.error("the model could not be loaded: %s", describe(error))
            self._put(partial(self._failed, plainly(error)))
        else:
            LOGGER.info("model %s loaded in %.0f ms", model.name, (time.monotonic() - started_s) * 1000)
            self._put(partial(self._loaded, model, config))

    def _loaded(self, model: Model, config: Config) -> None:
        old, self.model, self.config = self.model, model, config
        self._loader, self._failure = None, None
        if old is not None:
            self.retired.append(old)
        self._publish(Event(kind=events.MODEL_SWAPPED if old else events.MODEL_LOADED))
        self._settle(None)

    def _failed(self, failure: ShadowpenError) -> None:
        self._loader, self._failed_s = None, time.monotonic()
        self._failure = failure if self.model is None else None
        self._publish(Event(kind=events.MODEL_FAILED, data=DaemonState(error=ErrorDetails.of(failure))))
        self._settle(failure)

    def _settle(self, failure: ShadowpenError | None) -> None:
        self._on_change(failure)
        done, self._reloading, self._reload_next = self._reloading, self._reload_next, []
        for tell in done:
            tell(failure)
        if self._reloading:
            self._begin()


def plainly(error: BaseException) -> ModelError:
    """The sentence for what nobody foresaw; a library that finds no memory when it is loaded says so in its words."""
    if isinstance(error, MemoryError) or "annot allocate memory" in str(error):
        return MemoryTooSmall("There is not enough memory for the model.", "Close other programs and try again.")
    return ModelError("The model could not be loaded.", "`shadowpen doctor` looks for the cause.")
