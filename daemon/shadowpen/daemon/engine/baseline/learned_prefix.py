"""The file of a learned prefix: keys and values before every text (prefix tuning).

One tensor for the keys and one for the values of all layers, [layers, kv_heads, tokens, head_dim], keys as they are
after their rotation. Knows no graph, and loads safetensors only where there is a prefix.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.engine.onnx_cache import KV_TYPES, GraphShape, Prefix
from shadowpen.daemon.storage.models import PREFIX


def write(folder: Path, keys: np.ndarray, values: np.ndarray) -> None:
    """Put a prefix into `folder`."""
    from safetensors.numpy import save

    store.write_atomic(folder / PREFIX, save({"keys": keys, "values": values}))


def read(folder: Path, shape: GraphShape) -> Prefix:
    """The prefix in `folder` as `shape` wants it; ModelCorrupt where there is none, or it does not fit."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    wanted = (shape.layers, shape.kv_heads, shape.prefix_tokens, shape.head_dim)
    try:
        found = load(store.read_bounded(folder / PREFIX))
        parts = [found["keys"], found["values"]]
    except (OSError, SafetensorError, KeyError) as error:
        raise _broken(folder) from error
    if any(part.shape != wanted or not np.isfinite(part).all() for part in parts):
        raise _broken(folder)
    kind = KV_TYPES[shape.kv_dtype]
    return [part[layer][None].astype(kind) for layer in range(shape.layers) for part in parts]


def _broken(folder: Path) -> ModelCorrupt:
    return ModelCorrupt(f"{folder / PREFIX} does not hold the prefix of this model.", "Make the model again.")
