from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.checkpoints.gguf_files import write_gguf

from shadowpen.daemon.base.errors import ModelCorrupt, ModelError, ModelUnsupported
from shadowpen.exporters.sources.files.gguf_reader import check_gguf, open_gguf

KEYS = {
    "general.name": "tiny",
    "general.license": "mit",
    "some.number": 7,
    "some.truth": True,
    "some.share": 0.5,
    "some.words": ["one", "two"],
    "some.numbers": [1, 2, 3],
}
HEADER = b"GGUF" + struct.pack("<I", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tensors = {"a.weight": np.arange(64, dtype=np.float32).reshape(2, 32), "b": np.ones(5, dtype=np.float32)}
    return write_gguf(tmp_path / "model.gguf", KEYS, tensors)


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def tensor(name: str = "t", shape: tuple[int, ...] = (4,), kind: int = 0, offset: int = 0) -> bytes:
    dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + dimensions + struct.pack("<IQ", kind, offset)


def whole(tensors: list[bytes], keys: list[bytes], data: bytes = b"\0" * 256) -> bytes:
    """A file of these parts; data begins at the next multiple of 32."""
    head = HEADER + struct.pack("<QQ", len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)
    return head + b"\0" * (-len(head) % 32) + data


def test_a_whole_file_opens_with_its_keys_and_tensors(file: Path) -> None:
    reader = open_gguf(file)
    assert [one.name for one in reader.tensors] == ["a.weight", "b"]
    assert np.array_equal(reader.tensors[0].data, np.arange(64, dtype=np.float32).reshape(2, 32))
    assert reader.fields["some.words"].contents() == ["one", "two"]


def test_the_short_texts_are_told_without_a_reader(file: Path) -> None:
    texts = check_gguf(file)
    assert texts["general.license"] == "mit"
    assert texts["general.architecture"] == "qwen2"


def test_hand_made_parts_make_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(whole([tensor(), tensor("u", (8, 2), offset=32)], [key("n", 4, struct.pack("<I", 1))]))
    assert len(open_gguf(path).tensors) == 2


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelCorrupt) as caught:
        open_gguf(file)
    assert "again" in caught.value.hint


def test_a_file_without_its_last_byte_is_refused(file: Path, tmp_path: Path) -> None:
    exact = tmp_path / "exact.gguf"
    exact.write_bytes(whole([tensor()], [], data=b"\0" * 16))
    check_gguf(exact)
    exact.write_bytes(whole([tensor()], [], data=b"\0" * 15))
    with pytest.raises(ModelCorrupt, match="cut short: 't' ends"):
        open_gguf(exact)


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_a_description_cut_anywhere_is_refused(file: Path, cut: int) -> None:
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(ModelCorrupt):
        open_gguf(file)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"\0" * 4096, b"PK\x03\x04" + b"\0" * 100, b"\x80\x04" * 200])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="not a GGUF file"):
        open_gguf(path)


def test_no_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        open_gguf(tmp_path / "none.gguf")


HOSTILE = {
    "four thousand million tensors": (HEADER + struct.pack("<QQ", 1 << 32, 0), "claims"),
    "four thousand million keys": (HEADER + struct.pack("<QQ", 0, 1 << 40), "claims"),
    "a text of an exabyte": (whole([], [struct.pack("<Q", 1 << 60)]), "a text of"),
    "a value of an exabyte": (whole([], [key("k", 8, struct.pack("<Q", 1 << 60))]), "a text of"),
    "a list of an exabyte": (whole([], [key("k", 9, struct.pack("<IQ", 10, 1 << 60))]), "a list of"),
    "a list longer than the file": (whole([], [key("k", 9, struct.pack("<IQ", 10, 1 << 20))]), "cut short"),
    "lists in lists in lists": (whole([], [key("k", 9, struct.pack("<IQ", 9, 1) * 50)]), "a list of"),
    "a value of no known type": (whole([], [key("k", 99, b"")]), "unknown type 99"),
    "a key twice": (whole([], [key("k", 7, b"\1")] * 2), "the key 'k' twice"),
    "a tensor twice": (whole([tensor()] * 2, []), "the tensor 't' twice"),
    "a tensor beyond the file": (whole([tensor(offset=1 << 40)], []), "cut short"),
    "a tensor that wraps around": (whole([tensor(shape=(1 << 62, 1 << 62))], []), "cut short"),
    "a tensor without room": (whole([tensor(shape=(0, 4))], []), "the shape"),
    "a tensor without dimensions": (whole([tensor(shape=())], []), "0 dimensions"),
    "a tensor of nine dimensions": (whole([tensor(shape=(1,) * 9)], []), "9 dimensions"),
    "a block cut in two": (whole([tensor(shape=(31,), kind=8)], []), "the shape"),
    "a tensor off its alignment": (whole([tensor(offset=3)], []), "off its alignment"),
    "an alignment of nothing": (whole([], [key("general.alignment", 4, struct.pack("<I", 0))]), "alignment of 0"),
    "an alignment of three": (whole([], [key("general.alignment", 4, struct.pack("<I", 3))]), "alignment of 3"),
    "an alignment that is a text": (whole([], [key("general.alignment", 8, text("32"))]), "alignment"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_before_anything_is_allocated(tmp_path: Path, name: str) -> None:
    content, sentence = HOSTILE[name]
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=sentence):
        open_gguf(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0) + b"\0" * 32, "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + b"\0" * 32, "big-endian"),
        (whole([tensor(kind=4000)], []), "unknown type 4000"),
        (whole([], [key("split.count", 2, struct.pack("<H", 3))]), "one of 3 parts"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnsupported, match=sentence):
        open_gguf(path)


def damaged(content: bytes) -> Iterator[bytes]:
    """Every other byte of the description changed in turn, and a few hundred random changes of several bytes."""
    for place in range(0, min(len(content), 700), 2):
        for value in (0xFF, content[place] ^ 0x80):
            yield content[:place] + bytes([value]) + content[place + 1 :]
    chance = random.Random(0)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(chance.randrange(1, 12)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        yield bytes(changed)


def test_no_damage_gets_past_the_check_or_breaks_it(file: Path) -> None:
    """Whatever the bytes: either a reader, or one of our sentences; what the check lets through can be opened."""
    for content in damaged(file.read_bytes()):
        file.write_bytes(content)
        try:
            check_gguf(file)
        except ModelError:
            continue
        try:
            open_gguf(file)
        except ModelCorrupt as error:
            assert "cannot be read as GGUF" in error.message
