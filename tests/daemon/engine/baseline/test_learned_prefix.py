"""A prefix comes back as it was written, layer by layer; one that does not fit the model is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.engine.baseline import learned_prefix
from shadowpen.daemon.engine.onnx_cache import GraphShape, HostBuffers, OnnxCache

SHAPE = GraphShape(layers=2, kv_heads=1, head_dim=4, vocabulary_size=10, context_length=64, prefix_tokens=3)
KEYS = np.arange(24, dtype=np.float32).reshape(2, 1, 3, 4)


def test_it_stands_in_every_buffer_before_the_text(tmp_path: Path) -> None:
    learned_prefix.write(tmp_path, KEYS, -KEYS)
    prefix = learned_prefix.read(tmp_path, SHAPE)
    assert [part.shape for part in prefix] == [(1, 1, 3, 4)] * 4
    assert (prefix[2] == KEYS[1]).all() and (prefix[3] == -KEYS[1]).all()
    begun = HostBuffers("float32").begun(prefix[3], 256)
    assert (begun.numpy()[0, :, :3] == -KEYS[1]).all() and not begun.numpy()[:, :, 3:].any()
    cache = OnnxCache(SHAPE, None, HostBuffers("float32"), prefix=prefix)
    cache.rewind(0)
    assert (cache.first, cache.length) == (3, 0)


@pytest.mark.parametrize("values", [KEYS[:1], KEYS[:, :, :2], np.full_like(KEYS, np.nan)])
def test_what_does_not_fit_is_refused(tmp_path: Path, values: np.ndarray) -> None:
    learned_prefix.write(tmp_path, KEYS, values)
    with pytest.raises(ModelCorrupt):
        learned_prefix.read(tmp_path, SHAPE)


def test_one_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt):
        learned_prefix.read(tmp_path, SHAPE)
