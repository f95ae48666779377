"""The recipe `frozen`: the top layers alone, over those that stay as they are."""

from __future__ import annotations

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe


class FrozenRecipe(Recipe):
    """The top layers alone."""

    about = "The top layers alone; the embeddings and the lowest 20 layers stay as they are."
    defaults = Hyperparameters(freeze="lowest 20", epochs=2.0, schedule="cosine")
