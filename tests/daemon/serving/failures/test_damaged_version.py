"""A version that is damaged, whatever its damage, leaves the work to the base, with a reason; see
daemon/serving/model.py.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tiny import LINES

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import MemoryTooSmall, ModelCorrupt
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.models import ExportedGraph
from shadowpen.daemon.storage.versions import Base, Version
from shadowpen.daemon.wire.protocol import Complete, Completion


@pytest.fixture
def version(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Version:
    """A promoted version, served, whose graph is the base's own."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    layout = store.layout()
    base = models.resolve("default", layout)
    precision = base.precision()
    staged = store.private_directory(layout.training / "staged")
    shutil.copytree(base.folder / precision, staged / precision)
    made = versions.publish(
        layout,
        staged,
        Version(
            state="promoted",
            created="2026-05-01T00:00:00Z",
            base=Base(name="default", sha256=base.manifest.weights_sha256),
            precisions={precision: _described(staged / precision)},
        ),
    )
    versions.use(layout, base, made.id, precision)
    return made


def _described(folder: Path) -> ExportedGraph:
    files = {path.name: store.sha256_of(path) for path in folder.iterdir()}
    return ExportedGraph(files=files, sizes={name: (folder / name).stat().st_size for name in files})


def _graph(version: Version) -> Path:
    return store.layout().adapters / version.id / next(iter(version.precisions))


def _answer() -> tuple[str, str]:
    """Who answers, and the problem that goes with it."""
    served = model.load(store.layout(), Config())
    request = Complete(id="1", document="d", prefix=" ".join(LINES[0].split()[:4]))
    (reply,) = [reply for reply in served.steps(request, math.inf) if isinstance(reply, Completion)]
    served.close()
    assert reply.suggestions[0].text.startswith(" " + LINES[0].split()[4])
    return reply.model, served.report().problem


def _wrong_bytes(version: Version) -> None:
    path = _graph(version) / "model.onnx"
    path.write_bytes(os.urandom(path.stat().st_size))


def _noise(version: Version) -> None:
    path = _graph(version) / "model.onnx.data"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 64] = os.urandom(64)
    path.write_bytes(content)


def _rewritten(version: Version, **changes: object) -> None:
    """As a hand that knows the manifest would do it: hashes and sizes fit."""
    (name,) = version.precisions
    precision = msgspec.structs.replace(_described(_graph(version)), **changes)
    versions.rewrite(store.layout(), msgspec.structs.replace(version, precisions={name: precision}))


def _not_a_number(version: Version) -> None:
    path = _graph(version) / "model.onnx.data"
    path.write_bytes(np.full(path.stat().st_size // 4 + 1, np.nan, np.float32).tobytes()[: path.stat().st_size])
    _rewritten(version)


def _garbage_with_its_hash(version: Version) -> None:
    _wrong_bytes(version)
    _rewritten(version)


def _wrong_kv_dtype(version: Version) -> None:
    _rewritten(version, kv_dtype="float16")


def _unknown_kv_dtype(version: Version) -> None:
    _rewritten(version, kv_dtype="complex")


def _no_files_named(version: Version) -> None:
    _rewritten(version, files={}, sizes={})


def _files_elsewhere(version: Version) -> None:
    _rewritten(version, files={"model.onnx": "0" * 64, "../../../../etc/passwd": "0" * 64}, sizes={})


def _deep_manifest(version: Version) -> None:
    (store.layout().adapters / version.id / versions.MANIFEST).write_bytes(b"[" * 100_000)


def _pipe_for_a_manifest(version: Version) -> None:
    path = store.layout().adapters / version.id / versions.MANIFEST
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [
        _wrong_bytes,
        _noise,
        _not_a_number,
        _garbage_with_its_hash,
        _wrong_kv_dtype,
        _unknown_kv_dtype,
        _no_files_named,
        _files_elsewhere,
        _deep_manifest,
        _pipe_for_a_manifest,
    ],
)
def test_the_base_answers_and_says_why(version: Version, damage: Callable[[Version], None]) -> None:
    assert _answer() == (f"default@{version.id}", "")
    damage(version)
    name, problem = _answer()
    assert name == "default@base"
    assert version.id in problem and "is used without your version" in problem


@pytest.mark.parametrize("pointer", ["../../etc", "v" * 5000, "a\0b", "\ud800", "", "v0001/..", "."])
def test_a_pointer_to_anything_else_means_the_base(version: Version, pointer: str) -> None:
    (store.layout().adapters / "current").write_text(json.dumps({"version": pointer}))
    assert _answer()[0] == "default@base"


@pytest.mark.parametrize("kind", ["pipe", "folder", "deep"])
def test_a_pointer_that_is_no_file_means_the_base(version: Version, kind: str) -> None:
    path = store.layout().adapters / "current"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b'{"version":' + b"[" * 100_000)
    assert _answer() == ("default@base", "")


def test_a_whole_graph_is_read_once_for_its_hash(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = store.layout()
    base = models.resolve("default", layout)
    read: list[Path] = []
    digest = store.sha256_of
    monkeypatch.setattr(store, "sha256_of", lambda path: read.append(path) or digest(path))
    for _ in range(2):
        versions.served(layout, base, base.precision(), thorough=True)
    assert len(read) == len(set(read)) == len(version.precisions[base.precision()].files)


def test_too_little_memory_is_no_damage(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc")

    monkeypatch.setattr(onnxruntime, "InferenceSession", full)
    with pytest.raises(MemoryTooSmall) as raised:
        model.load(store.layout(), Config())
    assert "export" not in raised.value.hint and "setup" not in raised.value.hint


def test_a_base_of_noise_is_corrupt(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiny

    data = tiny.make_tiny_model(tmp_path / "models", "default") / "int8" / "model.onnx.data"
    data.write_bytes(np.full(data.stat().st_size // 4 + 1, np.nan, np.float32).tobytes()[: data.stat().st_size])
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "models"))
    with pytest.raises(ModelCorrupt, match="NaN"):
        model.load(store.layout(), Config())
