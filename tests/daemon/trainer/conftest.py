"""Tiny checkpoints and rows to train on; the torch extras are needed by the tests that ask for them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from support.models.patterns import rows_in_a_pattern
from tiny import make_tiny_checkpoint

from shadowpen.daemon.trainer.packing import Packed, pack


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """A tiny model is slower with more, and much slower on a busy machine."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny Qwen2 checkpoint that says nonsense."""
    return make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture
def train_rows() -> Packed:
    return rows_in_a_pattern(1)


@pytest.fixture
def validation_rows() -> Packed:
    return rows_in_a_pattern(2, documents=4)


@pytest.fixture
def no_rows() -> Packed:
    return pack([], length=32)
