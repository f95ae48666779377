"""Which plan a run follows: what is asked for, else what is set, else `learning.method` as it is."""

from __future__ import annotations

import io
from typing import Any

import pytest

from shadowpen.daemon.base import config, sections
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter, parse_event
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.exporters.recipes.process import planned


def _planned(recipe: str = "", given: tuple[str, ...] = (), **recipes: Any) -> tuple[Any, list[str]]:
    told = io.StringIO()
    settings = config.Config(recipes=sections.RecipeSettings(**recipes))
    plan = planned(settings, recipe, given, EventWriter(told))
    return plan, [parse_event(line).data["message"] for line in told.getvalue().splitlines()]  # type: ignore[union-attr]


def test_without_a_recipe_the_method_decides() -> None:
    assert _planned() == (None, [])


def test_what_is_asked_for_comes_before_what_is_set() -> None:
    plan, _ = _planned("frozen", ("seed=4",), name="lora", hyperparameters=["seed=3", "epochs=5"])
    assert isinstance(plan, RecipePlan)
    assert (plan.recipe, plan.seed, plan.epochs, plan.freeze) == ("frozen", 4, 5.0, "lowest 20")
    assert isinstance(_planned(name="lora")[0], LoraPlan)


def test_hyperparameters_alone_are_of_the_method() -> None:
    plan, problems = _planned(given=("learning_rate=1e-5", "rank=3"))
    assert plan == FullPlan(learning_rate=1e-5)
    assert problems == ["This recipe does not use rank; it is left out."]


def test_a_recipe_of_the_lab_makes_no_version() -> None:
    with pytest.raises(ConfigInvalid, match="model of its own") as raised:
        _planned("scratch-lstm")
    assert raised.value.hint == "shadowpen lab run scratch-lstm"
