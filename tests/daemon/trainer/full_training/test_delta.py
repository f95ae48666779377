"""A version's file of differences: small, close, and told apart from anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.trainer.full_training import delta
from shadowpen.daemon.trainer.full_training.delta import Delta


def _differences() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    spread = random.uniform(1e-5, 1e-3, (64, 1))
    return {name: (spread * random.standard_normal((64, 400))).astype(np.float32) for name in ("a.weight", "b.weight")}


def test_it_is_close_row_by_row_and_takes_less_than_three_bits_a_weight(tmp_path: Path) -> None:
    differences = _differences()
    delta.write(tmp_path / "delta", ((name, value.copy()) for name, value in differences.items()))

    read = Delta(tmp_path / "delta")

    assert set(read.names) == set(differences)
    for name, difference in differences.items():
        missed = read.tensor(name) - difference
        size = np.sqrt(np.mean(difference**2, axis=1))
        assert (np.abs(missed).max(axis=1) <= 0.376 * size).all()
        assert (np.sqrt(np.mean(missed**2, axis=1)) < 0.25 * size).all()
    assert (tmp_path / "delta").stat().st_size * 8 < 3.1 * 2 * 64 * 400


def test_rows_without_a_difference_stay_without(tmp_path: Path) -> None:
    delta.write(tmp_path / "delta", [("a", np.zeros((3, 5), np.float32))])

    assert not Delta(tmp_path / "delta").tensor("a").any()
    with pytest.raises(KeyError):
        Delta(tmp_path / "delta").tensor("b")


@pytest.mark.parametrize("content", [b"", b"nonsense" * 100])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "delta").write_bytes(content)
    with pytest.raises(ModelCorrupt):
        Delta(tmp_path / "delta")


def test_damaged_codes_are_refused(tmp_path: Path) -> None:
    delta.write(tmp_path / "delta", _differences().items())
    content = bytearray((tmp_path / "delta").read_bytes())
    content[-5000:-2000] = b"\xff" * 3000
    (tmp_path / "delta").write_bytes(content)

    read = Delta(tmp_path / "delta")
    with pytest.raises(ModelCorrupt):
        for name in ("a.weight", "b.weight"):
            read.tensor(name)
