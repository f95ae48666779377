from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ModelMissing
from shadowpen.daemon.storage import models

GRAPH = b"a graph"
TOKENIZER = b"{}"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def described(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": name,
        "source": {"kind": "gguf", "locator": "/somewhere/model.gguf", "sha256": digest(b"w"), "licence": "apache-2.0"},
        "architecture": {
            "model_type": "qwen2", "layers": 2, "hidden": 8, "heads": 2, "kv_heads": 1, "head_dim": 4, "vocab": 300,
            "context_length": 512,
        },
        "bos_id": None,
        "eos_ids": [0],
        "precisions": {
            precision: {"files": {"model.onnx": digest(GRAPH)}, "sizes": {"model.onnx": len(GRAPH)}}
            for precision in ("int8", "fp16")
        },
        "default_precision": "int8",
        "created": "2026-01-01T00:00:00+00:00",
        "files": {"tokenizer.json": digest(TOKENIZER)},
        **changes,
    }  # fmt: skip


def install(layout: store.Layout, name: str = "default", **changes: Any) -> Path:
    """A folder as setup leaves it; its graph is a few bytes, which nothing here opens."""
    folder = layout.models / name
    for precision in ("int8", "fp16"):
        (folder / precision).mkdir(parents=True)
        (folder / precision / "model.onnx").write_bytes(GRAPH)
    (folder / "tokenizer.json").write_bytes(TOKENIZER)
    (folder / "manifest.json").write_text(json.dumps(described(name, **changes)))
    return folder


def test_a_model_is_found_with_its_graph_and_tokenizer(layout: store.Layout) -> None:
    folder = install(layout)
    model = models.resolve("default")
    assert model.graph() == folder / "int8" / "model.onnx"
    assert model.graph("auto", "cuda") == folder / "fp16" / "model.onnx"
    assert model.graph("fp16") == folder / "fp16" / "model.onnx"
    assert model.tokenizer.read_bytes() == TOKENIZER
    assert model.manifest.eos_ids == [0]
    model.verify()


def test_auto_takes_what_there_is(layout: store.Layout) -> None:
    folder = install(layout, default_precision="fp16")
    written = json.loads((folder / "manifest.json").read_text())
    del written["precisions"]["int8"]
    (folder / "manifest.json").write_text(json.dumps(written))
    assert models.resolve("default").precision("auto", "cpu") == "fp16"


def test_a_precision_that_was_not_exported_says_how_to_get_it(layout: store.Layout) -> None:
    install(layout)
    with pytest.raises(ModelMissing, match="not exported as int4") as caught:
        models.resolve("default").graph("int4")
    assert "--precision int4" in caught.value.hint


def test_nothing_installed_asks_for_setup(layout: store.Layout) -> None:
    assert models.names() == []
    with pytest.raises(ModelMissing) as caught:
        models.resolve("default")
    assert "shadowpen setup" in caught.value.hint


def test_a_wrong_name_lists_the_others(layout: store.Layout) -> None:
    install(layout, "prose")
    with pytest.raises(ModelMissing, match="prose"):
        models.resolve("default")


def test_a_folder_without_a_manifest_is_no_model(layout: store.Layout) -> None:
    install(layout, "half").joinpath("manifest.json").unlink()
    install(layout, "whole")
    assert models.names() == ["whole"]
    with pytest.raises(ModelMissing):
        models.resolve("half")


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "", ".hidden", "..", "C:\\x", "a" * 65])
def test_a_name_never_leaves_the_models_folder(layout: store.Layout, name: str) -> None:
    for act in (models.resolve, models.use, models.remove):
        with pytest.raises(ConfigInvalid, match="not a valid model name"):
            act(name, layout)


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        ("int8/model.onnx", b"", "int8/model.onnx has 0 bytes"),
        ("int8/model.onnx", GRAPH + b"!", "has 8 bytes, not 7"),
        ("int8/model.onnx", None, "int8/model.onnx is missing"),
        ("tokenizer.json", None, "has no tokenizer.json"),
    ],
)
def test_damage_that_shows_in_sizes_is_seen_at_once(
    layout: store.Layout, path: str, content: bytes | None, sentence: str
) -> None:
    file = install(layout) / path
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=sentence) as caught:
        models.resolve("default")
    assert "`shadowpen setup`" in caught.value.hint


def test_the_hint_for_another_model_names_where_it_came_from(layout: store.Layout) -> None:
    (install(layout, "prose") / "tokenizer.json").unlink()
    with pytest.raises(ModelCorrupt) as caught:
        models.resolve("prose")
    assert "`shadowpen setup /somewhere/model.gguf --name prose`" in caught.value.hint


