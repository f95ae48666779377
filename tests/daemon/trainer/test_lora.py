"""The adapter: without effect at first, blind across documents, scaled exactly, and gone when it should be."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from support.checkpoints.gguf_files import gguf_of_gemma
from support.checkpoints.spm import spm_keys
from tiny import GEMMA3_GGUF, LINES, make_tiny_checkpoint

from shadowpen.daemon.base.errors import ModelUnsupported, TrainingUnavailable
from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.packing import Packed, pack

pytest.importorskip("peft")


@pytest.fixture
def model(checkpoint: Path) -> lora.Adapted:
    return lora.Adapted(lora.load_base(checkpoint, "float32", "cpu"), 4, 8, seed=0)


def _disturb(model: lora.Adapted, seed: int = 0) -> None:
    random = np.random.default_rng(seed)
    model.restore(
        {name: random.normal(0, 0.1, value.shape).astype(np.float32) for name, value in model.state().items()}
    )


def test_only_the_adapter_learns_and_at_first_it_changes_nothing(model: lora.Adapted, validation_rows: Packed) -> None:
    assert all("lora_" in name for name in model.parameters)
    assert len(model.parameters) == 2 * 7 * 2
    with model.scaled(0.0):
        base = model.mean_loss(validation_rows)
    assert model.mean_loss(validation_rows) == base


def _loss(model: lora.Adapted, rows: Packed) -> float:
    return float(model.loss_sum(rows).detach())


def test_documents_in_one_row_do_not_see_each_other(model: lora.Adapted) -> None:
    _disturb(model)
    random = np.random.default_rng(4)
    documents = [(random.integers(10, 500, size).tolist(), [1.0] * size) for size in (9, 12, 20, 11)]

    together = _loss(model, pack(documents, length=32))
    alone = sum(_loss(model, pack([document], length=32)) for document in documents)

    assert len(pack(documents, length=32)) == 2
    assert together == pytest.approx(alone, rel=1e-5)


def test_a_gemma_from_gguf_learns_like_any_other(tmp_path: Path) -> None:
    tokenizer = spm_keys(LINES)
    vocabulary = len(tokenizer["tokenizer.ggml.tokens"])
    shape = {**GEMMA3_GGUF, "vocab_size": vocabulary, "sliding_window": 64}
    folder = make_tiny_checkpoint(tmp_path / "gemma", **shape)
    (tmp_path / "gguf").mkdir()
    gguf_of_gemma(folder, tmp_path / "gguf" / "model.gguf", tokenizer)
    model = lora.Adapted(lora.load_base(tmp_path / "gguf", "float32", "cpu"), 4, 8, seed=0)
    _disturb(model)
    documents = [(np.arange(10, 10 + size).tolist(), [1.0] * size) for size in (9, 12, 20, 11)]
    together = model.loss_sum(pack(documents, 2, length=36))
    assert float(together.detach()) == pytest.approx(
        sum(_loss(model, pack([document], 2, length=36)) for document in documents), rel=1e-5
    )
    together.backward()
    assert all(value.grad is not None and value.grad.abs().max() > 0 for value in model.parameters.values())


def test_weights_are_what_counts(model: lora.Adapted) -> None:
    ids = np.random.default_rng(4).integers(10, 500, 16).tolist()
    full = _loss(model, pack([(ids, [1.0] * 16)], length=16))
    third = _loss(model, pack([(ids, [0.25] * 16)], length=16))
    halves = [
        _loss(model, pack([(ids, [1.0] * 8 + [0.0] * 8)], length=16)),
        _loss(model, pack([(ids, [0.0] * 8 + [1.0] * 8)], length=16)),
    ]

    assert third == pytest.approx(full / 4, rel=1e-5)
    assert sum(halves) == pytest.approx(full, rel=1e-5)


def test_the_scale_is_of_the_effect_and_is_taken_back(model: lora.Adapted, validation_rows: Packed) -> None:
    _disturb(model)
    whole = model.mean_loss(validation_rows)
    with model.scaled(0.5):
        half = model.mean_loss(validation_rows)
    state = model.state()
    model.restore({name: value * (0.5 if "lora_B" in name else 1.0) for name, value in state.items()})

    assert half != pytest.approx(whole, rel=1e-4)
    assert model.mean_loss(validation_rows) == pytest.approx(half, rel=1e-6)
    model.restore(state)
    assert model.mean_loss(validation_rows) == whole


def test_what_cannot_be_loaded_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsupported, match="cannot be trained"):
        lora.load_base(tmp_path, "float32", "cpu")


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)

    with pytest.raises(TrainingUnavailable, match="peft") as raised:
        lora.require_torch()
    assert "pip install" in raised.value.hint
