"""The fused graph says what transformers says, however the text is cut into calls."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from support.models.graph_session import GraphSession

from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, open_checkpoint
from shadowpen.exporters.graphs.graph import PRECISIONS, build_graph, rotary_tables
from shadowpen.exporters.graphs.onnx_writer import DATA_FILE
from shadowpen.exporters.graphs.quantize import dequantise, int8_blocks

FAMILIES = {
    "qwen2": {},
    "qwen2-untied": {"tie_word_embeddings": False},
    "llama": {"model_type": "llama", "rope_theta": 100000.0},
    "mistral": {"model_type": "mistral", "sliding_window": None, "num_key_value_heads": 4},
    "qwen3": {"model_type": "qwen3", "head_dim": 32},
    "gemma3": tiny.GEMMA3,
}
IDS = [int(one) for one in np.random.default_rng(5).integers(1, 300, 40)]


def build(folder: Path, family: str = "qwen2", precision: str = "fp32") -> tuple[Checkpoint, Path]:
    checkpoint = open_checkpoint(tiny.make_tiny_checkpoint(folder / "checkpoint", **FAMILIES[family]))
    (folder / precision).mkdir()
    return checkpoint, build_graph(checkpoint, PRECISIONS[precision], folder / precision)


@pytest.fixture(scope="module", params=["qwen2", "gemma3"])
def graph(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Gemma 3's local layers see 8 tokens: far fewer than IDS, which calls cut anywhere."""
    return build(tmp_path_factory.mktemp("graph"), request.param)[1]


@pytest.fixture(scope="module")
def one_shot(graph: Path) -> NDArray[np.float32]:
    """The logits of IDS read in one call."""
    return GraphSession(graph).run([IDS], [0])[0]


@pytest.mark.skipif(not (find_spec("torch") and find_spec("transformers")), reason="torch is an extra")
@pytest.mark.parametrize("family", FAMILIES)
def test_fp32_logits_are_those_of_transformers(tmp_path: Path, family: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    checkpoint, graph = build(tmp_path, family)
    model = AutoModelForCausalLM.from_pretrained(checkpoint.path, dtype=torch.float32).eval()
    with torch.no_grad():
        expected = model(torch.tensor([IDS])).logits[0].numpy()
    found = GraphSession(graph).run([IDS], [0])[0]
    assert np.abs(found - expected).max() < 1e-4
    assert np.abs(expected).max() > 0.5  # the comparison means something


def test_reading_in_chunks_is_reading_at_once(graph: Path, one_shot: NDArray[np.float32]) -> None:
    session = GraphSession(graph)
    chunks = [session.run([IDS[start : start + 7]], [start])[0] for start in range(0, len(IDS), 7)]
    assert np.abs(np.concatenate(chunks) - one_shot).max() < 1e-4


def test_decoding_token_by_token_is_reading_at_once(graph: Path, one_shot: NDArray[np.float32]) -> None:
    session = GraphSession(graph)
    steps = [session.run([[token]], [position])[0] for position, token in enumerate(IDS)]
    assert np.abs(np.concatenate(steps) - one_shot).max() < 1e-4


def test_a_cache_can_be_rewound(graph: Path, one_shot: NDArray[np.float32]) -> None:
    session = GraphSession(graph)
    session.run([IDS[:20]], [0])
    session.run([[7, 8, 9, 10, 11]], [20])  # a draft that was not taken
    assert np.abs(session.run([IDS[20:]], [20])[0] - one_shot[20:]).max() < 1e-4
    assert np.abs(session.run([IDS[5:]], [5])[0] - one_shot[5:]).max() < 1e-4


def test_logits_come_from_where_they_are_wanted(graph: Path, one_shot: NDArray[np.float32]) -> None:
    session = GraphSession(graph)
    last = session.run([IDS], [0], logits_from=len(IDS) - 1)
    assert last.shape == (1, 1, tiny.VOCAB)
    assert np.abs(last[0] - one_shot[-1:]).max() < 1e-4
    drafted = session.run([IDS[-6:]], [len(IDS) - 6], logits_from=2)
    assert np.abs(drafted[0] - one_shot[-4:]).max() < 1e-4


def test_a_draft_is_verified_in_one_call(graph: Path, one_shot: NDArray[np.float32]) -> None:
    session = GraphSession(graph)
    session.run([IDS[:30]], [0], logits_from=29)
    assert np.abs(session.run([IDS[30:36]], [30])[0] - one_shot[30:36]).max() < 1e-4


def test_two_texts_at_once_are_each_by_itself(graph: Path) -> None:
    first, second = IDS[:10], IDS[10:20]
    together = GraphSession(graph, batch=2)
    prefilled = together.run([first, second], [0, 0])
    steps = together.run([[5], [6]], [10, 10])
    ragged = together.run([[7], [8]], [11, 4])  # the second text rewound by itself
    for row, (ids, next_id) in enumerate(((first, 5), (second, 6))):
        alone = GraphSession(graph)
        assert np.abs(alone.run([ids], [0])[0] - prefilled[row]).max() < 1e-4
        assert np.abs(alone.run([[next_id]], [10])[0] - steps[row]).max() < 1e-4
        past = (11, 4)[row]
        assert np.abs(alone.run([[(7, 8)[row]]], [past])[0] - ragged[row]).max() < 1e-4


def test_the_buffer_may_be_longer_than_the_text_needs(graph: Path, one_shot: NDArray[np.float32]) -> None:
    assert np.abs(GraphSession(graph, capacity=len(IDS)).run([IDS], [0])[0] - one_shot).max() < 1e-4
    assert np.abs(GraphSession(graph, capacity=700).run([IDS], [0])[0] - one_shot).max() < 1e-4


@pytest.mark.parametrize("family", ["qwen2", "llama", "qwen2-untied", "qwen3", "gemma3"])
@pytest.mark.parametrize(("precision", "closeness"), [("int8", 0.99), ("int4", 0.9), ("fp16", 0.99999)])
def test_other_precisions_stay_close(tmp_path: Path, family: str, precision: str, closeness: float) -> None:
    (tmp_path / "exact").mkdir()
    _, exact = build(tmp_path / "exact", family)
    _, graph = build(tmp_path, family, precision)
    expected = GraphSession(exact).run([IDS], [0]).ravel()
    found = GraphSession(graph).run([IDS], [0]).ravel()
    assert found.dtype == np.float32
    assert float(np.corrcoef(expected, found)[0, 1]) > closeness


def test_a_residual_beyond_half_precision_stays_within_it(tmp_path: Path) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "checkpoint", **tiny.GEMMA3)
    stored = load_file(folder / "model.safetensors")
    for name in stored:
        if "post_" in name:
            stored[name] += 20_000.0
    save_file(stored, folder / "model.safetensors")
    checkpoint = open_checkpoint(folder)
    found = {}
    for precision in ("fp32", "fp16"):
        (tmp_path / precision).mkdir()
        graph = build_graph(checkpoint, PRECISIONS[precision], tmp_path / precision)
        found[precision] = GraphSession(graph).run([IDS], [0]).ravel()
    assert np.isfinite(found["fp16"]).all()
    assert float(np.corrcoef(found["fp32"], found["fp16"])[0, 1]) > 0.999


