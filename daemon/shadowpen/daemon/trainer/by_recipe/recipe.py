"""What a recipe is: its data, its change to the model, its loss and its schedule.

A recipe is a subclass in a file of its own, found by an entry point of `shadowpen.recipes`. What it leaves out is as
here: the author's own rows, every weight, the next word, the schedule of its hyperparameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

from shadowpen.daemon.base.errors import ConfigInvalid, TooLittleText
from shadowpen.daemon.trainer.by_recipe.hyperparameters import NAMES, Hyperparameters
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import Packed, pack, pack_alone

if TYPE_CHECKING:
    import torch


class RecipePlan(Hyperparameters, frozen=True, kw_only=True, tag="recipe"):
    """How a run follows a recipe: everything that changes its result beside its rows."""

    recipe: str
    clip: float = 1.0
    rehearsed_share: float = 0.1  # of the own rows, text of the author's that was learned before
    evaluations_an_epoch: int = 2
    checkpoint_every: int = 25  # steps
    scales: tuple[float, ...] = (1.0, 0.8, 0.6, 0.4)  # of what was learned, that may be served
    guesses: int = 3
    dtype: str = "auto"


class Learner(Protocol):
    """A model at work, as a recipe sees it: `originals` are the float32 values of the `matrices` that compute."""

    model: Any
    matrices: dict[str, torch.nn.Parameter]
    originals: dict[str, torch.Tensor]

    def loss_sum(self, rows: Packed) -> torch.Tensor:
        """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
        ...

    def mean_loss(self, rows: Packed) -> float:
        """Mean weighted nats a token, nothing learned."""
        ...

    def take_up_originals(self) -> None:
        """Compute with the originals as they are now."""
        ...


@dataclass(frozen=True)
class Preference:
    """What the author wrote after `context`, and the suggestion that stood there."""

    context: str
    written: str
    suggested: str


@dataclass(frozen=True)
class Material:
    """What a recipe can make rows of beside the author's own.

    `by_author` holds the token ids and weights of the texts to learn by the folder they lie in; `counterfactuals` are
    (opening, another opening, ending): the openings differ in the person alone.
    """

    encode: Callable[[str], list[int]]
    bos_id: int | None
    length: int
    by_author: dict[str, list[tuple[Sequence[int], Sequence[float]]]]
    general: Sequence[str] = ()
    preferences: Sequence[Preference] = ()
    counterfactuals: Sequence[tuple[str, str, str]] = ()

    def continued(self, pairs: Iterable[tuple[str, str]]) -> Packed:
        """A row for each (opening, ending), in their order, of which the ending alone counts; the opening is cut."""
        rows = []
        for opening, ending in pairs:
            counted = self.encode(ending)[: self.length // 2]
            begin = [] if self.bos_id is None else [self.bos_id]
            room = self.length - len(counted) - len(begin)
            known = [*begin, *self.encode(opening)[-room:]]
            rows.append(([*known, *counted], [0.0] * len(known) + [1.0] * len(counted)))
        return pack_alone(rows, self.length)

    def general_rows(self) -> Packed:
        """The general text that ships with Shadowpen."""
        return pack([(ids, [1.0] * len(ids)) for ids in map(self.encode, self.general)], self.bos_id, self.length)


_OWN = ("rank", "own_loss", "own_tasks", "task_weights")  # what only some recipes follow


class Recipe:
    """One way to learn. A new one is made for each run; `about` is one sentence for `shadowpen lab list`."""

    about: ClassVar[str] = "Every weight on your text."
    defaults: ClassVar[Hyperparameters] = Hyperparameters()
    follows: ClassVar[tuple[str, ...]] = tuple(name for name in NAMES if name not in _OWN)
    lab_only: ClassVar[bool] = False  # makes a model of its own, no version of the one that is installed

    def plan(self, name: str, chosen: Hyperparameters) -> RecipePlan | FullPlan | LoraPlan:
        """The plan of a run with these hyperparameters, the recipe being called `name`."""
        return RecipePlan(recipe=name, **msgspec.structs.asdict(chosen))

    def rows(self, material: Material) -> dict[str, Packed]:
        """Rows of its own by name; TooLittleText where there is nothing of the kind that it needs."""
        return {}

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        """Take the model, the rows of the job by name, and the plan; called once, before a checkpoint is read."""
        self.model, self.plan_followed = model, plan

    def heads(self) -> dict[str, torch.nn.Parameter]:
        """Weights that are learned beside the model's and thrown away in the end."""
        return {}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        """The loss of some rows, in nats summed over their counted tokens; another term is as large a sum."""
        return self.model.loss_sum(batch)

    def state(self) -> dict[str, torch.Tensor]:
        """What a checkpoint must keep beside weights and heads."""
        return {}

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """Take back what `state` gave."""

    def moved(self, step: int) -> None:
        """Called after each step of the optimizer."""


def some(rows: Packed, count: int, step: int, seed: int) -> Packed:
    """`count` of the rows, drawn by the number of the step alone: that is what makes resuming exact."""
    import numpy as np

    return rows.rows(np.random.default_rng([seed, step]).integers(0, len(rows), count))


def counted(batch: Packed) -> float:
    """The counted tokens of a batch: what makes a mean as large as its sum."""
    return float(batch.weights[:, 1:].sum())


def served_at_most(scales: Iterable[float], pull_back: float) -> tuple[float, ...]:
    """The scales that may be tried where so large a share of what was learned is never served."""
    return tuple(dict.fromkeys(min(scale, 1 - pull_back) for scale in scales))


def own_tasks(plan: RecipePlan, known: Sequence[str]) -> list[str]:
    """The tasks that the plan names, joined by "+"; ConfigInvalid for one that the recipe does not know."""
    found = plan.own_tasks.split("+")
    for name in found:
        if name not in known:
            raise ConfigInvalid(f"This recipe has no task '{name}'.", f"It has {', '.join(known)}.")
    return found


def lacking(what: str, hint: str) -> TooLittleText:
    """The error of a recipe without data of its kind."""
    return TooLittleText(f"This recipe learns from {what}, and there is none.", hint)
