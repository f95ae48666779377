"""What `export` puts in place is whole and measured; what goes wrong leaves what was there."""

from __future__ import annotations

import errno
import json
from importlib.util import find_spec
from pathlib import Path

import filelock
import numpy as np
import pytest
import tiny
from numpy.typing import NDArray
from support.models.graph_session import GraphSession

from shadowpen.daemon.base.errors import ConfigInvalid, ExportRejected, ModelMissing, StateUnusable
from shadowpen.daemon.base.store import sha256_of
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, open_checkpoint
from shadowpen.exporters.graphs import export as exporting
from shadowpen.exporters.graphs import verify
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.graph import build_graph


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fp32 graph is the reference: what a user without the extras gets, and quick."""
    monkeypatch.setattr(verify, "find_spec", lambda _: None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tiny.make_tiny_checkpoint(tmp_path / "source")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "tiny"


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): sha256_of(path) for path in folder.rglob("*") if path.is_file()}


class Merged:
    """Weights that are in no file, as a merged adapter's are."""

    def __init__(self, base: Checkpoint, change: float) -> None:
        self.architecture = base.architecture
        self._base, self._change = base, change

    def tensor(self, name: str) -> NDArray[np.float32]:
        values = self._base.tensor(name)
        return values * np.float32(self._change) if "down_proj" in name else values


def test_what_is_installed_is_what_the_manifest_says(source: Path, target: Path) -> None:
    steps: list[str] = []
    part = export(source, target, ["int8", "fp32"], lambda step, done=0, total=0: steps.append(step))
    assert sorted(path.name for path in target.iterdir() if not path.name.startswith(".")) == ["fp32", "int8"]
    assert part["bos_id"] is None
    assert part["eos_ids"] == [0]
    assert json.loads(json.dumps(part)) == part
    precisions = part["precisions"]
    assert isinstance(precisions, dict)
    for name, entry in precisions.items():
        for file, digest in entry["files"].items():
            path = target / name / file
            assert sha256_of(path) == digest
            assert path.stat().st_size == entry["sizes"][file]
            assert path.stat().st_mode & 0o777 == 0o600
        assert entry["kv_dtype"] == "float32"
        assert entry["verify"]["passed"]
        assert entry["verify"]["reference"] == "fp32 graph"
    assert GraphSession(target / "int8" / "model.onnx").run([[1, 2, 3]], [0]).shape == (1, 3, tiny.VOCAB)
    assert {"Building the int8 graph", "Verifying the int8 graph", "Building the fp32 graph"} <= set(steps)


@pytest.mark.skipif(not (find_spec("torch") and find_spec("transformers")), reason="torch is an extra")
def test_torch_verifies_where_it_is_installed(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "find_spec", find_spec)
    precisions = export(source, target)["precisions"]
    assert isinstance(precisions, dict)
    assert precisions["int8"]["verify"]["reference"] == "torch"


def test_merged_weights_are_exported_from_memory(source: Path, target: Path) -> None:
    base = open_checkpoint(source)
    with pytest.raises(ModelMissing, match="tokenizer"):
        export(Merged(base, 2.0), target, ["fp32"])
    export(Merged(base, 2.0), target, ["fp32"], tokenizer=source / "tokenizer.json")
    export(base, target.with_name("base"), ["fp32"])
    merged, plain = (GraphSession(folder / "fp32" / "model.onnx") for folder in (target, target.with_name("base")))
    assert np.abs(merged.run([[1, 2, 3]], [0]) - plain.run([[1, 2, 3]], [0])).max() > 0.01


def test_an_export_replaces_the_one_before(source: Path, target: Path, tmp_path: Path) -> None:
    export(source, target)
    before = content(target)
    export(tiny.make_tiny_checkpoint(tmp_path / "second", seed=3), target)
    after = content(target)
    assert before.keys() == after.keys()
    assert before["int8/model.onnx.data"] != after["int8/model.onnx.data"]


def test_a_rejected_export_leaves_everything_as_it_was(
    source: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(source, target)
    before = content(target)
    monkeypatch.setitem(verify.LIMITS, "int8", verify.Limits(0.5, 0.0))
    with pytest.raises(ExportRejected):
        export(tiny.make_tiny_checkpoint(tmp_path / "second", seed=3), target, ["fp32", "int8"])
    assert content(target) == before
    assert not list(target.glob(".export-*"))


@pytest.mark.parametrize("failing", ["build_graph", "verify_graph"])
@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StateUnusable),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_full_disk_or_an_interrupt_leaves_everything_as_it_was(
    source: Path,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
    failure: BaseException,
    seen: type[BaseException],
) -> None:
    export(source, target)
    before = content(target)

    def fail(*_: object, **__: object) -> None:
        raise failure

    build = fail if failing == "build_graph" else build_graph
    monkeypatch.setattr(exporting, "verify_graph", fail)
    with pytest.raises(seen):
        export(source, target, ["fp32"], build=build)  # type: ignore[arg-type]
    assert content(target) == before
    assert not list(target.glob(".export-*"))


def test_a_disk_without_room_is_said_before_anything_is_written(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20})())
    with pytest.raises(StateUnusable, match="disk is full"):
        export(source, target)
    assert not (target / "int8").exists()


def test_what_a_killed_export_left_is_cleared_or_restored(source: Path, target: Path) -> None:
    export(source, target)
    (target / ".export-dead" / "int8").mkdir(parents=True)
    (target / "int8").rename(target / ".replaced-int8")  # killed between the two renames
    (target / ".replaced-fp32").mkdir()
    (target / "fp32").mkdir()  # killed before the old one was deleted
    export(source, target, ["fp16"])
    assert (target / "int8" / "model.onnx").is_file()
    assert not [path for path in target.iterdir() if path.name.startswith((".export-", ".replaced-"))]


def test_one_export_at_a_time(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    with filelock.FileLock(target / ".export.lock"), pytest.raises(StateUnusable, match="Another export"):
        export(source, target)


def test_an_unknown_precision_is_refused(source: Path, target: Path) -> None:
    with pytest.raises(ConfigInvalid, match="int3"):
        export(source, target, ["int3"])
    assert not target.exists()