def test_every_precision_has_the_inputs_and_outputs_of_the_contract(tmp_path: Path) -> None:
    checkpoint = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path / "checkpoint"))
    for name, precision in PRECISIONS.items():
        (tmp_path / name).mkdir()
        model = onnx.load(build_graph(checkpoint, precision, tmp_path / name), load_external_data=False)
        kv_type = onnx.TensorProto.FLOAT16 if name == "fp16" else onnx.TensorProto.FLOAT
        kv = [f"{layer}.{part}" for layer in range(2) for part in ("key", "value")]
        inputs = {value.name: value.type.tensor_type for value in model.graph.input}
        outputs = {value.name: value.type.tensor_type for value in model.graph.output}
        assert list(inputs)[:4] == ["input_ids", "seqlens_k", "total_sequence_length", "logits_from"]
        assert [one for one in inputs if one.startswith("past")] == [f"past_key_values.{one}" for one in kv]
        assert list(outputs) == ["logits", *(f"present.{one}" for one in kv)]
        assert len(inputs["total_sequence_length"].shape.dim) == 0
        assert outputs["logits"].elem_type == onnx.TensorProto.FLOAT
        assert {inputs[f"past_key_values.{one}"].elem_type for one in kv} == {kv_type}
        dimensions = [one.dim_value or one.dim_param for one in inputs["past_key_values.0.key"].shape.dim]
        assert dimensions == ["batch", 2, "max_length", 16]


def test_tied_embedding_and_head_are_stored_once(tmp_path: Path) -> None:
    _, tied = build(tmp_path, "qwen2", "int8")
    (tmp_path / "other").mkdir()
    _, untied = build(tmp_path / "other", "qwen2-untied", "int8")
    table_bytes = tiny.VOCAB * 64
    saved = untied.with_name(DATA_FILE).stat().st_size - tied.with_name(DATA_FILE).stat().st_size
    assert saved >= table_bytes
    places = {
        tensor.name: {entry.key: entry.value for entry in tensor.external_data}["offset"]
        for tensor in onnx.load(tied, load_external_data=False).graph.initializer
        if tensor.external_data
    }
    assert places["model.embed_tokens.rows"] == places["model.embed_tokens.codes"]


def test_int8_weights_are_the_blocks_of_the_checkpoint(tmp_path: Path) -> None:
    checkpoint, graph = build(tmp_path, "qwen2", "int8")
    model = onnx.load(graph)
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    name = "model.layers.1.mlp.down"
    blocks = int8_blocks(checkpoint.tensor(f"{name}_proj.weight"))
    assert np.array_equal(stored[f"{name}.codes"], blocks.codes)
    assert np.array_equal(stored[f"{name}.scales"], blocks.scales)
    error = np.abs(dequantise(blocks) - checkpoint.tensor(f"{name}_proj.weight")).max()
    assert 0 < error < 0.01


def test_rotary_tables_cover_the_context_up_to_the_cap(tmp_path: Path) -> None:
    checkpoint = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path, max_position_embeddings=32768))
    cosines, sines = rotary_tables(checkpoint.architecture, checkpoint.architecture.rope)
    assert cosines.shape == sines.shape == (9216, 8)
    assert np.allclose(cosines[0], 1)
    assert sines[1, 0] == pytest.approx(np.sin(1.0))
    short = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path)).architecture
    assert rotary_tables(short, short.rope)[0].shape == (1024, 8)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    checkpoint = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path))
    seen: list[float] = []
    build_graph(checkpoint, PRECISIONS["int8"], tmp_path, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) >= checkpoint.architecture.layers
