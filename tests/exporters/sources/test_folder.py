from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest
from support.checkpoints.gguf_files import gguf_of_checkpoint
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelError, ModelMissing, ModelUnsupported, StateUnusable
from shadowpen.daemon.storage.models import Provenance, combined_sha256
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources.folder import FolderSource

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / "tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def fetch(checkpoint: Path, folder: Path) -> Provenance:
    return FolderSource(str(checkpoint)).fetch(folder, folder.parent / "cache", silent)


def test_a_folder_is_copied_with_what_belongs_to_the_model(checkpoint: Path, folder: Path) -> None:
    (checkpoint / "train.py").write_text("raise SystemExit")
    (checkpoint / "optimizer.pt").write_bytes(b"\x80\x04")
    (checkpoint / "LICENSE").write_text("MIT License\n\nDo as you like.")
    provenance = fetch(checkpoint, folder)
    assert {path.name for path in folder.iterdir()} == {"config.json", "tokenizer.json", WEIGHTS, "LICENSE"}
    assert (folder / WEIGHTS).read_bytes() == (checkpoint / WEIGHTS).read_bytes()
    assert provenance == Provenance(
        kind="folder", locator=str(checkpoint), sha256=store.sha256_of(checkpoint / WEIGHTS), licence="MIT"
    )


def test_the_copy_does_not_change_with_the_folder(checkpoint: Path, folder: Path) -> None:
    fetch(checkpoint, folder)
    before = (folder / WEIGHTS).read_bytes()
    with (checkpoint / WEIGHTS).open("r+b") as file:
        file.write(b"\xff" * 100)
    assert (folder / WEIGHTS).read_bytes() == before
    assert (folder / WEIGHTS).stat().st_mode & 0o777 == 0o600


def test_links_are_followed_as_in_a_hub_cache(checkpoint: Path, folder: Path, tmp_path: Path) -> None:
    (checkpoint / WEIGHTS).rename(tmp_path / "blob")
    (checkpoint / WEIGHTS).symlink_to(tmp_path / "blob")
    fetch(checkpoint, folder)
    assert not (folder / WEIGHTS).is_symlink()


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\ntags: [x]\n---\n# x", "apache-2.0"),
        ("# x\nlicense: mit", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_model_card_may_state_the_licence(checkpoint: Path, folder: Path, card: str, licence: str) -> None:
    (checkpoint / "README.md").write_text(card)
    assert fetch(checkpoint, folder).licence == licence
    assert (licence in (folder / "LICENSE").read_text()) == (licence != "unknown")


def shard(checkpoint: Path, index: object) -> None:
    (checkpoint / WEIGHTS).rename(checkpoint / "model-00001-of-00002.safetensors")
    (checkpoint / "model-00002-of-00002.safetensors").write_bytes(
        (checkpoint / "model-00001-of-00002.safetensors").read_bytes()
    )
    (checkpoint / INDEX).write_text(json.dumps(index))


def test_shards_have_one_hash_together(checkpoint: Path, folder: Path) -> None:
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    shard(checkpoint, {"weight_map": {"a": names[0], "b": names[1]}})
    provenance = fetch(checkpoint, folder)
    assert provenance.sha256 == combined_sha256({name: store.sha256_of(checkpoint / name) for name in names})
    assert {path.name for path in folder.glob("*.safetensors")} == set(names)


@pytest.mark.parametrize("place", ["../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", "~/x", "a\\b"])
def test_an_index_that_leads_out_is_refused(checkpoint: Path, folder: Path, place: str) -> None:
    (checkpoint.parent / "secret.safetensors").write_bytes((checkpoint / WEIGHTS).read_bytes())
    shard(checkpoint, {"weight_map": {"a": place}})
    with pytest.raises(ModelCorrupt, match="outside its own folder"):
        fetch(checkpoint, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("index", [[], {}, {"weight_map": []}, {"weight_map": {"a": 3}}, "x"])
def test_an_index_that_makes_no_sense_is_refused(checkpoint: Path, folder: Path, index: object) -> None:
    shard(checkpoint, index)
    with pytest.raises(ModelError):
        fetch(checkpoint, folder)


def test_an_index_that_points_at_a_pickle_is_refused(checkpoint: Path, folder: Path) -> None:
    shard(checkpoint, {"weight_map": {"a": "pytorch_model.bin"}})
    (checkpoint / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelUnsupported, match=r"pytorch_model\.bin"):
        fetch(checkpoint, folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.ckpt", "weights.pkl"])
def test_pickled_weights_are_named_and_refused(checkpoint: Path, folder: Path, name: str) -> None:
    (checkpoint / WEIGHTS).rename(checkpoint / name)
    with pytest.raises(ModelUnsupported, match=name) as caught:
        fetch(checkpoint, folder)
    assert "can run code" in caught.value.hint


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["EVIL"],)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_under_another_name_is_refused_unread(
    checkpoint: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    monkeypatch.setenv("EVIL", str(tmp_path / "evil"))
    (checkpoint / WEIGHTS).write_bytes(pickle.dumps(Evil(), protocol))
    with pytest.raises(ModelUnsupported, match="pickle or an archive"):
        fetch(checkpoint, folder)
    assert not (tmp_path / "evil").exists()


def test_torch_archives_under_another_name_are_refused(checkpoint: Path, folder: Path) -> None:
    (checkpoint / WEIGHTS).write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(ModelUnsupported, match="pickle or an archive"):
        fetch(checkpoint, folder)


@pytest.mark.parametrize("keep", [0, 4, 100, 5000, -1])
def test_truncated_weights_are_refused_before_they_are_copied(checkpoint: Path, folder: Path, keep: int) -> None:
    content = (checkpoint / WEIGHTS).read_bytes()
    (checkpoint / WEIGHTS).write_bytes(content[:keep])
    with pytest.raises(ModelCorrupt, match="an incomplete safetensors file"):
        fetch(checkpoint, folder)
    assert list(folder.iterdir()) == []


def test_a_header_of_an_exabyte_is_refused(checkpoint: Path, folder: Path) -> None:
    (checkpoint / WEIGHTS).write_bytes((1 << 60).to_bytes(8, "little") + b"{}" * 100)
    with pytest.raises(ModelCorrupt):
        fetch(checkpoint, folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", WEIGHTS])
def test_what_lacks_is_named(checkpoint: Path, folder: Path, name: str) -> None:
    (checkpoint / name).unlink()
    with pytest.raises(ModelMissing, match=name):
        fetch(checkpoint, folder)


def test_a_full_disk_is_noticed_before_copying(checkpoint: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(StateUnusable, match="disk is full"):
        fetch(checkpoint, folder)
    assert list(folder.iterdir()) == []


def test_a_folder_of_one_gguf_file_will_do(checkpoint: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    file = gguf_of_checkpoint(checkpoint, tmp_path / "only" / "x.gguf")
    provenance = fetch(tmp_path / "only", folder)
    assert provenance.kind == "gguf"
    assert (folder / "model.gguf").read_bytes() == file.read_bytes()
    assert FolderSource(str(tmp_path / "only")).gave(provenance)


def test_it_is_known_again_until_its_weights_change(checkpoint: Path, folder: Path) -> None:
    provenance = fetch(checkpoint, folder)
    assert FolderSource(str(checkpoint)).gave(provenance)
    make_tiny_checkpoint(checkpoint, seed=1)
    assert not FolderSource(str(checkpoint)).gave(provenance)
