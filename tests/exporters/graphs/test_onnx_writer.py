"""Weights go to the data file as they come, and stand where the graph says they do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from shadowpen.exporters.graphs.onnx_writer import DATA_FILE, GRAPH_FILE, OnnxWriter


@pytest.fixture
def weight() -> np.ndarray:
    return np.arange(12, dtype=np.float32).reshape(3, 4)


def test_a_graph_runs_with_its_weights_beside_it(tmp_path: Path, weight: np.ndarray) -> None:
    with OnnxWriter(tmp_path) as writer:
        given = writer.input("given", TensorProto.FLOAT, ["rows", 3])
        writer.initialiser("first", np.ones(5, np.float32))
        product = writer.node("MatMul", [given, writer.initialiser("weight", weight)], "product")
        writer.node("Add", [product, writer.constant("one", np.array(1, np.float32))], "result")
        writer.output("result", TensorProto.FLOAT, ["rows", 4])
        graph = writer.save("test")
    assert graph == tmp_path / GRAPH_FILE
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    found = onnxruntime.InferenceSession(str(graph), options).run(None, {"given": np.eye(3, dtype=np.float32)})[0]
    assert np.array_equal(found, weight + 1)


def test_weights_start_on_pages_and_are_written_once(tmp_path: Path, weight: np.ndarray) -> None:
    with OnnxWriter(tmp_path) as writer:
        for name in ("a", "b", "a"):
            writer.initialiser(name, weight)
        size = writer.save("test").with_name(DATA_FILE).stat().st_size
    assert size == 4096 + weight.nbytes
    found = onnx.load(tmp_path / GRAPH_FILE, load_external_data=False).graph.initializer
    offsets = {one.name: {entry.key: entry.value for entry in one.external_data}["offset"] for one in found}
    assert offsets == {"a": "0", "b": "4096"}


def test_one_weight_can_be_seen_in_two_shapes(tmp_path: Path, weight: np.ndarray) -> None:
    with OnnxWriter(tmp_path) as writer:
        writer.initialiser("flat", weight.reshape(12))
        writer.reshaped("square", "flat", (2, 6))
        graph = writer.save("test")
    assert graph.with_name(DATA_FILE).stat().st_size == weight.nbytes
    found = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(graph).graph.initializer}
    assert np.array_equal(found["square"], weight.reshape(2, 6))
