"""The caches of the ONNX engine: made on the device as they are made by the processor."""

from __future__ import annotations

import numpy as np
import pytest

from shadowpen.daemon.engine.onnx_cache import DeviceBuffers, HostBuffers, OnnxCache


@pytest.mark.parametrize("kv_dtype", ["float32", "float16"])
def test_a_device_makes_the_same_buffers_as_the_processor(kv_dtype: str) -> None:
    host, device = HostBuffers(kv_dtype), DeviceBuffers(kv_dtype, "CPUExecutionProvider", "cpu")
    found = []
    for buffers in (host, device):
        buffer = buffers.zeros((1, 2, 4, 3))
        assert not buffer.numpy().any()
        buffer.update_inplace(np.arange(24, dtype=buffer.numpy().dtype).reshape(1, 2, 4, 3))
        longer = buffers.lengthened(buffer, 6, used=4)
        found.append((longer.numpy(), buffers.selected(buffers.selected(longer, [0, 0], 6), [1, 0, 1], 6).numpy()))

    for made, expected in zip(*found, strict=True):
        assert made.dtype == expected.dtype
        np.testing.assert_array_equal(made, expected)
    assert found[0][1].shape == (3, 2, 6, 3)


def test_growing_and_forking_never_read_a_buffer_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a GPU holds would have to come to the processor and go back."""
    import onnxruntime
    from onnx import TensorProto, helper

    from shadowpen.daemon.engine.onnx_cache import GraphShape

    names = [f"0.{kind}" for kind in ("key", "value")]
    values = {
        name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["r", "h", "c", "d"])
        for one in names
        for name in (f"past_key_values.{one}", f"present.{one}")
    }
    nodes = [helper.make_node("Identity", [f"past_key_values.{one}"], [f"present.{one}"]) for one in names]
    pasts, presents = ([values[f"{kind}.{one}"] for one in names] for kind in ("past_key_values", "present"))
    graph = helper.make_graph(nodes, "g", pasts, presents)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    cache = OnnxCache(GraphShape(1, 2, 3, 10, 1000), session, DeviceBuffers("float32", "CPUExecutionProvider", "cpu"))
    monkeypatch.setattr(onnxruntime.OrtValue, "numpy", lambda _: pytest.fail("it was read"))

    cache.reserve(10)
    cache.length = 10
    cache.reserve(300)
    forked = cache.select([0] * 4)

    assert (cache.capacity, forked.capacity, forked.rows, forked.length) == (384, 384, 4, 10)
    assert [value.shape() for value in forked._values] == [[4, 2, 384, 3]] * 2
