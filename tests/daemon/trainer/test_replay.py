"""The base's own writing: made once, deterministic, never ending early."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.trainer import lora, replay

pytest.importorskip("torch")


def test_replay_is_made_once_and_kept(checkpoint: Path, tmp_path: Path) -> None:
    base = lora.load_base(checkpoint, "float32", "cpu")
    openings = [[5], [6, 7, 8]]
    steps: list[tuple[int, int]] = []

    first = replay.replay_ids(base, openings, tmp_path, 5, 12, lambda done, total: steps.append((done, total)))
    again = replay.replay_ids(None, openings, tmp_path, 8, 12, lambda *_: None)

    assert first.shape == (8, 12)
    assert np.array_equal(first, again)
    assert [row[0] for row in first[:2]] == [5, 6]
    assert first[1][:3].tolist() == [6, 7, 8]
    assert steps[-1] == (11, 11)
    assert 0 not in first  # the tiny model's end of text


def test_what_is_damaged_too_little_or_of_another_length_is_made_again(checkpoint: Path, tmp_path: Path) -> None:
    base = lora.load_base(checkpoint, "float32", "cpu")
    made = replay.replay_ids(base, [[5]], tmp_path, 2, 6, lambda *_: None)
    (tmp_path / "replay.safetensors").write_bytes(b"torn")

    assert np.array_equal(replay.replay_ids(base, [[5]], tmp_path, 2, 6, lambda *_: None), made)
    assert replay.replay_ids(base, [[5]], tmp_path, 2, 8, lambda *_: None).shape == (8, 8)
    assert replay.replay_ids(base, [[5]], tmp_path, 12, 8, lambda *_: None).shape == (16, 8)
    assert replay.replay_ids(base, [[5]], tmp_path, 1_000, 8, lambda *_: None).shape == (replay.MAX_ROWS, 8)


def test_what_the_base_wants_first_is_before_it_but_not_in_its_rows(checkpoint: Path, tmp_path: Path) -> None:
    base = lora.load_base(checkpoint, "float32", "cpu")
    openings = [[5, 9], [6]]
    begun = replay.replay_ids(base, openings, tmp_path / "begun", 2, 12, lambda *_: None, [3])
    whole = replay.replay_ids(base, [[3, 5, 9], [3, 6]], tmp_path / "whole", 2, 13, lambda *_: None)
    assert begun[:2, 0].tolist() == [5, 6]
    assert np.array_equal(begun, whole[:, 1:])


def test_rows_are_written_in_groups_so_that_their_caches_stay_small(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_MOST_TOGETHER", 3)
    base = lora.load_base(checkpoint, "float32", "cpu")
    read: list[int] = []
    base.register_forward_pre_hook(lambda _, args, given: read.append(len(given["input_ids"])), with_kwargs=True)
    steps: list[tuple[int, int]] = []

    made = replay.replay_ids(base, [[5], [6]], tmp_path, 8, 5, lambda done, total: steps.append((done, total)))

    assert made[:, 0].tolist() == [5, 6] * 4
    assert sorted(set(read)) == [2, 3]
    assert steps == [(number, 12) for number in range(1, 13)]
