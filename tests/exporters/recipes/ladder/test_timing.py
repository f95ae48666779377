"""A shape is timed by parts of its graph with random weights, and scaled."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tiny import CONFIG, GEMMA3

from shadowpen.exporters.checkpoints.architectures import Architecture, from_hf_config
from shadowpen.exporters.recipes.ladder import timing
from shadowpen.exporters.recipes.ladder.timing import ModelPace, RandomWeights, measured

TINY = from_hf_config({**CONFIG, "vocab_size": 512})
GEMMA = from_hf_config({**CONFIG, **GEMMA3, "vocab_size": 512})


@pytest.mark.parametrize("architecture", [TINY, GEMMA], ids=["qwen2", "gemma3"])
def test_a_shape_runs_and_takes_time(architecture: Architecture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_REPEATS", 1)
    pace = measured(architecture, context_tokens=16, threads=1, part_bytes=1 << 16)
    assert pace.token_ms > 0 and pace.word_ms > 0 and pace.chunk_ms > 0


def test_a_part_is_scaled_to_all_layers_and_all_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where a layer takes 2 ms and a thousand rows of the head take 1 ms."""
    whole = from_hf_config({**CONFIG, "num_hidden_layers": 30, "vocab_size": 50_000})
    built: list[Architecture] = []

    def timed(part: Architecture, *_: object) -> list[float]:
        built.append(part)
        rows_ms = part.vocab / 1000 if part.vocab > 1024 else 0.0
        return [2.0 * part.layers + rows_ms, 4.0 * part.layers, 20.0 * part.layers]

    monkeypatch.setattr(timing, "_timed", timed)
    pace = measured(whole, part_bytes=1 << 19)
    assert (pace.token_ms, pace.word_ms, pace.chunk_ms) == pytest.approx((110.0, 170.0, 650.0))
    assert all(part.layers < whole.layers and part.vocab < whole.vocab for part in built)
    assert all(_int8_bytes(part) < 2 << 19 for part in built), "what is built is bounded"


def _int8_bytes(part: Architecture) -> int:
    return sum(math.prod(shape) for shape in part.tensor_shapes().values())


def test_a_ghost_text_and_a_paragraph_add_up() -> None:
    pace = ModelPace(token_ms=3.0, word_ms=5.0, chunk_ms=20.0, chunk_tokens=64)
    assert pace.ghost_text_ms(8) == 5.0 + 7 * 3.0
    assert pace.writing_ms(read=200, tokens=100) == 4 * 20.0 + 300.0


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(timing, "_REPEATS", 1)
    measured(TINY, context_tokens=8, threads=1, part_bytes=1 << 16)
    assert not list(tmp_path.iterdir())


def test_weights_are_random_small_and_the_same_each_time() -> None:
    weights = RandomWeights(TINY)
    name = "model.layers.0.mlp.up_proj.weight"
    drawn = weights.tensor(name)
    assert drawn.shape == TINY.tensor_shapes()[name] and drawn.dtype == np.float32
    assert 0 < np.abs(drawn).max() <= 0.05 and drawn.std() > 0.01
    assert np.array_equal(drawn, weights.tensor(name))
