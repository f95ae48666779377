"""The reading process: texts come, and nothing that a file or a reader does reaches whoever asked."""

from __future__ import annotations

import importlib
import os
import signal
from pathlib import Path

import psutil
import pytest
from support import documents

from shadowpen.daemon.formats import table
from shadowpen.daemon.formats.frames import ReadRequest, send
from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms
from shadowpen.daemon.formats.reading import FileReader
from shadowpen.daemon.formats.table import Format

# Readers as a plug-in may bring them, each bad in its way.
_READERS = """
import os, sys, time
from pathlib import Path
from shadowpen.daemon.formats.pieces import LeftOut, Piece

def good(path, terms):
    print("noise"); os.write(1, b"noise"); print("noise", file=sys.stderr)
    yield Piece(path.read_text() + "\\udc80", "part", ".txt", "2020-01-02")

def slow(path, terms):
    yield Piece("first")
    time.sleep(600)

def dead(path, terms):
    yield Piece("first")
    os._exit(3)

def greedy(path, terms):
    yield Piece("first")
    held = [bytearray(500_000_000) for _ in range(8)]
    yield Piece("never")

def failing(path, terms):
    yield Piece("first")
    raise RuntimeError(path.read_text())

def endless(path, terms):
    while True:
        yield Piece("again")

def huge(path, terms):
    yield Piece("x" * 5_000_000)

def deep(path, terms):
    return deep(path, terms)

def strange(path, terms):
    yield 7

value = 7
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "readers_of_a_test.py").write_text(_READERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "a.x").write_text("secret text")
    return tmp_path / "a.x"


def form(name: str, limit_s: float = 60.0) -> Format:
    return Format("x files", f"readers_of_a_test:{name}", limit_s=limit_s)


def test_a_text_comes_whole_whatever_its_reader_prints(file: Path) -> None:
    with FileReader(Terms()) as reader:
        assert reader.read(file, form("good")) == [Piece("secret text?", "part", ".txt", "2020-01-02")]


@pytest.mark.parametrize(
    ("name", "pieces", "why"),
    [
        ("dead", 1, "its reader failed"),
        ("failing", 1, "damaged, or not what its name says"),
        ("endless", 50, "more than 50 texts in one file"),
        ("huge", 0, "too large"),
        ("deep", 0, "damaged, or not what its name says"),
        ("strange", 0, "damaged, or not what its name says"),
        ("value", 0, "its reader is not a function"),
        ("missing", 0, "its reader cannot be loaded (AttributeError)"),
    ],
)
def test_a_bad_reader_disables_itself_alone(file: Path, name: str, pieces: int, why: str) -> None:
    with FileReader(Terms(texts=50)) as reader:
        *before, last = reader.read(file, form(name))
        assert [type(item) for item in before] == [Piece] * pieces
        assert last == LeftOut(why)
        assert reader.read(file, form("good"))[0].text == "secret text?"  # type: ignore[union-attr]


@pytest.mark.skipif(os.name == "nt", reason="no limit of memory there")
def test_memory_is_limited(file: Path) -> None:
    with FileReader(Terms()) as reader:
        assert reader.read(file, form("greedy")) == [Piece("first"), LeftOut("needs too much memory")]


def test_time_is_limited_for_one_file_and_for_all(file: Path) -> None:
    with FileReader(Terms()) as reader:
        assert reader.read(file, form("slow", limit_s=2)) == [Piece("first"), LeftOut("took longer than 2 seconds")]
        assert [type(item) for item in reader.read(file, form("good"))] == [Piece]
    with FileReader(Terms(), all_files_s=0) as reader:
        assert reader.read(file, form("good")) == [LeftOut("the time for files of this kind was used up")]


@pytest.mark.skipif(os.name == "nt", reason="no alarm there")
def test_the_process_ends_where_nobody_ends_it(file: Path) -> None:
    reader = FileReader(Terms())
    process = reader._running()
    assert process.stdin is not None
    send(process.stdin, ReadRequest(str(file), form("slow").target, Terms(), -4.5))

    assert process.wait(60) == -signal.SIGALRM
    reader.close()


def test_the_text_of_all_pieces_is_limited(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shadowpen.daemon.formats.reading._MOST_CHARACTERS", 100)
    with FileReader(Terms()) as reader:
        assert reader.read(file, form("endless"))[-1] == LeftOut("more than 100 characters in one file")


def test_the_process_starts_late_and_ends_with_its_reader(file: Path) -> None:
    me = psutil.Process()
    before = set(me.children())
    with FileReader(Terms()) as reader:
        assert set(me.children()) == before
        reader.read(file, form("good"))
        (started,) = set(me.children()) - before
    assert not started.is_running()


def test_a_format_of_our_own_is_read_there(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(documents.docx("From Word."))
    with FileReader(Terms()) as reader:
        assert [item.text for item in reader.read(path, table.OWN[".docx"]) if isinstance(item, Piece)] == [
            "From Word."
        ]


def test_every_reader_of_ours_can_be_loaded() -> None:
    for form in table.OWN.values():
        module, _, function = form.target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
