"""The memory's index under what befalls files: cut, replaced by a pipe, sizes that cannot be, bytes changed."""

from __future__ import annotations

import contextlib
import os
import random
import struct
import zlib
from pathlib import Path

import msgspec
import pytest
from support.models.words import as_learned

from shadowpen.daemon.memory.index import snapshot
from shadowpen.daemon.memory.index.codes import Code
from shadowpen.daemon.memory.index.snapshot import Damaged, Snapshot, is_whole, write

_BYTES = [b""] * 1_000
_CODE = Code.of(1_000)
_TAIL = struct.Struct("<QII9s")


def _made(folder: Path) -> Path:
    chance = random.Random(3)
    texts = [as_learned(_CODE, [chance.randrange(20) for _ in range(60)], str(n)) for n in range(30)]
    write(folder / "index.bin", texts, "t", _CODE)
    return folder / "index.bin"


def _opened(path: Path) -> Snapshot:
    return Snapshot(path, "t", _CODE, _BYTES)


def _asked(index: Snapshot) -> list[object]:
    spans = [span for token in range(20) for span in index.spans(_CODE.context([token]), 1)]
    return [index.followers(span).weights for span in spans]


@pytest.mark.parametrize("left", [0, 1, 1_000])
def test_a_file_cut_while_it_is_served_changes_no_answer(tmp_path: Path, left: int) -> None:
    path = _made(tmp_path)
    index = _opened(path)
    before = _asked(_opened(path))

    os.truncate(path, left)  # a mapping of this file would end the process here

    assert _asked(index) == before
    assert [path.name for path in tmp_path.iterdir()] == ["index.bin"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_a_pipe_in_its_place_is_damage_and_waits_for_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "index.bin")

    with pytest.raises(Damaged):
        _opened(tmp_path / "index.bin")
    assert not is_whole(tmp_path / "index.bin")


def test_a_folder_or_a_device_in_its_place_is_damage(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", Path(os.devnull)):
        with pytest.raises(Damaged):
            _opened(path)
        assert not is_whole(path)


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"tokens": -1},
            {"places": -1},
            {"tokens": -8, "places": 4},
            {"tokens": 2**40},
            {"places": 2**40},
            {"width": -2},
        ),
        *({"tokens": 2**63}, {"documents": [["x", 0.0, "", -5, 3]]}, {"documents": [["x", 0.0, "", 3, -1]]}),
        *({"documents": [["x", 0.0, "", 1, 10**9]]}, {"documents": [["x", 0.0, "", 9, 5], ["y", 0.0, "", 1, 5]]}),
        *({"tokens": "many"}, {"documents": None}),
    ],
)
def test_sizes_that_cannot_be_are_damage_though_the_checksum_is_right(
    tmp_path: Path, change: dict[str, object]
) -> None:
    path = _made(tmp_path)
    content = path.read_bytes()
    header_at, _, crc, magic = _TAIL.unpack(content[-_TAIL.size :])
    header = msgspec.json.encode({**msgspec.json.decode(content[header_at : -_TAIL.size]), **change})
    path.write_bytes(content[:header_at] + header + _TAIL.pack(header_at, zlib.crc32(header), crc, magic))

    with pytest.raises(Damaged):
        _opened(path)


def _mutations(rounds: int, folder: Path) -> None:
    path = _made(folder)
    whole, chance = path.read_bytes(), random.Random(17)
    for _ in range(rounds):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(content))
            content[place : place + chance.choice([0, 1, 4])] = chance.randbytes(chance.choice([0, 1, 4]))
        if chance.random() < 0.5:  # a checksum that is right
            header_at = min(snapshot._TAIL.unpack(content[-_TAIL.size :])[0], len(content))
            crc = zlib.crc32(content[header_at : -_TAIL.size])
            content[-_TAIL.size + 8 : -_TAIL.size + 12] = struct.pack("<I", crc)
        path.write_bytes(content)
        with contextlib.suppress(Damaged, IndexError):  # Memory gives the file up on either
            _asked(_opened(path))


def test_changed_bytes_are_damage_or_other_answers(tmp_path: Path) -> None:
    _mutations(300, tmp_path)


@pytest.mark.soak
def test_many_changed_bytes_are_damage_or_other_answers(tmp_path: Path) -> None:
    _mutations(20_000, tmp_path)
