"""Changes to a model that any recipe may ask for: weights that stay as they are, and dropout."""

from __future__ import annotations

import re
from typing import Any

from shadowpen.daemon.trainer import modules
from shadowpen.daemon.trainer.by_recipe.recipe import Learner


def freeze(model: Learner, what: str) -> None:
    """Keep some matrices as they are: "none", "embeddings", "lowest N" (layers, embeddings too) or "all but head".

    At least one layer learns. The head is the embedding where a model ties the two.
    """
    base = model.model
    head, embedding = base.get_output_embeddings().weight, base.get_input_embeddings().weight
    layers = modules.decoder_layers(base)
    lowest = min(int(found.group()), len(layers) - 1) if (found := re.search(r"\d+", what)) else 0
    frozen = {id(value) for layer in layers[:lowest] for value in layer.parameters()}
    for matrix in model.matrices.values():
        is_embedding = matrix is embedding or matrix is head
        stays = {
            "none": False,
            "embeddings": matrix is embedding,
            "all but head": matrix is not head,
        }.get(what, is_embedding or id(matrix) in frozen)
        matrix.requires_grad_(not stays)


def drop_out(model: Learner, share: float) -> None:
    """Drop that share of what each layer adds to the stream, while gradients are made (Srivastava et al. 2014)."""
    import torch

    def dropped(module: Any, given: Any, made: Any) -> Any:
        if not torch.is_grad_enabled():
            return made
        first = made[0] if isinstance(made, tuple) else made
        kept = given[0] + torch.nn.functional.dropout(first - given[0], share)
        return (kept, *made[1:]) if isinstance(made, tuple) else kept

    for layer in modules.decoder_layers(model.model) if share else ():
        layer.register_forward_hook(dropped)
