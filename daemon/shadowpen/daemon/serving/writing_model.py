"""The second installed model, for paragraphs: loaded on demand, unloaded when idle.

It works in a thread of its own with a lower claim on the processor, so that ghost text does not wait for its steps. It
is served as it was installed: versions, memory and the judge belong to the model for ghost text. Knows no sockets.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import psutil

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DeviceFailed, MemoryTooSmall, ModelError, ShadowpenError
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.engine.text_engine import Await, Stream
from shadowpen.daemon.serving import model as built_in
from shadowpen.daemon.serving.model_slot import Model, ModelRequest, plainly
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.placement import memory_of, place
from shadowpen.daemon.wire.protocol import Partial, Reply
from shadowpen.daemon.wire.reports import ModelReport, WritingReport

_MEGABYTE = 1 << 20
_SMALLEST_CACHE_MB = 16
_NICENESS = 5
_END_WAIT_S = 5.0  # for the step under way
_Begin = Callable[[Model], Iterator[Reply | Await | None]]  # a request, once there is a model for it
_TO_DO = "Choose a smaller one with `shadowpen models use NAME --for writing`, or change writing.memory_mb."


class WritingModel:
    """The model of `writing.model`; `load` obtains it, `available_bytes` says how much memory is free."""

    def __init__(
        self,
        layout: Layout,
        config: Config,
        hung: Callable[[], object] = lambda: None,
        load: Callable[..., Model] = built_in.load,
        available_bytes: Callable[[], int] = lambda: int(psutil.virtual_memory().available),
    ) -> None:
        self._layout, self._config, self._hung = layout, config, hung
        self._load, self._available_bytes = load, available_bytes
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._model: Model | None = None
        self._told = WritingReport(state="unloaded")

    @property
    def name(self) -> str:
        return self._config.writing.model

    def steps(self, request: ModelRequest, deadline_s: float, client: bytes = b"") -> Iterator[Reply | Await | None]:
        """As `ServedModel.steps`, up to the answer; yields Await while the thread is at work."""

        def begin(model: Model) -> Iterator[Reply | Await | None]:
            return model.steps(request, deadline_s, client)

        stream: Stream[Reply] = Stream()
        unwanted = threading.Event()
        stream.on_close(unwanted.set)
        try:
            self._order(lambda: self._answer(begin, stream, unwanted))
            while not stream.ended:
                taken = stream.take()
                yield from taken
                if not taken and not stream.ended:
                    yield Await(stream.when_ready)
        finally:
            stream.close()

    def close_document(self, document: str, client: bytes = b"") -> None:
        if self._model is not None:
            self._order(lambda: self._model.close_document(document, client) if self._model is not None else None)

    def report(self) -> ModelReport:
        """For `shadowpen status`."""
        budget_mb = self._config.writing.memory_mb
        told = self._told if self._told.name else msgspec.structs.replace(self._told, name=self.name)
        return ModelReport(writing=msgspec.structs.replace(told, memory_mb=budget_mb))

    def close(self) -> None:
        """Free the weights; waits for the step under way, but not for ever."""
        if self._thread is not None:
            self._inbox.put(None)
            self._thread.join(_END_WAIT_S)

    def _order(self, work: Callable[[], None]) -> None:
        self._inbox.put(work)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="shadowpen-writing", daemon=True)
            self._thread.start()

    # --- the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        _give_way()
        while True:
            try:
                work = self._inbox.get(timeout=self._config.writing.unload_after_s or None)
            except queue.Empty:
                self._unload()
                continue
            if work is None:
                break
            work()
        self._unload()

    def _answer(self, begin: _Begin, stream: Stream[Reply], unwanted: threading.Event) -> None:
        try:
            if unwanted.is_set():
                return
            try:
                self._write(begin, stream, unwanted)
            except DeviceFailed as error:  # the model noted it: the next one runs elsewhere
                LOGGER.warning("%s", error.message)
                self._unload()
                self._write(begin, stream, unwanted)
        except DeviceFailed as error:  # twice: the daemon is not to load the other model anew for that
            stream.fail(ModelError(error.message, error.hint))
        except ShadowpenError as error:
            stream.fail(error)
        except Exception as error:
            LOGGER.error("the model for writing failed: %s", describe(error))
            stream.fail(ShadowpenError("The request failed inside the daemon.", "`shadowpen status` names its log."))
        else:
            stream.finish()

    def _write(self, begin: _Begin, stream: Stream[Reply], unwanted: threading.Event) -> None:
        model = self._loaded()
        steps = begin(model)
        for reply in steps:
            if unwanted.is_set():
                break
            if reply is None or isinstance(reply, Await):
                continue
            stream.put(reply)
            if not isinstance(reply, Partial):
                break  # nothing is prepared behind the answer
        del steps  # a generator ends here, while the model is open
        self._tell(model)

    def _loaded(self) -> Model:
        if self._model is None:
            self._told = WritingReport(state="loading")
            started_s = time.monotonic()
            try:
                config = self._within_budget()
                self._model = self._load(self._layout, config, hung=self._hung, taught=False)
            except BaseException as error:
                known = error if isinstance(error, ShadowpenError) else plainly(error)
                LOGGER.warning("the model for writing could not be loaded: %s", known.code)
                self._told = WritingReport(state="failed", problem=f"{known.message} {known.hint}".rstrip())
                raise known from error
            LOGGER.info("model %s for writing loaded in %.0f ms", self.name, (time.monotonic() - started_s) * 1000)
            self._tell(self._model)
        return self._model

    def _within_budget(self) -> Config:
        """The settings for that model, its caches bounded by what its weights leave; MemoryTooSmall where none is."""
        settings = self._config
        chosen = dataclasses.replace(settings.model, name=self.name, precision="auto")
        installed = models.resolve(self.name, self._layout)
        precision = place(self._layout, chosen, installed, for_current=False).precision
        weights_mb = memory_of(installed, precision) / _MEGABYTE
        cache_mb = int(min(settings.daemon.cache_mb, settings.writing.memory_mb - weights_mb))
        if cache_mb < _SMALLEST_CACHE_MB:
            raise MemoryTooSmall(
                f"The model '{self.name}' takes about {weights_mb + _SMALLEST_CACHE_MB:,.0f} MB of memory, and "
                f"writing.memory_mb allows {settings.writing.memory_mb:,}.",
                _TO_DO,
            )
        free_mb = self._available_bytes() / _MEGABYTE
        if weights_mb + cache_mb > free_mb:
            raise MemoryTooSmall(
                f"The model '{self.name}' takes about {weights_mb + cache_mb:,.0f} MB of memory, and "
                f"{free_mb:,.0f} MB are free.",
                "Close other programs, or choose a smaller one with `shadowpen models use NAME --for writing`.",
            )
        return dataclasses.replace(
            settings, model=chosen, daemon=dataclasses.replace(settings.daemon, cache_mb=cache_mb)
        )

    def _tell(self, model: Model) -> None:
        about = model.report()
        self._told = WritingReport(state="ready", name=model.name, runs=about.runs, cache_mb=about.cache_mb)

    def _unload(self) -> None:
        model, self._model = self._model, None
        if model is not None:
            model.close()
            self._told = WritingReport(state="unloaded")
            LOGGER.info("the model for writing was unloaded")


def _give_way() -> None:
    """Lower this thread's claim on the processor, and that of those it starts; where the system knows such a thing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
