"""A version's weights are the base's with what was learned, as strongly as it is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.storage.models import DELTA
from shadowpen.daemon.storage.versions import Base, Version
from shadowpen.daemon.trainer.full_training import delta
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.checkpoints.version_weights import version_weights

NAME = "model.embed_tokens.weight"


def _version(scale: float) -> Version:
    return Version(state="promoted", created="", base=Base(name="", sha256=""), method="full", scale=scale)


def test_the_difference_is_added_at_its_scale_and_the_rest_is_the_bases(tmp_path: Path) -> None:
    base = open_checkpoint(make_tiny_checkpoint(tmp_path / "base"))
    random = np.random.default_rng(0)
    delta.write(tmp_path / DELTA, [(NAME, random.normal(0, 1e-3, base.tensor(NAME).shape).astype(np.float32))])

    weights = version_weights(base, tmp_path, _version(0.5))

    expected = base.tensor(NAME) + np.float32(0.5) * Delta(tmp_path / DELTA).tensor(NAME)
    assert (weights.tensor(NAME) == expected).all()
    assert (weights.tensor("model.norm.weight") == base.tensor("model.norm.weight")).all()
    assert weights.architecture == base.architecture


def test_a_difference_of_another_base_is_refused(tmp_path: Path) -> None:
    base = open_checkpoint(make_tiny_checkpoint(tmp_path / "base"))
    delta.write(tmp_path / DELTA, [(NAME, np.ones((3, 4), np.float32))])

    with pytest.raises(ModelCorrupt, match="does not fit"):
        version_weights(base, tmp_path, _version(1.0)).tensor(NAME)
