"""The engine that the settings name: ours, or a plug-in's that has answered once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.installed import packages

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.engine import engines
from shadowpen.daemon.engine.onnx_cache import GraphShape
from shadowpen.daemon.plugins import trial

_SHAPE = GraphShape(1, 1, 8, 20, 64)
_ENGINE = """
import numpy as np
class Cache:
    length = nbytes = 0
    def rewind(self, length): self.length = length
class Quiet:
    vocabulary_size, context_length, device = 20, 64, "paper"
    fill = 0.0
    def __init__(self, graph, shape, *, device, threads): pass
    def new_cache(self): return Cache()
    def run(self, cache, ids, logits=1):
        cache.length += len(ids)
        return np.full((logits, 20), self.fill, np.float32)
    def fork(self, cache, rows): return cache
    def select(self, cache, rows): return cache
    def run_rows(self, cache, ids): raise RuntimeError("no rows")
    def close(self): pass
class NaN(Quiet):
    fill = float("nan")
class Refusing(Quiet):
    def __init__(self, *args, **options): raise OSError("no such device")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = {name.lower(): f"enginewell:{name}" for name in ("Quiet", "NaN", "Refusing")}
    packages.install(tmp_path, monkeypatch, "enginewell", _ENGINE, engines=points)
    monkeypatch.setattr(trial, "problem", lambda plugin: "")


@pytest.mark.usefixtures("package")
def test_a_plug_ins_engine_runs_the_model(layout: store.Layout) -> None:
    chosen = engines.chosen(layout, "quiet")
    engine = chosen.make(Path("model.onnx"), _SHAPE, device="cpu", threads=1)
    assert (chosen.problem, engine.device, engine.vocabulary_size) == ("", "paper", 20)
    cache = engine.new_cache()
    np.testing.assert_array_equal(engine.run(cache, [1, 2], 2), np.zeros((2, 20)))
    with pytest.raises(PluginBroken, match=r"The engine 'quiet' of the package enginewell .* no rows"):
        engine.run_rows(cache, [1])


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("name", "words"), [("nan", "run"), ("refusing", "no such device")])
def test_one_that_does_not_answer_is_broken(layout: store.Layout, name: str, words: str) -> None:
    with pytest.raises(PluginBroken, match=words):
        engines.chosen(layout, name).make(Path("model.onnx"), _SHAPE, device="cpu", threads=1)


@pytest.mark.usefixtures("package")
def test_an_engine_that_is_not_there_leaves_it_to_ours(layout: store.Layout) -> None:
    chosen = engines.chosen(layout, "candle")
    assert chosen.plugin is None and "nan, onnx, quiet, refusing" in chosen.problem
    assert engines.chosen(layout, "onnx") == engines.built_in()


def test_a_server_is_no_engine_for_the_model(layout: store.Layout) -> None:
    chosen = engines.chosen(layout, "openai")
    assert chosen.plugin is None and "engine.writing" in chosen.problem
