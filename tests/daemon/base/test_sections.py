"""daemon/base/sections.py and config.py: one setting that stands for five numbers, unless one of them is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base import config
from shadowpen.daemon.base.sections import LEVELS


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_stands_for_its_numbers(tmp_path: Path, level: str) -> None:
    read = config.load(tmp_path / "config.toml", {"SHADOWPEN_COMPLETION_EAGERNESS": level})
    assert {name: getattr(read.completion, name) for name in LEVELS[level]} == LEVELS[level]
    assert read.sources["completion.min_gain"] == f"completion.eagerness = {level}"
    assert not read.problems


def test_the_default_is_normal(tmp_path: Path) -> None:
    read = config.load(tmp_path / "config.toml", {})
    assert {name: getattr(read.completion, name) for name in LEVELS["normal"]} == LEVELS["normal"]
    assert read.sources["completion.min_gain"] == "default"


def test_a_number_that_was_set_wins_over_the_level(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[completion]\neagerness = 'less'\nmin_gain = 2\n")
    read = config.load(path, {"SHADOWPEN_COMPLETION_BACK_OFF_AFTER": "99"})
    assert (read.completion.min_gain, read.completion.back_off_after) == (2, 99)
    assert read.completion.min_probability == LEVELS["less"]["min_probability"]
    assert read.sources["completion.min_gain"] == str(path)


def test_a_level_that_is_none_leaves_the_normal_one(tmp_path: Path) -> None:
    read = config.load(tmp_path / "config.toml", {"SHADOWPEN_COMPLETION_EAGERNESS": "wild"})
    assert read.completion.min_gain == LEVELS["normal"]["min_gain"]
    assert read.problems


def test_the_levels_come_in_their_order() -> None:
    less, normal, more = (LEVELS[level] for level in ("less", "normal", "more"))
    for name in ("min_probability", "glance_price", "min_gain", "min_gain_in_word"):
        assert less[name] >= normal[name] >= more[name]
    assert less["back_off_after"] <= normal["back_off_after"] <= more["back_off_after"]