@pytest.mark.parametrize("path", ["int8/model.onnx", "fp16/model.onnx", "tokenizer.json"])
def test_damage_of_the_same_size_is_seen_by_the_hash(layout: store.Layout, path: str) -> None:
    file = install(layout) / path
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)
    model = models.resolve("default")
    with pytest.raises(ModelCorrupt, match=f"{path} was changed"):
        model.verify()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"schema": 2}, "schema 2"),
        ({"default_precision": "int3"}, "default precision"),
        ({"precisions": {}}, "default precision"),
        ({"eos_ids": "0"}, "cannot be read"),
        ({"precisions": {"int8": {"files": {"model.onnx": "abc"}}}}, "not a SHA-256"),
        ({"precisions": {"int8": {"files": {"other.onnx": digest(GRAPH)}}}}, "no model.onnx"),
        (
            {"precisions": {"int8": {"files": {"model.onnx": digest(GRAPH), "../../x": digest(GRAPH)}}}},
            "not a plain file name",
        ),
        (
            {"precisions": {"../int8": {"files": {"model.onnx": digest(GRAPH)}}}, "default_precision": "../int8"},
            "not a plain file name",
        ),
        ({"files": {"source/../../x": digest(GRAPH)}}, "not a plain file name"),
        ({"files": {"/etc/passwd": digest(GRAPH)}}, "not a plain file name"),
    ],
)
def test_a_manifest_that_does_not_hold_is_refused(layout: store.Layout, changes: dict[str, Any], sentence: str) -> None:
    install(layout, **changes)
    with pytest.raises(ModelCorrupt, match=sentence):
        models.resolve("default")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": 1}', b"[" * 5000])
def test_a_manifest_that_is_no_manifest_is_refused(layout: store.Layout, content: bytes) -> None:
    (install(layout) / "manifest.json").write_bytes(content)
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        models.resolve("default")


def test_a_manifest_is_read_back_as_written(layout: store.Layout) -> None:
    folder = install(layout)
    manifest = models.read_manifest(folder)
    models.write_manifest(folder, manifest)
    assert models.read_manifest(folder) == manifest
    assert (folder / "manifest.json").stat().st_mode & 0o777 == 0o600


def test_use_keeps_comments_and_other_settings(layout: store.Layout) -> None:
    install(layout, "prose")
    store.write_atomic(
        layout.config_file, b"# mine\n[completion]\nmax_words = 5 # few\n\n[model]\n# the one\nname = 'default'\n"
    )
    models.use("prose")
    text = layout.config_file.read_text()
    assert "# mine" in text
    assert "# few" in text
    assert "# the one" in text
    read = config.load()
    assert read.model.name == "prose"
    assert read.completion.max_words == 5
    assert read.problems == ()


def test_use_writes_a_first_config(layout: store.Layout) -> None:
    install(layout, "prose")
    models.use("prose")
    assert config.load().model.name == "prose"


def test_use_of_nothing_changes_nothing(layout: store.Layout) -> None:
    with pytest.raises(ModelMissing):
        models.use("prose")
    assert not layout.config_file.exists()


@pytest.mark.parametrize("content", ["[model\n", "model = 3\n"])
def test_use_leaves_a_broken_config_as_it_is(layout: store.Layout, content: str) -> None:
    install(layout, "prose")
    store.write_atomic(layout.config_file, content.encode())
    with pytest.raises(ConfigInvalid, match="cannot be changed"):
        models.use("prose")
    assert layout.config_file.read_text() == content


def test_the_model_in_use_is_removed_only_by_force(layout: store.Layout) -> None:
    install(layout)
    install(layout, "prose")
    with pytest.raises(ConfigInvalid, match="in use"):
        models.remove("default")
    assert models.names() == ["default", "prose"]
    models.remove("prose")
    assert models.remove("default", force=True) > 2 * len(GRAPH)
    assert list(layout.models.iterdir()) == []


def test_a_damaged_model_can_be_removed(layout: store.Layout) -> None:
    (install(layout, "prose") / "manifest.json").write_text("{")
    models.remove("prose")
    assert models.names() == []


def test_one_hash_stands_for_several_files() -> None:
    assert models.combined_sha256({"a": digest(b"x")}) == digest(b"x")
    several = {"b": digest(b"y"), "a": digest(b"x")}
    assert models.combined_sha256(several) == models.combined_sha256(dict(sorted(several.items())))
    assert models.combined_sha256(several) != models.combined_sha256({**several, "a": digest(b"z")})
