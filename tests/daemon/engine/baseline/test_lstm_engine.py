"""The engine of an LSTM gives torch's logits, rewinds, and goes on in several rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.engine.baseline.lstm_engine import LstmEngine
from shadowpen.daemon.engine.onnx_cache import GraphShape
from shadowpen.exporters.graphs.lstm_graph import build_lstm_graph

torch = pytest.importorskip("torch")
SHAPE = GraphShape(layers=2, kv_heads=1, head_dim=16, vocabulary_size=40, context_length=100, recurrent=True)
IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 35]


@pytest.fixture
def made(tmp_path: Path) -> tuple[LstmEngine, np.ndarray]:
    """An engine, and torch's logits of IDS."""
    torch.manual_seed(1)
    embedding, recurrent = torch.nn.Embedding(40, 16), torch.nn.LSTM(16, 16, 2, batch_first=True)
    tensors = {f"recurrent.{name}": value.detach().numpy() for name, value in recurrent.named_parameters()}
    graph = build_lstm_graph({**tensors, "embedding.weight": embedding.weight.detach().numpy()}, 2, tmp_path)
    with torch.no_grad():
        expected = recurrent(embedding(torch.tensor([IDS])))[0][0] @ embedding.weight.T
    return LstmEngine(graph, SHAPE), expected.numpy()


def test_logits_are_torchs_in_any_pieces(made: tuple[LstmEngine, np.ndarray]) -> None:
    engine, expected = made
    cache = engine.new_cache()
    found = np.concatenate([engine.run(cache, IDS[:4], 4), engine.run(cache, IDS[4:], 2)])
    assert found == pytest.approx(expected[[0, 1, 2, 3, 8, 9]], abs=1e-5)
    assert (cache.length, cache.nbytes > 0) == (10, True)


def test_it_rewinds_to_any_place_and_forks(made: tuple[LstmEngine, np.ndarray]) -> None:
    engine, expected = made
    cache = engine.new_cache()
    engine.run(cache, IDS)
    cache.rewind(6)
    rows = engine.fork(cache, 3)
    assert engine.run_rows(rows, [IDS[6]] * 3) == pytest.approx(np.stack([expected[6]] * 3), abs=1e-5)
    assert engine.run(cache, IDS[6:8], 2) == pytest.approx(expected[6:8], abs=1e-5)


def test_rows_are_selected(made: tuple[LstmEngine, np.ndarray]) -> None:
    engine, expected = made
    cache = engine.new_cache()
    engine.run(cache, IDS[:5])
    rows = engine.fork(cache, 2)
    engine.run_rows(rows, [IDS[0], IDS[5]])
    assert engine.run_rows(engine.select(rows, [1]), [IDS[6]]) == pytest.approx(expected[6:7], abs=1e-5)


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt):
        LstmEngine(tmp_path / "model.onnx", SHAPE)
