"""The recipes `scratch-lstm` and `scratch-transformer`: what new models learn from, and for how long."""

from __future__ import annotations

from typing import ClassVar

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Material, Recipe
from shadowpen.daemon.trainer.packing import Packed
from shadowpen.daemon.trainer.scratch.fresh import FreshWeights


class ScratchRecipe(Recipe):
    """A new model on the author's text and most of the general text that ships with Shadowpen."""

    defaults: ClassVar[Hyperparameters] = Hyperparameters(
        learning_rate=2e-3,
        schedule="cosine",
        warmup=20,
        optimizer="adamw",
        weight_decay=0.01,
        batch_rows=4,
        gradient_accumulation=2,
        epochs=12.0,
        patience=4,
    )
    follows: ClassVar[tuple[str, ...]] = (
        "learning_rate", "schedule", "warmup", "optimizer", "weight_decay", "batch_rows", "gradient_accumulation",
        "epochs", "max_seq_length", "patience", "seed",
    )  # fmt: skip
    lab_only: ClassVar[bool] = True

    def rows(self, material: Material) -> dict[str, Packed]:
        return {"beside": material.general_rows()}

    def fresh(self, vocabulary: int) -> FreshWeights:
        """A model of so many tokens that knows nothing."""
        raise NotImplementedError


class ScratchLstmRecipe(ScratchRecipe):
    """An LSTM."""

    about = "An LSTM of 256 units in two layers, from nothing; a baseline, for the lab alone."

    def fresh(self, vocabulary: int) -> FreshWeights:
        import torch

        from shadowpen.daemon.trainer.scratch import lstm

        torch.manual_seed(0)
        shape: dict[str, int | str] = {
            "kind": "lstm",
            "vocabulary": vocabulary,
            "width": lstm.WIDTH,
            "layers": lstm.LAYERS,
        }
        return FreshWeights(lstm.SmallLstm(vocabulary), shape)


class ScratchTransformerRecipe(ScratchRecipe):
    """A small Transformer."""

    about = "A Transformer of 4 layers and width 192, from nothing; a baseline, for the lab alone."

    def fresh(self, vocabulary: int) -> FreshWeights:
        import torch

        from shadowpen.daemon.trainer.scratch.transformer import SmallTransformer

        torch.manual_seed(0)
        return FreshWeights(SmallTransformer(vocabulary), {"kind": "transformer", "vocabulary": vocabulary})
