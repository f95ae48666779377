"""What is found in a model is right for every family: its loss on packed rows is that of each piece alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from support.checkpoints.families import FAMILIES, make_checkpoint

from shadowpen.daemon.trainer import lora, losses, modules
from shadowpen.daemon.trainer.packing import Packed

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

PIECES = ([5, 9, 300, 41, 77, 8, 120, 13, 4], [7, 200, 31, 9, 9, 60])


def _packed() -> Packed:
    lengths = [len(piece) for piece in PIECES]
    ids = np.array([[*PIECES[0], *PIECES[1], 0]], np.int32)
    segments = np.array([[1] * lengths[0] + [2] * lengths[1] + [0]], np.int16)
    positions = np.array([[*range(lengths[0]), *range(lengths[1]), 0]], np.int32)
    weights = np.array([[0.0, *[1.0] * (lengths[0] - 1), 0.0, *[0.5] * (lengths[1] - 1), 0.0]], np.float32)
    return Packed(ids, weights, segments, positions)


@pytest.mark.parametrize("name", ["GPT-2", "OPT", "Pythia", "BLOOM", "Gemma 2", "Granite"])
def test_the_loss_of_a_packed_row_is_that_of_its_pieces(name: str, tmp_path: Path) -> None:
    (family,) = [one for one in FAMILIES if one.name == name]
    model = lora.load_base(make_checkpoint(family, tmp_path, tiny.LINES), "float32", "cpu")
    matrix = model.get_output_embeddings().weight
    layers = modules.decoder_layers(model)

    expected = torch.zeros(())
    matrix.requires_grad_(True)
    for piece, weight in zip(PIECES, (1.0, 0.5), strict=True):
        logits = model(input_ids=torch.tensor([piece])).logits[0, :-1]
        expected = expected + weight * torch.nn.functional.cross_entropy(
            logits, torch.tensor(piece[1:]), reduction="sum"
        )
    (gradient,) = torch.autograd.grad(expected, matrix)
    loss = losses.loss_sum(model, _packed())
    (found,) = torch.autograd.grad(loss, matrix)

    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    assert torch.allclose(found, gradient, atol=1e-4)
    assert len(layers) == 2
    assert all(parameter.shape for layer in layers for parameter in layer.parameters())


@pytest.mark.parametrize("name", ["GPT-2", "Pythia", "BLOOM", "Gemma 2"])
def test_recomputed_activations_give_the_same_gradients(name: str, tmp_path: Path) -> None:
    (family,) = [one for one in FAMILIES if one.name == name]
    model = lora.load_base(make_checkpoint(family, tmp_path, tiny.LINES), "float32", "cpu")
    matrices = [value.requires_grad_(True) for value in model.parameters() if value.ndim == 2]
    computed: list[bool] = []
    innermost = next(module for module in modules.decoder_layers(model)[1].modules() if not list(module.children()))
    innermost.register_forward_hook(lambda *_: computed.append(True))
    kept = torch.autograd.grad(losses.loss_sum(model, _packed()), matrices)
    forwards = len(computed)

    modules.recompute_activations(model)
    recomputed = torch.autograd.grad(losses.loss_sum(model, _packed()), matrices)

    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(kept, recomputed, strict=True))
    assert len(computed) == 3 * forwards  # this time once more on the way back


def test_an_adapter_goes_on_every_matrix_of_the_layers_and_nowhere_else(tmp_path: Path) -> None:
    (family,) = [one for one in FAMILIES if one.name == "GPT-2"]
    base = lora.load_base(make_checkpoint(family, tmp_path, tiny.LINES), "float32", "cpu")

    assert modules.adapter_targets(base) == (["c_attn", "c_fc", "c_proj"], True)
    adapted = lora.Adapted(base, 4, 8, seed=0)

    assert len(adapted.state()) == 2 * 2 * 4  # A and B of four matrices in two layers
