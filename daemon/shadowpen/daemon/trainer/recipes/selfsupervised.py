"""The recipe `selfsupervised`: more is predicted of the author's text than the next token.

`ahead`: the token after the next one (Gloeckle et al. 2024), by a matrix before the model's own head that is thrown
away in the end. `masked`: a span that was taken out, from what stands before and behind it (Bavarian et al. 2022).
`contrastive`: two readings of one passage, each with other parts of its input dropped, are more alike than those of
two passages (SimCSE, Gao et al. 2021). Where several are chosen, they take turns by the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Recipe, RecipePlan, counted, own_tasks, some
from shadowpen.daemon.trainer.modules import hidden_states, pooled
from shadowpen.daemon.trainer.packing import Packed, pack

if TYPE_CHECKING:
    import torch

_MASK_ID = 0  # in the vocabularies of all families a token that no text spells
_SPAN = (0.1, 0.3)  # of a row, that is taken out
_PASSAGES = 4  # that are compared with each other
_PASSAGE_TOKENS = 64
_DROPPED = 0.1  # of the input of a reading
_TEMPERATURE = 0.05


class SelfSupervisedRecipe(Recipe):
    """More than the next token."""

    about = "The token after the next one is predicted too, or a span taken out, or two readings of one passage."
    defaults = Hyperparameters(own_loss=0.3, own_tasks="ahead")
    follows = (*Recipe.follows, "own_loss", "own_tasks")

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        import torch

        super().begin(model, rows, plan)
        self._own = rows("train")
        self._tasks = own_tasks(plan, ("ahead", "masked", "contrastive"))
        width = model.model.get_output_embeddings().weight.shape[1]
        self._turn = torch.nn.Parameter(torch.eye(width, device=next(model.model.parameters()).device))

    def heads(self) -> dict[str, torch.nn.Parameter]:
        return {"turn": self._turn} if "ahead" in self._tasks else {}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        task = self._tasks[step % len(self._tasks)]
        states = hidden_states(self.model.model, batch)
        following = losses.loss_of(self.model.model, batch, states)
        if task == "ahead":
            turned = (states.float() @ self._turn).to(states.dtype)
            return following + self.plan_followed.own_loss * losses.loss_of(self.model.model, batch, turned, ahead=2)
        told = self._masked(step) if task == "masked" else self._contrastive(step)
        return following + self.plan_followed.own_loss * counted(batch) * told

    def _masked(self, step: int) -> torch.Tensor:
        """Mean nats of a token of a span that was taken out of an own row."""
        rows = masked(some(self._own, 1, step, self.plan_followed.seed), step, self.plan_followed.seed)
        return self.model.loss_sum(rows) / max(1.0, counted(rows))

    def _contrastive(self, step: int) -> torch.Tensor:
        """Mean nats of finding the other reading of a passage among those of all."""
        import torch

        rows = beginnings(some(self._own, _PASSAGES, step, self.plan_followed.seed))
        with _dropped_input(self.model.model):
            readings = [torch.nn.functional.normalize(pooled(self.model.model, rows), dim=-1) for _ in range(2)]
        alike = readings[0] @ readings[1].T / _TEMPERATURE
        return torch.nn.functional.cross_entropy(alike, torch.arange(len(alike), device=alike.device))


def masked(rows: Packed, step: int, seed: int) -> Packed:
    """The first piece of each row with a span behind it that was taken out of it; the span alone counts."""
    random = np.random.default_rng([seed, step, 3])
    made = []
    for ids, segments in zip(rows.ids, rows.segments, strict=True):
        piece = ids[segments == 1].tolist()[: rows.ids.shape[1] - 2]
        size = max(1, int(len(piece) * random.uniform(*_SPAN)))
        start = int(random.integers(0, max(1, len(piece) - size)))
        span = piece[start : start + size]
        known = [*piece[:start], _MASK_ID, *piece[start + size :], _MASK_ID]
        made.append(([*known, *span], [0.0] * len(known) + [1.0] * len(span)))
    return pack(made, length=rows.ids.shape[1])


def beginnings(rows: Packed) -> Packed:
    """The first tokens of each row."""
    here = slice(0, _PASSAGE_TOKENS)
    return Packed(rows.ids[:, here], rows.weights[:, here], rows.segments[:, here], rows.positions[:, here])


@contextmanager
def _dropped_input(model: Any) -> Iterator[None]:
    """Within, some numbers of what the first layer gets are 0."""
    import torch

    hook = model.get_input_embeddings().register_forward_hook(
        lambda module, given, made: torch.nn.functional.dropout(made, _DROPPED)
    )
    try:
        yield
    finally:
        hook.remove()
