from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.checkpoints.hub_stand_in import COMMIT, REPOSITORY, HubStandIn
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ModelUnsupported, SourceError, StateUnusable
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources import hub_client
from shadowpen.exporters.sources.base import find_source
from shadowpen.exporters.sources.hub import HubSource

WEIGHTS = "model.safetensors"
PIECE = 1000
NEEDED = {"config.json", "tokenizer.json", WEIGHTS, "LICENSE"}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture
def hub(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubStandIn]:
    for variable in ("SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # as it was when a test before imported it
    # The machine's own hub cache must not answer for the stand-in.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf-cache"))
    # A transfer that breaks keeps whole pieces; the weights here are smaller than one of the usual size.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", PIECE)
    files = {path.name: path.read_bytes() for path in sorted(checkpoint.iterdir())}
    with HubStandIn({**files, "README.md": b"# tiny", "modeling.py": b"raise SystemExit", "x/y.json": b"{}"}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def fetch(folder: Path, cache: Path) -> Provenance:
    return HubSource(REPOSITORY).fetch(folder, cache, silent)


def test_the_checkpoint_comes_whole_and_says_where_from(
    hub: HubStandIn, folder: Path, cache: Path, checkpoint: Path
) -> None:
    provenance = fetch(folder, cache)
    assert provenance.kind == "hf"
    assert provenance.locator == f"hf:{REPOSITORY}@{COMMIT}"
    assert provenance.licence == "apache-2.0"
    assert provenance.sha256 == store.sha256_of(checkpoint / WEIGHTS)
    assert {path.name for path in folder.iterdir()} == NEEDED
    assert (folder / WEIGHTS).read_bytes() == (checkpoint / WEIGHTS).read_bytes()
    assert "apache-2.0" in (folder / "LICENSE").read_text()


def test_code_and_what_is_not_needed_is_never_asked_for(hub: HubStandIn, folder: Path, cache: Path) -> None:
    fetch(folder, cache)
    assert not [path for _, path, _ in hub.requests if path.endswith((".py", ".md", "y.json"))]


def test_a_licence_text_in_the_repository_is_taken(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.files["LICENSE"] = b"Do as you like."
    fetch(folder, cache)
    assert (folder / "LICENSE").read_text() == "Do as you like.\n"


def test_a_broken_download_goes_on_where_it_broke(hub: HubStandIn, folder: Path, cache: Path, checkpoint: Path) -> None:
    hub.faults.break_once_after[WEIGHTS] = 5 * PIECE
    fetch(folder, cache)
    assert hub.ranges(WEIGHTS) == [None, "bytes=5000-"]
    assert (folder / WEIGHTS).read_bytes() == (checkpoint / WEIGHTS).read_bytes()


def test_the_next_run_goes_on_where_the_last_gave_up(
    hub: HubStandIn, folder: Path, cache: Path, checkpoint: Path
) -> None:
    hub.faults.break_always_after[WEIGHTS] = PIECE
    with pytest.raises(SourceError, match="was interrupted") as caught:
        fetch(folder, cache)
    assert "to resume" in caught.value.hint
    hub.faults.break_always_after.clear()
    hub.requests.clear()
    fetch(folder, cache)
    assert hub.ranges(WEIGHTS) == ["bytes=4000-"]  # four attempts, a piece each
    assert hub.ranges("config.json") == []
    assert (folder / WEIGHTS).read_bytes() == (checkpoint / WEIGHTS).read_bytes()


def test_a_changed_file_is_fetched_once_more_and_then_refused(
    hub: HubStandIn, folder: Path, cache: Path, checkpoint: Path
) -> None:
    content = bytearray((checkpoint / WEIGHTS).read_bytes())
    content[-1] ^= 1
    hub.faults.serve_instead[WEIGHTS] = bytes(content)
    with pytest.raises(ModelCorrupt, match="does not have the hash"):
        fetch(folder, cache)
    assert hub.ranges(WEIGHTS) == [None, None]
    assert list(folder.iterdir()) == []


def test_a_changed_description_is_refused_by_its_git_hash(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.faults.serve_instead["config.json"] = hub.files["config.json"].replace(b"qwen2", b"qwen3")
    with pytest.raises(ModelCorrupt, match=r"config\.json does not have the hash"):
        fetch(folder, cache)


@pytest.mark.parametrize("wrong_bytes", [-10, 10])
def test_a_file_of_another_size_is_refused(hub: HubStandIn, folder: Path, cache: Path, wrong_bytes: int) -> None:
    content = hub.files[WEIGHTS]
    hub.faults.serve_instead[WEIGHTS] = content[:wrong_bytes] if wrong_bytes < 0 else content + b"x" * wrong_bytes
    with pytest.raises(ModelCorrupt):
        fetch(folder, cache)


def test_a_size_beyond_the_disk_is_refused_before_a_byte_of_it_is_asked_for(
    hub: HubStandIn, folder: Path, cache: Path
) -> None:
    hub.faults.state_size[WEIGHTS] = 1 << 60
    with pytest.raises(StateUnusable, match="disk is full"):
        fetch(folder, cache)
    assert hub.ranges(WEIGHTS) == []


def test_a_description_of_a_gigabyte_is_refused(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.faults.state_size["config.json"] = 1 << 30
    with pytest.raises(SourceError, match="states a size"):
        fetch(folder, cache)


def test_a_repository_that_is_not_there(hub: HubStandIn, folder: Path, cache: Path) -> None:
    with pytest.raises(SourceError, match="The hub has no hf:someone/else") as caught:
        HubSource("someone/else").fetch(folder, cache, silent)
    assert "Check the name" in caught.value.hint


def test_a_file_that_is_listed_but_not_there(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.faults.hide.add(WEIGHTS)
    with pytest.raises(SourceError, match="The hub has no"):
        fetch(folder, cache)


@pytest.mark.parametrize(
    ("status", "sentence"), [(401, "accepting its terms"), (403, "accepting its terms"), (500, "answered 500")]
)
def test_a_hub_that_says_no(hub: HubStandIn, folder: Path, cache: Path, status: int, sentence: str) -> None:
    hub.faults.api_status = status
    with pytest.raises(SourceError, match=sentence):
        fetch(folder, cache)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"id": "x", "sha": "../../x", "siblings": []}'])
def test_an_answer_that_makes_no_sense(hub: HubStandIn, folder: Path, cache: Path, body: bytes) -> None:
    hub.faults.api_body = body
    with pytest.raises(SourceError):
        fetch(folder, cache)


def test_pickled_weights_are_named_and_not_fetched(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.files["pytorch_model.bin"] = hub.files.pop(WEIGHTS)
    with pytest.raises(ModelUnsupported, match=r"pytorch_model\.bin"):
        fetch(folder, cache)
    assert hub.ranges("pytorch_model.bin") == []


def test_an_index_that_points_outside_is_refused(hub: HubStandIn, folder: Path, cache: Path) -> None:
    index = {"weight_map": {"a": "../../../.bashrc"}}
    hub.files["model.safetensors.index.json"] = json.dumps(index).encode()
    with pytest.raises(ModelCorrupt, match="outside its own folder"):
        fetch(folder, cache)


def test_shards_are_those_of_the_index(hub: HubStandIn, folder: Path, cache: Path) -> None:
    hub.files["model-00001-of-00001.safetensors"] = hub.files.pop(WEIGHTS)
    index = {"weight_map": {"a": "model-00001-of-00001.safetensors"}}
    hub.files["model.safetensors.index.json"] = json.dumps(index).encode()
    hub.files["consolidated.safetensors"] = b"the same again"
    fetch(folder, cache)
    assert (folder / "model-00001-of-00001.safetensors").is_file()
    assert hub.ranges("consolidated.safetensors") == []


@pytest.mark.parametrize("variable", ["SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_asks_nobody(
    hub: HubStandIn, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(SourceError, match=variable):
        fetch(folder, cache)
    assert hub.requests == []


def test_a_hub_that_is_not_there_is_one_sentence(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, hub: HubStandIn
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(SourceError, match="could not be reached"):
        fetch(folder, cache)
    assert not hub_client.hub_answers()


def test_the_hub_answers(hub: HubStandIn) -> None:
    assert hub_client.hub_answers()


def test_progress_ends_at_the_whole(hub: HubStandIn, folder: Path, cache: Path) -> None:
    seen: list[tuple[float, float]] = []
    HubSource(REPOSITORY).fetch(folder, cache, lambda step, done=0, total=0: seen.append((done, total)))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] == len(hub.files[WEIGHTS])


@pytest.mark.parametrize(
    "locator", ["hf:", "hf:name", "hf:a/b/c", "hf:../x", "hf:a/..", "hf:a/b@", "hf:-a/b", "hf:a/b;c"]
)
def test_a_locator_of_another_form_is_refused(locator: str) -> None:
    with pytest.raises(ConfigInvalid):
        find_source(locator)


def test_what_it_gave_is_known_again() -> None:
    given = Provenance(kind="hf", locator=f"hf:{REPOSITORY}@{COMMIT}", sha256="0" * 64, licence="mit")
    assert HubSource(REPOSITORY).gave(given)
    assert HubSource(f"{REPOSITORY}@{COMMIT}").gave(given)
    assert not HubSource(f"{REPOSITORY}@v2").gave(given)
    assert not HubSource("someone/other").gave(given)


def test_importing_the_source_asks_nobody_and_needs_no_hub_library() -> None:
    import subprocess
    import sys

    code = "import sys, shadowpen.exporters.sources.hub; assert 'huggingface_hub' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=dict(os.environ))
