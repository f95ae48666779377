"""Where the model runs, and in which precision: one answer for serving, training and choosing a version."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.models import fake_gpu
from support.models.fake_gpu import FakeGpu
from tiny import make_tiny_model

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelMissing
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.storage import device_record, models, versions
from shadowpen.daemon.storage.models import ExportedGraph, InstalledModel
from shadowpen.daemon.storage.placement import place, runs_badly
from shadowpen.daemon.storage.versions import Base, Version


@pytest.fixture(scope="module")
def half_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_model(folder, "default", precisions=("fp16", "int8"))
    return folder


@pytest.fixture
def model(layout: store.Layout, half_models: Path, monkeypatch: pytest.MonkeyPatch) -> InstalledModel:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(half_models))
    return models.resolve("default", store.layout())


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> FakeGpu:
    return fake_gpu.install(monkeypatch)


def _placed(model: InstalledModel, **settings: str) -> tuple[str, str]:
    placement = place(store.layout(), ModelSettings(**settings), model)
    return placement.device, placement.precision


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("cuda", "fp16")),
        ({"device": "cpu"}, ("cpu", "int8")),
        ({"precision": "int8"}, ("cpu", "int8")),
        ({"device": "cpu", "precision": "fp16"}, ("cpu", "fp16")),
        ({"device": "cuda", "precision": "fp16"}, ("cuda", "fp16")),
        ({"device": "openvino"}, ("cpu", "int8")),
    ],
)
def test_device_and_precision_are_chosen_apart(
    model: InstalledModel, gpu: FakeGpu, settings: dict[str, str], expected: tuple[str, str]
) -> None:
    assert _placed(model, **settings) == expected


def test_a_gpu_that_does_not_work_makes_no_versions_for_it(model: InstalledModel, gpu: FakeGpu) -> None:
    gpu.why = "there is no NVIDIA driver"
    placement = place(store.layout(), ModelSettings(), model)
    assert (placement.device, placement.precision) == ("cpu", "int8")
    assert placement.line == "int8 on cpu; not on cuda: there is no NVIDIA driver"
    assert "there is no NVIDIA driver" in placement.problem


def test_a_device_that_was_asked_for_and_is_not_there_is_a_problem(model: InstalledModel) -> None:
    placement = place(store.layout(), ModelSettings(device="directml"), model)
    assert placement.device == "cpu" and "onnxruntime-directml" in placement.problem
    assert not place(store.layout(), ModelSettings(device="cpu"), model).problem


def test_a_precision_that_the_device_does_not_run_says_so(model: InstalledModel, gpu: FakeGpu) -> None:
    placement = place(store.layout(), ModelSettings(device="cuda", precision="int8"), model)
    assert (placement.device, placement.precision) == ("cpu", "int8")
    assert "model.precision fp16" in placement.problem


def test_a_graph_without_fused_attention_runs_in_any_precision(
    model: InstalledModel, gpu: FakeGpu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(model.folder, tmp_path / "default")
    graph = tmp_path / "default" / "int8" / "model.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"GroupQueryAttention", b"PlainQueryAttention"))
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path))
    plain = models.resolve("default", store.layout())
    assert _placed(plain, precision="int8") == ("cuda", "int8")


def test_what_was_never_exported_is_missing(model: InstalledModel) -> None:
    with pytest.raises(ModelMissing):
        _placed(model, precision="int4")


def test_a_device_that_failed_is_left_alone(model: InstalledModel, gpu: FakeGpu) -> None:
    device_record.note(store.layout(), "cuda", "its memory is full")
    assert _placed(model) == ("cpu", "int8")
    device_record.clear(store.layout())
    assert _placed(model) == ("cuda", "fp16")


def _published(model: InstalledModel, precision: str) -> None:
    layout = store.layout()
    staged = store.private_directory(layout.training / "staged")
    shutil.copytree(model.folder / precision, staged / precision)
    files = {path.name: store.sha256_of(path) for path in (staged / precision).iterdir()}
    sizes = {name: (staged / precision / name).stat().st_size for name in files}
    made = versions.publish(
        layout,
        staged,
        Version(
            state="promoted",
            created="2026-05-01T00:00:00Z",
            base=Base(name="default", sha256=model.manifest.weights_sha256),
            precisions={precision: ExportedGraph(files=files, sizes=sizes)},
        ),
    )
    versions.use(layout, model, made.id, precision)


def test_the_version_in_use_answers_in_the_precision_it_was_made_in(model: InstalledModel, gpu: FakeGpu) -> None:
    """It was made on the CPU, and the GPU came later: better the version on the CPU than the base on the GPU."""
    _published(model, "int8")
    placement = place(store.layout(), ModelSettings(), model)
    assert (placement.device, placement.precision) == ("cpu", "int8")
    assert "versions use" in placement.problem
    anew = place(store.layout(), ModelSettings(), model, for_current=False)
    assert (anew.device, anew.precision) == ("cuda", "fp16"), "what makes its graph again makes it for the GPU"


def test_half_precision_on_a_processor_is_unwise(model: InstalledModel) -> None:
    assert runs_badly(place(store.layout(), ModelSettings(device="cpu", precision="fp16"), model))
    assert not runs_badly(place(store.layout(), ModelSettings(device="cpu"), model))
