"""A device that fails, at load or at work, leaves the model to the processor; see daemon/serving/model.py."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from support.models import fake_gpu
from support.models.fake_gpu import FakeGpu
from tiny import LINES, make_tiny_model

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DeviceFailed
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage import device_record
from shadowpen.daemon.wire.protocol import Complete, Completion, Expand, Expansion


@pytest.fixture(scope="module")
def half_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_model(folder, "default", recites=" ".join(LINES), precisions=("fp16", "int8"))
    return folder


@pytest.fixture
def layout(home: Path, half_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(half_models))
    return store.layout()


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> FakeGpu:
    return fake_gpu.install(monkeypatch)


def _complete(served: model.ServedModel) -> Completion:
    request = Complete(id="1", document="d", prefix=" ".join(LINES[0].split()[:4]))
    (reply,) = [reply for reply in served.steps(request, math.inf) if isinstance(reply, Completion)]
    return reply


def _device(served: model.ServedModel) -> str:
    return served.report().device


def test_the_device_answers_as_the_processor_does(layout: store.Layout, gpu: FakeGpu) -> None:
    served = model.load(layout, Config())
    assert _device(served) == "cuda" and served.report().runs == "fp16 on cuda"
    assert _complete(served).suggestions[0].text.startswith(" " + LINES[0].split()[4])
    request = Expand(id="2", document="e", notes=LINES[1], candidates=2, max_words=8)
    assert any(isinstance(reply, Expansion) for reply in served.steps(request, math.inf)), "it forks there as well"
    assert gpu.runs
    served.close()


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("[ONNXRuntimeError] : 1 : FAIL : CUDNN failure 4"), "CUDNN failure 4"),
        (RuntimeError("CUDA failure 2: out of memory"), "its memory is full"),
    ],
)
def test_a_device_that_fails_at_load_leaves_it_to_the_processor(
    layout: store.Layout, gpu: FakeGpu, wanted: str, error: Exception, words: str
) -> None:
    gpu.fails_after, gpu.error = 0, error
    served = model.load(layout, Config(model=ModelSettings(device=wanted)))
    assert _device(served) == "cpu" and _complete(served).suggestions
    assert served.problem == f"The model does not run on cuda: {words}. The CPU is used instead."
    assert served.report().runs == f"int8 on cpu; not on cuda: {words}"
    served.close()


def test_a_device_that_fails_at_work_is_not_taken_again(layout: store.Layout, gpu: FakeGpu) -> None:
    served = model.load(layout, Config())
    gpu.fails_after = gpu.runs + 3
    with pytest.raises(DeviceFailed, match="illegal memory access"):
        _complete(served)
    served.close()

    again = model.load(layout, Config())
    assert _device(again) == "cpu" and _complete(again).suggestions
    assert "illegal memory access" in again.problem
    again.close()

    device_record.clear(layout)  # as the daemon does when it ends in order
    gpu.fails_after = None
    once_more = model.load(layout, Config())
    assert _device(once_more) == "cuda"
    once_more.close()


_DIES = """
import math, sys
sys.path.insert(0, sys.argv[1])
import pytest
from support.models import fake_gpu
from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.serving import model
from shadowpen.daemon.wire.protocol import Complete
with pytest.MonkeyPatch.context() as patch:
    gpu = fake_gpu.install(patch)
    served = model.load(store.layout(), Config())
    gpu.dies, gpu.fails_after = True, gpu.runs + 3
    list(served.steps(Complete(id="1", document="d", prefix="The harbour lay still"), math.inf))
"""


def test_a_device_that_takes_the_daemon_down_is_not_taken_again(layout: store.Layout, gpu: FakeGpu) -> None:
    tests = str(Path(__file__).parents[3])
    done = subprocess.run([sys.executable, "-P", "-c", _DIES, tests], check=False)
    assert done.returncode == 9

    served = model.load(layout, Config())
    assert _device(served) == "cpu" and _complete(served).suggestions
    assert "the daemon crashed while it ran the model there" in served.problem
    served.close()
