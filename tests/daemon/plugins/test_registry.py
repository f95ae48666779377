"""Which plug-ins are installed, and which of them have a name of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.installed import packages

from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.plugins import registry


def test_ours_are_no_plug_ins_of_others() -> None:
    assert {"hf", "folder"} <= registry.ours("sources").keys()
    assert registry.others("sources") == {} and registry.refused("sources") == []


def test_a_name_of_ours_cannot_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"hf": "inkwell:thing", "blot": "inkwell:thing"}
    packages.install(tmp_path, monkeypatch, "inkwell", "thing = print\n", sources=points)
    assert list(registry.others("sources")) == ["blot"]
    assert list(registry.others("sources", reserved=["blot"])) == []
    ((plugin, why),) = registry.refused("sources")
    assert (plugin.name, plugin.package) == ("hf", "inkwell") and "Shadowpen has a source of that name" in why
    found = registry.find("sources", "hf")
    assert found is not None and found.is_ours


def test_of_two_with_one_name_one_is_used_and_the_other_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("zeta", "alpha"):
        packages.install(tmp_path, monkeypatch, name, "thing = print\n", recipes={"blot": f"{name}:thing"})
    assert registry.others("recipes")["blot"].package == "alpha"
    assert [(plugin.package, why) for plugin, why in registry.refused("recipes")] == [
        ("zeta", "the package alpha already uses that name")
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ValueError('no ink')", "ValueError: no ink"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("def (", "SyntaxError"),
        ("other = 1", "thing"),
    ],
)
def test_whatever_a_module_does_wrong_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    name = f"broken_{abs(hash(source)) % 10_000}"
    packages.install(tmp_path, monkeypatch, name, source, tasks={"blot": f"{name}:thing"})
    with pytest.raises(PluginBroken, match=f"The task 'blot' of the package {name} cannot be used") as raised:
        registry.others("tasks")["blot"].load()
    assert words in raised.value.message and name in raised.value.hint
