from __future__ import annotations

from pathlib import Path

import pytest
from support.checkpoints.gguf_files import gguf_of_checkpoint
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, ModelUnsupported
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources.gguf import GgufSource


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return gguf_of_checkpoint(make_tiny_checkpoint(tmp_path / "tiny"), tmp_path / "here" / "Tiny.Q8.gguf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def fetch(file: Path, folder: Path) -> Provenance:
    return GgufSource(str(file)).fetch(folder, folder.parent / "cache", silent)


def test_the_file_is_copied_and_its_licence_read(file: Path, folder: Path) -> None:
    provenance = fetch(file, folder)
    assert (folder / "model.gguf").read_bytes() == file.read_bytes()
    assert provenance == Provenance(kind="gguf", locator=str(file), sha256=store.sha256_of(file), licence="mit")
    assert str(file) in (folder / "LICENSE").read_text()


def test_a_licence_beside_it_comes_along(file: Path, folder: Path) -> None:
    (file.parent / "LICENSE.txt").write_text("Mine.")
    fetch(file, folder)
    assert (folder / "LICENSE").read_text() == "Mine.\n"


def test_a_truncated_file_is_not_copied(file: Path, folder: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5000])
    with pytest.raises(ModelCorrupt, match="cut short"):
        fetch(file, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("name", "sentence"), [("model.bin", "pickle"), ("model.onnx", "not a GGUF file")])
def test_other_files_are_refused(tmp_path: Path, folder: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(ModelUnsupported, match=sentence):
        fetch(tmp_path / name, folder)


def test_no_file_is_one_sentence(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ModelMissing, match="There is no file"):
        fetch(tmp_path / "none.gguf", folder)


def test_it_is_known_again_until_it_changes(file: Path, folder: Path) -> None:
    provenance = fetch(file, folder)
    assert GgufSource(str(file)).gave(provenance)
    file.write_bytes(file.read_bytes() + b"x")
    assert not GgufSource(str(file)).gave(provenance)
