"""The recipe `lora`: an adapter on every matrix, from the base (Hu et al. 2021)."""

from __future__ import annotations

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe, served_at_most
from shadowpen.daemon.trainer.loop import LoraPlan


class LoraRecipe(Recipe):
    """A low-rank adapter."""

    about = "A low-rank adapter on every matrix, made anew from your newest text."
    defaults = Hyperparameters(
        learning_rate=5e-4, schedule="cosine", optimizer="adamw", gradient_accumulation=8, epochs=2.0, replay_share=0.15
    )
    follows = (
        "learning_rate", "warmup", "batch_rows", "gradient_accumulation", "epochs", "rank", "replay_share", "pull_back",
        "patience", "seed",
    )  # fmt: skip

    def plan(self, name: str, chosen: Hyperparameters) -> LoraPlan:
        return LoraPlan(
            rank=chosen.rank,
            alpha=2 * chosen.rank,
            learning_rate=chosen.learning_rate,
            warmup_steps=chosen.warmup,
            epochs=chosen.epochs,
            batch_rows=chosen.batch_rows * chosen.gradient_accumulation,
            rows_at_once=chosen.batch_rows,
            replay_share=chosen.replay_share,
            patience=chosen.patience,
            scales=served_at_most(LoraPlan().scales, chosen.pull_back),
            seed=chosen.seed,
        )
