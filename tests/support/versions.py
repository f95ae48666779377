"""A version of the user's model in the home of a test."""

from __future__ import annotations

import json
import shutil

import numpy as np
from safetensors.numpy import save_file

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.versions import Base, TextSource, Version

_DOWN = "base_model.model.model.layers.0.mlp.down_proj"


def make_version(model: models.InstalledModel, state: versions.State = "promoted", perplexity: float = 20.0) -> str:
    """A version whose graph is the base's own: what is served is for other tests."""
    layout = store.layout()
    staged = store.private_directory(layout.training / "staged")
    shutil.copytree(model.folder / "int8", staged / "int8")
    tensors = {
        f"{_DOWN}.lora_A.weight": np.zeros((4, 128), np.float32),
        f"{_DOWN}.lora_B.weight": np.zeros((64, 4), np.float32),
    }
    save_file(tensors, staged / models.ADAPTER)
    (staged / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 8}))
    version = Version(
        state=state,
        created="2026-05-01T10:00:00+00:00",
        base=Base(name=model.name, sha256=model.manifest.weights_sha256),
        sources=[
            TextSource(origin="/texts/a.md", sha256="0" * 64, tokens=1234),
            TextSource(origin="/texts/b.md", sha256="1" * 64, tokens=9, held_out=True),
        ],
        metrics={"perplexity_served": 30.0, "perplexity": perplexity},
        reasons=["It does not read your newest text better."] if state == "rejected" else [],
        adapter_sha256=store.sha256_of(staged / models.ADAPTER),
        precisions={"int8": model.manifest.precisions["int8"]},
    )
    return versions.publish(layout, staged, version).id
