"""A recipe that learns slowly, and pulls half of what it learned back: `shadowpen lab run slow`."""

from __future__ import annotations

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe


class SlowRecipe(Recipe):
    about = "Every weight at a quarter of the rate, in three passes, pulled half the way back."
    defaults = Hyperparameters(learning_rate=5e-5, epochs=3.0, schedule="cosine", pull_back=0.5)
