"""What only optimum can export is served through the same inputs and outputs, and says what transformers says."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tiny
from support.models.graph_session import GraphSession

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelMissing, ModelUnsupported
from shadowpen.daemon.base.sections import CompletionSettings, ModelSettings
from shadowpen.daemon.serving import model
from shadowpen.daemon.wire.protocol import Complete, Completion
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.graphs import portable
from shadowpen.exporters.graphs.portable import export_portable
from shadowpen.exporters.progress import silent
from shadowpen.exporters.recipes.install import install
from shadowpen.exporters.sources.folder import FolderSource

IDS = [int(one) for one in np.random.default_rng(5).integers(1, 300, 40)]
needs_optimum = pytest.mark.skipif(not (find_spec("optimum") and find_spec("torch")), reason="optimum is an extra")


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    """A family without a fused graph: learned positions, layer norms, biases everywhere."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 1024, "vocab_size": tiny.VOCAB}
    folder = tmp_path / "gpt2"
    GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)).save_pretrained(folder)
    tiny.tiny_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


@pytest.mark.slow
@needs_optimum
def test_another_architecture_is_served_like_ours(gpt2: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    with pytest.raises(ModelUnsupported):
        open_checkpoint(gpt2)
    target = tmp_path / "model"
    part = export_portable(gpt2, target, ["fp32", "int8"])
    assert sorted(path.name for path in target.iterdir() if not path.name.startswith(".")) == ["fp32", "int8"]
    assert not list(target.glob(".portable-*"))
    architecture, precisions = part["architecture"], part["precisions"]
    assert isinstance(architecture, dict)
    assert isinstance(precisions, dict)
    assert (architecture["kv_heads"], architecture["head_dim"], architecture["layers"]) == (4, 16, 2)
    assert part["eos_ids"] == [0]
    assert precisions["fp32"]["verify"]["reference"] == "torch"
    with torch.no_grad():
        expected = AutoModelForCausalLM.from_pretrained(gpt2)(torch.tensor([IDS])).logits[0].numpy()

    session = GraphSession(target / "fp32" / "model.onnx", capacity=64)
    assert np.abs(session.run([IDS[:25]], [0])[0] - expected[:25]).max() < 1e-4
    session.run([[7, 8, 9]], [25])  # a draft that was not taken
    for position in range(25, 30):
        assert np.abs(session.run([[IDS[position]]], [position])[0] - expected[position]).max() < 1e-4
    assert np.abs(session.run([IDS[30:]], [30], logits_from=8)[0] - expected[38:]).max() < 1e-4
    quantised = GraphSession(target / "int8" / "model.onnx", capacity=64).run([IDS], [0])[0]
    assert 0 < np.abs(quantised - expected).max() < 0.1


@needs_optimum
def test_what_it_cannot_export_is_said(tmp_path: Path) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "checkpoint")
    with pytest.raises(ModelUnsupported, match="folders"):
        export_portable(tmp_path / "model.gguf", tmp_path / "model")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelMissing):
        export_portable(folder, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "find_spec", lambda _: None)
    with pytest.raises(ModelUnsupported) as caught:
        export_portable(tmp_path, tmp_path / "model")
    assert "optimum-onnx>=" in caught.value.hint


@pytest.mark.slow
@needs_optimum
def test_setup_takes_the_portable_way_by_itself_and_the_daemon_serves_it(
    gpt2: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "models"))
    install(FolderSource(str(gpt2)), "gpt", ["int8"], silent)
    settings = Config(model=ModelSettings(name="gpt"), completion=CompletionSettings(min_probability=0.0))
    served = model.load(store.layout(), settings)
    steps = served.steps(Complete(id="1", document="d", prefix="The harbour lay"), math.inf)
    (reply,) = [reply for reply in steps if isinstance(reply, Completion)]
    assert reply.model == "gpt@base"
    assert reply.timings.computed_tokens > 0
    served.close()
