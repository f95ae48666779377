"""Versions: what is served is always whole, promoted and of the installed base; anything can be taken back."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import msgspec
import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, StateUnusable
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.models import ExportedGraph, InstalledModel, Manifest, Provenance, Shape, write_manifest
from shadowpen.daemon.storage.versions import Base, Pointer, Version

_SHAPE = Shape(model_type="llama", layers=1, hidden=8, heads=1, kv_heads=1, head_dim=8, vocab=8, context_length=64)


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_HOME", str(tmp_path))
    monkeypatch.delenv("SHADOWPEN_MODELS", raising=False)
    return store.layout()


@pytest.fixture
def model(layout: store.Layout) -> InstalledModel:
    folder = layout.models / "base"
    manifest = Manifest(
        schema=1,
        name="base",
        source=Provenance(kind="folder", locator="x", sha256="0" * 64, licence="Apache-2.0"),
        architecture=_SHAPE,
        bos_id=None,
        eos_ids=[0],
        precisions={"int8": _graph(folder / "int8", "base")},
        default_precision="int8",
        created="2026-05-01T00:00:00Z",
    )
    write_manifest(folder, manifest)
    return InstalledModel(name="base", folder=folder, manifest=manifest)


def _graph(folder: Path, content: str) -> ExportedGraph:
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    sizes = {}
    for name in ("model.onnx", "model.onnx.data"):
        (folder / name).write_text(content + name)
        files[name] = store.sha256_of(folder / name)
        sizes[name] = (folder / name).stat().st_size
    return ExportedGraph(files=files, sizes=sizes)


def make(
    layout: store.Layout, state: versions.State = "promoted", base: str = "base", sha256: str = "0" * 64
) -> Version:
    folder = store.private_directory(layout.training / "staged")
    (folder / models.ADAPTER).write_text(f"adapter {len(versions.versions(layout))}")
    version = Version(
        state=state,
        created="2026-05-01T00:00:00Z",
        base=Base(name=base, sha256=sha256),
        reasons=["general text became worse"] if state == "rejected" else [],
        adapter_sha256=store.sha256_of(folder / models.ADAPTER),
        precisions={"int8": _graph(folder / "int8", "tuned")},
    )
    return versions.publish(layout, folder, version)


def test_the_base_is_served_until_something_is_promoted(layout: store.Layout, model: InstalledModel) -> None:
    served = versions.served(layout, model, "int8")

    assert (served.name, served.graph, served.problem) == ("base@base", model.folder / "int8" / "model.onnx", "")


def test_a_promoted_version_is_served(layout: store.Layout, model: InstalledModel) -> None:
    version = make(layout)
    versions.use(layout, model, version.id, "int8")

    served = versions.served(layout, model, "int8")
    assert served.name == f"base@{version.id}"
    assert served.graph == layout.adapters / version.id / "int8" / "model.onnx"
    assert versions.read(layout, version.id) == version


def test_any_version_can_be_chosen_whichever_is_in_use(layout: store.Layout, model: InstalledModel) -> None:
    version, used = make(layout, "rejected"), make(layout)
    versions.use(layout, model, used.id, "int8")

    assert versions.chosen(layout, model, version.id, "int8").graph.parent.parent == layout.adapters / version.id
    assert versions.chosen(layout, model, versions.BASE, "int8") == versions.base(model, "int8")
    with pytest.raises(ModelMissing, match="not kept in int4"):
        versions.chosen(layout, model, version.id, "int4")


@pytest.mark.parametrize("state", ["candidate", "rejected"])
def test_what_did_not_pass_the_gate_cannot_be_served(
    layout: store.Layout, model: InstalledModel, state: versions.State
) -> None:
    version = make(layout, state)

    with pytest.raises(ModelMissing, match="did not pass"):
        versions.use(layout, model, version.id, "int8")
    assert versions.current(layout) == Pointer()


def test_a_version_of_another_base_is_refused_and_not_served(layout: store.Layout, model: InstalledModel) -> None:
    stranger = make(layout, base="other")
    with pytest.raises(ModelMissing, match="belongs to the model 'other'"):
        versions.use(layout, model, stranger.id, "int8")

    mine = make(layout)
    versions.use(layout, model, mine.id, "int8")
    changed = msgspec.structs.replace(
        model.manifest, source=msgspec.structs.replace(model.manifest.source, sha256="1" * 64)
    )
    served = versions.served(layout, msgspec.structs.replace(model, manifest=changed), "int8")
    assert served.version == ""
    assert "belongs to" in served.problem


@pytest.mark.parametrize("damage", ["graph gone", "graph short", "manifest gone", "manifest torn", "pointer torn"])
def test_a_damaged_version_gives_way_to_the_base(layout: store.Layout, model: InstalledModel, damage: str) -> None:
    version = make(layout)
    versions.use(layout, model, version.id, "int8")
    folder = layout.adapters / version.id
    if damage == "graph gone":
        shutil.rmtree(folder / "int8")
    elif damage == "graph short":
        (folder / "int8" / "model.onnx.data").write_text("x")
    elif damage == "manifest gone":
        (folder / "manifest.json").unlink()
    elif damage == "manifest torn":
        (folder / "manifest.json").write_text('{"schema"')
    else:
        (layout.adapters / "current").write_text('{"vers')

    served = versions.served(layout, model, "int8")

    assert served.name == "base@base"
    assert bool(served.problem) is (damage != "pointer torn")


def test_use_checks_every_byte(layout: store.Layout, model: InstalledModel) -> None:
    version = make(layout)
    data = layout.adapters / version.id / "int8" / "model.onnx.data"
    content = bytearray(data.read_bytes())
    content[0] ^= 1
    data.write_bytes(bytes(content))

    with pytest.raises(ModelCorrupt, match="damaged"):
        versions.use(layout, model, version.id, "int8")
    assert versions.current(layout).version == ""


def test_rolling_back_goes_step_by_step_to_the_base(layout: store.Layout, model: InstalledModel) -> None:
    first, second, third = make(layout), make(layout), make(layout)
    for version in (first, second, third):
        versions.use(layout, model, version.id, "int8")

    assert versions.rollback(layout, model, "int8").version == second.id
    assert versions.rollback(layout, model, "int8").version == first.id
    assert versions.rollback(layout, model, "int8").version == ""
    with pytest.raises(ModelMissing, match="nothing to roll back"):
        versions.rollback(layout, model, "int8")
    assert versions.use(layout, model, third.id, "int8") == Pointer(version=third.id, previous="")
    assert versions.use(layout, model, "base", "int8") == Pointer(version="", previous=third.id)


def test_graphs_of_current_and_previous_are_kept_and_every_adapter(layout: store.Layout, model: InstalledModel) -> None:
    made = [make(layout) for _ in range(4)]
    for version in made:
        versions.use(layout, model, version.id, "int8")

    assert versions.prune(layout) == [made[0].id, made[1].id]

    assert [versions.has_graph(layout, version, "int8") for version in made] == [False, False, True, True]
    assert all(versions.check_adapter(layout, version).is_file() for version in made)
    with pytest.raises(ModelMissing, match="not kept") as raised:
        versions.use(layout, model, made[0].id, "int8")
    assert "rebuilds it" in raised.value.hint
    assert versions.served(layout, model, "int8").version == made[3].id


def test_deleting_the_served_version_serves_the_base(layout: store.Layout, model: InstalledModel) -> None:
    first, second = make(layout), make(layout)
    versions.use(layout, model, first.id, "int8")
    versions.use(layout, model, second.id, "int8")

    versions.delete(layout, second.id)

    assert versions.current(layout) == Pointer()
    assert [version.id for version in versions.versions(layout)] == [first.id]
    assert versions.served(layout, model, "int8").name == "base@base"


def test_a_version_appears_whole_or_not_at_all(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make(layout)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", _disk_full)
        with pytest.raises(StateUnusable, match="disk is full"):
            make(layout)

    assert [path.name for path in layout.adapters.iterdir()] == [first.id]
    assert make(layout).id[:5] == "v0002"


def _disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_names_cannot_leave_the_folder(layout: store.Layout) -> None:
    with pytest.raises(ModelMissing):
        versions.read(layout, "../models/base")
