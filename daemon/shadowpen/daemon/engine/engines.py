"""Choose the engine that runs the model: the built-in one, or a plug-in's that the settings name.

A plug-in's engine is made as ours is, `engine(graph, shape, device=..., threads=...)`, and must answer once before it
is used. Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.engine.base import Cache, Engine
from shadowpen.daemon.engine.onnx_cache import GraphShape
from shadowpen.daemon.plugins import registry, switched_off, trial
from shadowpen.daemon.plugins.registry import Plugin
from shadowpen.daemon.plugins.watch import PluginWatch

BUILT_IN = "onnx"


@dataclass(frozen=True)
class EngineChoice:
    """An engine to be made; `plugin` None is ours, else `watch` guards it.

    `problem`: why it is not the one that the settings name.
    """

    plugin: Plugin | None = None
    watch: PluginWatch | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        return f"{self.plugin.name} ({self.plugin.package})" if self.plugin else BUILT_IN

    def make(
        self,
        graph: Path,
        shape: GraphShape,
        *,
        device: str,
        threads: int,
        work: AbstractContextManager[object] | None = None,
    ) -> Engine:
        """The engine, which has answered once; PluginBroken for another package's that did not, else a ModelError."""
        if shape.recurrent:
            from shadowpen.daemon.engine.baseline.lstm_engine import LstmEngine

            recurrent = LstmEngine(graph, shape, device=device, threads=threads)
            _probe(recurrent)
            return recurrent
        if self.plugin is None or self.watch is None:
            from shadowpen.daemon.engine.onnx_engine import OnnxEngine

            engine = OnnxEngine(graph, shape, device=device, threads=threads, work=work)
            engine.probe()
            return engine
        kind = self.plugin.load()
        with self.watch:
            made: Engine = kind(graph, shape, device=device, threads=threads)
            _probe(made)
            return WatchedEngine(made, self.watch)


class WatchedEngine:
    """An engine of another package: it fails by its name, and one that hangs is switched off."""

    def __init__(self, engine: Engine, watch: PluginWatch) -> None:
        self._engine, self._watch = engine, watch
        self.vocabulary_size = engine.vocabulary_size
        self.context_length = engine.context_length
        self.device = engine.device

    def new_cache(self) -> Cache:
        with self._watch:
            return self._engine.new_cache()

    def run(self, cache: Any, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        with self._watch:
            return self._engine.run(cache, ids, logits)

    def fork(self, cache: Any, rows: int) -> Any:
        with self._watch:
            return self._engine.fork(cache, rows)

    def select(self, cache: Any, rows: Sequence[int]) -> Any:
        with self._watch:
            return self._engine.select(cache, rows)

    def run_rows(self, cache: Any, ids: Sequence[int]) -> np.ndarray:
        with self._watch:
            return self._engine.run_rows(cache, ids)

    def close(self) -> None:
        with self._watch:
            self._engine.close()


def built_in() -> EngineChoice:
    return EngineChoice()


def chosen(layout: Layout, name: str, hung: Callable[[], object] = lambda: None) -> EngineChoice:
    """The engine that the settings name; the built-in one with a `problem` where that cannot be used.

    `hung` as in `PluginWatch`.
    """
    if name == BUILT_IN:
        return built_in()
    if name in registry.ours("engines"):  # a text engine: it takes no ids
        told = f"model.engine: '{name}' takes text; engine.writing and engine.ghost_text choose it."
        return EngineChoice(problem=f"{told} {BUILT_IN} is used.")
    plugin = registry.others("engines").get(name)
    if plugin is None:
        known = ", ".join(sorted({BUILT_IN, *registry.others("engines")}))
        return EngineChoice(problem=f"model.engine: there is no engine '{name}', only {known}. {BUILT_IN} is used.")
    why = switched_off.why(layout, plugin) or trial.problem(plugin)
    if why:
        return EngineChoice(problem=trial.said(plugin, f"{why}; {BUILT_IN} is used"))
    return EngineChoice(plugin, PluginWatch(plugin, layout, hung))


def _probe(engine: Any) -> None:
    """One call as a request makes it; ValueError for an answer that is none."""
    cache = engine.new_cache()
    made = engine.run(cache, [0, min(1, engine.vocabulary_size - 1)])
    if made.shape != (1, engine.vocabulary_size) or not np.isfinite(made).all():
        raise ValueError(f"run() gives {made.dtype} {list(made.shape)}, not float32 [1, {engine.vocabulary_size}]")
    if cache.length != 2:
        raise ValueError("its cache does not count its tokens")
