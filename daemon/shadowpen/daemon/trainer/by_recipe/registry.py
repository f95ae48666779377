"""The recipes that are there: Shadowpen's own and those of other packages, by name.

Ours are entry points like any others, and cannot be replaced.
"""

from __future__ import annotations

from collections.abc import Iterable

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.plugins import registry
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters, checked, read
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe

_KIND = "recipes"


def names() -> list[str]:
    """Ours first."""
    return [*registry.ours(_KIND), *registry.others(_KIND)]


def load(name: str) -> Recipe:
    """A new recipe of that name; ConfigInvalid where there is none, PluginBroken where it cannot be used."""
    plugin = registry.find(_KIND, name)
    if plugin is None:
        raise ConfigInvalid(f"There is no recipe '{name[:60]}'.", f"There are {', '.join(names())}.")
    found = plugin.load()
    if not (isinstance(found, type) and issubclass(found, Recipe)):
        raise plugin.broken("it is not a Recipe")
    try:
        checked(found.defaults)
        return found()
    except Exception as error:
        raise plugin.broken(registry.reason(error)) from error


def chosen(name: str, given: Iterable[str]) -> tuple[Recipe, Hyperparameters, list[str]]:
    """A recipe with its hyperparameters changed by "NAME=VALUE", and a sentence for each that cannot be used."""
    recipe = load(name)
    hyperparameters, problems = read(recipe.defaults, given, recipe.follows)
    return recipe, hyperparameters, problems
