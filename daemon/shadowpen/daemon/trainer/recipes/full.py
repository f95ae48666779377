"""The recipe `full`, the default: one pass over every weight, in order of time."""

from __future__ import annotations

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe, served_at_most
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan


class FullRecipe(Recipe):
    """One pass over every weight."""

    about = "Every weight, one pass in order of time; the default."
    defaults = Hyperparameters(max_seq_length=FullPlan().max_seq_length, gradient_accumulation=FullPlan().batch_rows)
    follows = (
        "learning_rate", "warmup", "batch_rows", "gradient_accumulation", "max_seq_length", "replay_share", "pull_back"
    )  # fmt: skip

    def plan(self, name: str, chosen: Hyperparameters) -> FullPlan:
        return FullPlan(
            learning_rate=chosen.learning_rate,
            warmup_steps=chosen.warmup,
            max_seq_length=chosen.max_seq_length,
            batch_rows=chosen.batch_rows * chosen.gradient_accumulation,
            rows_at_once=chosen.batch_rows,
            replay_share=chosen.replay_share,
            scales=served_at_most(FullPlan().scales, chosen.pull_back),
        )
