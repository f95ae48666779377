"""Rotary frequencies are those of transformers, whatever scales them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.checkpoints.rope import Rope, longest_exact, read_rope

CONFIG = {"max_position_embeddings": 4096, "original_max_position_embeddings": 1024}
FACTORS = {"short_factor": [1.0 + one / 8 for one in range(16)], "long_factor": [4.0] * 16}
LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 512, "factor": 8.0}
SCALED: list[dict[str, Any]] = [
    {"rope_type": "default"},
    {"type": "linear", "factor": 8.0},
    {"rope_type": "llama3", **LLAMA3},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024},
    {"rope_type": "yarn", "factor": 4.0, "beta_fast": 8.0, "truncate": False, "mscale": 0.7, "mscale_all_dim": 1.0},
    {"rope_type": "longrope", **FACTORS},
]


@pytest.mark.skipif(not find_spec("transformers"), reason="transformers is an extra")
@pytest.mark.parametrize("scaling", SCALED, ids=lambda one: one.get("rope_type", "old"))
def test_frequencies_are_those_of_transformers(scaling: dict[str, Any]) -> None:
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS, _compute_default_rope_parameters

    kind = scaling.get("rope_type", scaling.get("type"))
    config = LlamaConfig(head_dim=32, rope_theta=50_000.0, rope_scaling=scaling, **CONFIG)
    compute = _compute_default_rope_parameters if kind == "default" else ROPE_INIT_FUNCTIONS[kind]
    frequencies, factor = compute(config, "cpu")

    rope = read_rope(scaling, 50_000.0, CONFIG)

    assert np.allclose(rope.frequencies(32), frequencies.numpy(), rtol=1e-5)
    assert rope.attention_factor == pytest.approx(factor)
    cosines, _ = rope.tables(32, 100)
    assert cosines[99, 3] == pytest.approx(np.cos(99 * frequencies.numpy()[3]) * factor, abs=1e-4)


def test_longrope_ends_where_its_short_factors_do() -> None:
    assert longest_exact(read_rope(SCALED[-1], 1e4, CONFIG), 4096) == 1024
    assert longest_exact(Rope(1e4), 4096) == 4096


@pytest.mark.parametrize(
    ("scaling", "error"),
    [
        ({"rope_type": "dynamic", "factor": 2.0}, ModelUnsupported),
        ({"rope_type": "linear"}, ModelCorrupt),
        ({"rope_type": "linear", "factor": -2.0}, ModelCorrupt),
        ({"rope_type": "llama3", **LLAMA3, "high_freq_factor": 1.0}, ModelCorrupt),
        ({"rope_type": "longrope", **FACTORS, "short_factor": [1.0]}, ModelCorrupt),
    ],
)
def test_what_cannot_be_computed_is_refused(scaling: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read_rope(scaling, 1e4, CONFIG).frequencies(32)
