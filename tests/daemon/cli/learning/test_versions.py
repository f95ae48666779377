"""Versions by command: listed, shown, chosen, taken back, and built again when their graph is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.command_line import Process, Shadowpen
from support.versions import make_version as make

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import models, versions


@pytest.fixture
def installed(with_model: Path) -> models.InstalledModel:
    return models.resolve("default")


def test_without_versions_it_says_how_to_make_one(shadowpen: Shadowpen) -> None:
    assert "train now" in shadowpen("versions").out


def test_versions_are_listed_and_shown(shadowpen: Shadowpen, installed: models.InstalledModel) -> None:
    good, bad = make(installed), make(installed, "rejected")
    assert shadowpen("versions", "use", good).status == 0

    listed = shadowpen("versions", "list", "--json").json
    assert listed["current"] == good
    assert [(row["version"], row["current"], row["state"], row["tokens"]) for row in listed["versions"]] == [
        (good, True, "promoted", 1234),
        (bad, False, "rejected", 1234),
    ]
    assert "33.3 % better" in shadowpen("versions", "list").out
    shown = shadowpen("versions", "show", bad)
    assert "It does not read your newest text better." in shown.out
    assert "/texts/a.md (1,234 tokens)" in shown.out
    assert shadowpen("versions", "show", good, "--json").json["id"] == good
    assert shadowpen("versions", "show", "v0009-20260101").status == 4


def test_a_rejected_version_is_not_served(shadowpen: Shadowpen, installed: models.InstalledModel) -> None:
    bad = make(installed, "rejected")

    refused = shadowpen("versions", "use", bad)

    assert refused.status == 4
    assert "did not pass its gate" in refused.err
    assert shadowpen("versions", "list", "--json").json["current"] == "base"


def test_rolling_back(shadowpen: Shadowpen, installed: models.InstalledModel) -> None:
    first, second = make(installed), make(installed)
    shadowpen("versions", "use", first)
    shadowpen("versions", "use", second)

    assert first in shadowpen("versions", "rollback").out
    assert "base" in shadowpen("versions", "rollback").out
    assert shadowpen("versions", "rollback").status == 4
    assert shadowpen("versions", "use", "base").status == 0


@pytest.mark.slow
def test_a_graph_that_is_gone_is_built_again(process: Process, installed: models.InstalledModel) -> None:
    layout = store.layout()
    old = make(installed)
    shutil.rmtree(layout.adapters / old / "int8")

    done = process("versions", "use", old)

    assert done.returncode == 0, done.stderr.decode()
    assert b"rebuilding it" in done.stderr
    assert versions.served(layout, installed, "int8").version == old


@pytest.mark.slow
def test_a_damaged_adapter_is_told_and_changes_nothing(process: Process, installed: models.InstalledModel) -> None:
    layout = store.layout()
    old = make(installed)
    shutil.rmtree(layout.adapters / old / "int8")
    (layout.adapters / old / models.ADAPTER).write_bytes(b"torn")

    done = process("versions", "use", old)

    assert done.returncode == 4
    assert b"damaged" in done.stderr
    assert versions.current(layout).version == ""
