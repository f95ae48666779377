import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.daemon.engine.onnx_cache import GraphShape
from shadowpen.daemon.engine.onnx_engine import OnnxEngine

IDS = [int(i) for i in np.random.default_rng(3).integers(1, 400, 600)]


@pytest.fixture(scope="module")
def shape_and_graph(tiny_models: Path) -> tuple[GraphShape, Path]:
    folder = tiny_models / "tiny"
    a = json.loads((folder / "manifest.json").read_text())["architecture"]
    shape = GraphShape(a["layers"], a["kv_heads"], a["head_dim"], a["vocab"], a["context_length"])
    return shape, folder / "fp32" / "model.onnx"


@pytest.fixture(scope="module")
def engine(shape_and_graph: tuple[GraphShape, Path]) -> Iterator[OnnxEngine]:
    shape, graph = shape_and_graph
    engine = OnnxEngine(graph, shape, threads=1)
    yield engine
    engine.close()


def test_token_by_token_equals_all_at_once_across_a_growing_buffer(engine: OnnxEngine) -> None:
    whole, stepwise = engine.new_cache(), engine.new_cache()
    expected = engine.run(whole, IDS[:300], logits=300)
    engine.run(stepwise, IDS[:250])
    found = np.concatenate([engine.run(stepwise, [i]) for i in IDS[250:300]])
    np.testing.assert_allclose(found, expected[250:], atol=1e-3)
    assert stepwise.capacity >= 300


def test_after_a_rewind_the_past_beyond_it_does_not_count(engine: OnnxEngine) -> None:
    cache, fresh = engine.new_cache(), engine.new_cache()
    engine.run(cache, IDS[:100])
    cache.rewind(40)
    found = engine.run(cache, IDS[200:210])
    engine.run(fresh, IDS[:40])
    np.testing.assert_allclose(found, engine.run(fresh, IDS[200:210]), atol=1e-3)


def test_forked_rows_go_their_own_ways(engine: OnnxEngine) -> None:
    cache = engine.new_cache()
    engine.run(cache, IDS[:20])
    rows = engine.fork(cache, 3)
    engine.run_rows(rows, [5, 6, 7])
    found = engine.run_rows(rows, [8, 8, 8])
    for row, first in enumerate([5, 6, 7]):
        alone = engine.new_cache()
        engine.run(alone, IDS[:20])
        engine.run(alone, [first])
        np.testing.assert_allclose(found[row], engine.run(alone, [8])[0], atol=1e-3)
    assert cache.length == 20


def test_rows_are_selected_and_their_past_with_them(engine: OnnxEngine) -> None:
    cache = engine.new_cache()
    engine.run(cache, IDS[:20])
    rows = engine.fork(cache, 2)
    engine.run_rows(rows, [5, 6])
    found = engine.run_rows(engine.select(rows, [1, 0, 1]), [8, 8, 9])
    for row, ids in enumerate([[6, 8], [5, 8], [6, 9]]):
        alone = engine.new_cache()
        engine.run(alone, IDS[:20])
        np.testing.assert_allclose(found[row], engine.run(alone, ids)[0], atol=1e-3)


def test_beyond_the_context_is_an_error_and_costs_nothing(engine: OnnxEngine) -> None:
    cache = engine.new_cache()
    with pytest.raises(ValueError, match="do not fit"):
        engine.run(cache, [1] * (engine.context_length + 1))
    assert cache.length == 0


def test_a_device_that_is_not_there_is_said_so(shape_and_graph: tuple[GraphShape, Path]) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has CUDA")
    shape, graph = shape_and_graph
    with pytest.raises(ModelUnsupported, match="cuda"):
        OnnxEngine(graph, shape, device="cuda")


def test_garbage_is_a_corrupt_model(shape_and_graph: tuple[GraphShape, Path], tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelCorrupt):
        OnnxEngine(tmp_path / "model.onnx", shape_and_graph[0])


def test_rows_without_a_token_are_left_out(shape_and_graph: tuple[GraphShape, Path], engine: OnnxEngine) -> None:
    shape, graph = shape_and_graph
    padded = OnnxEngine(graph, replace(shape, tokens=shape.vocabulary_size - 28), threads=1)

    def made(engine: OnnxEngine) -> list[np.ndarray]:
        cache = engine.new_cache()
        once = engine.run(cache, IDS[:20], logits=2)
        return [once, engine.run_rows(engine.fork(cache, 2), [5, 6])]

    padded.probe()
    for found, expected in zip(made(padded), made(engine), strict=True):
        np.testing.assert_allclose(found, expected[:, :-28], atol=1e-3)


def test_weights_behind_a_link_are_named(shape_and_graph: tuple[GraphShape, Path], tmp_path: Path) -> None:
    shape, graph = shape_and_graph
    elsewhere, folder = tmp_path / "disk", tmp_path / "model"
    shutil.copytree(graph.parent, folder)
    elsewhere.mkdir()
    (folder / "model.onnx.data").rename(elsewhere / "weights")
    (folder / "model.onnx.data").symlink_to(elsewhere / "weights")

    with pytest.raises(ModelCorrupt, match="leads out of the model's folder") as raised:
        OnnxEngine(folder / "model.onnx", shape)

    assert str(elsewhere / "weights") in raised.value.hint
