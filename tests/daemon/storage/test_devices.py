"""Which devices this machine has, and the reason where one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator

import onnxruntime
import pytest

from shadowpen.daemon.storage import devices


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    devices.why_not.cache_clear()
    devices.preload.cache_clear()
    yield
    devices.why_not.cache_clear()
    devices.preload.cache_clear()


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """The GPU build of onnxruntime, as far as it says."""
    offered = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: offered)


def test_the_processor_can_always_be_used() -> None:
    assert devices.why_not("cpu") == "" and "cpu" in devices.offered()


@pytest.mark.parametrize("name", [name for name in devices.DEVICES if name != "cpu"])
def test_a_build_without_a_device_names_the_one_with_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert devices.DEVICES[name].package in devices.why_not(name)
    assert devices.advice(name)


@pytest.mark.usefixtures("with_cuda")
def test_a_gpu_build_without_a_gpu_is_found_out(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """onnxruntime leaves the provider out and goes on with the CPU."""
    monkeypatch.setattr(devices, "_driver_problem", lambda: "there is no NVIDIA driver")
    asked: list[object] = []
    session = onnxruntime.InferenceSession

    def started(graph: bytes, options: object, providers: list[str]) -> object:
        asked.append(providers)
        return session(graph, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", started)
    assert devices.why_not("cuda") == "there is no NVIDIA driver"
    assert devices.why_not("cuda") and asked == [["CUDAExecutionProvider"]], "it is tried once"
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("with_cuda")
def test_the_libraries_of_the_packages_are_loaded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: order.append("libraries"))
    monkeypatch.setattr(devices, "_try", order.append)
    assert devices.why_not("cuda") == ""
    assert order == ["libraries", "CUDAExecutionProvider"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model failed:Protobuf parsing failed.", "Load model failed"),
        ("CUDA failure 2: out of memory ; GPU=0", "CUDA failure 2: out of memory"),
        ("", "RuntimeError"),
    ],
)
def test_the_reason_is_one_short_line(text: str, line: str) -> None:
    assert devices.first_line(RuntimeError(text)).startswith(line)
    assert len(devices.first_line(RuntimeError(text * 50))) <= 200
