"""Recipes are found by name; Shadowpen's own cannot be replaced, and one of another kind is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.installed import packages

from shadowpen.daemon.base.errors import ConfigInvalid, PluginBroken
from shadowpen.daemon.trainer.by_recipe import registry
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.loop import LoraPlan

_OWN = "from shadowpen.daemon.trainer.by_recipe.recipe import Recipe\nclass Mine(Recipe):\n    about = 'Mine.'\n"


def test_every_recipe_of_ours_can_be_used_and_says_what_it_is() -> None:
    names = registry.names()
    assert {"full", "lora", "frozen", "feedback", "scratch-lstm", "scratch-transformer"} <= set(names)
    for name in names:
        recipe = registry.load(name)
        assert recipe.about.endswith(".")
        assert recipe.plan(name, recipe.defaults) is not None


def test_full_and_lora_are_as_they_are_without_a_recipe() -> None:
    for name, plan in (("full", FullPlan()), ("lora", LoraPlan())):
        recipe, chosen, problems = registry.chosen(name, [])
        assert (recipe.plan(name, chosen), problems) == (plan, [])


def test_a_package_adds_one_and_replaces_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages.install(
        tmp_path, monkeypatch, "inkrecipes", _OWN, recipes={"mine": "inkrecipes:Mine", "full": "inkrecipes:Mine"}
    )
    assert registry.load("mine").about == "Mine."
    assert registry.load("full").about != "Mine."


def test_what_is_no_recipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages.install(tmp_path, monkeypatch, "notarecipe", "thing = print\n", recipes={"odd": "notarecipe:thing"})
    with pytest.raises(PluginBroken, match="not a Recipe"):
        registry.load("odd")
    with pytest.raises(ConfigInvalid, match="no recipe 'nothing'") as raised:
        registry.load("nothing")
    assert "full" in raised.value.hint


def test_a_recipe_by_itself_learns_the_next_word() -> None:
    assert Recipe().rows(None) == {}  # type: ignore[arg-type]
