"""Edits deleted by hand take the versions with them that learned from them, and nothing else does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.learning.withdrawal import withdraw
from shadowpen.daemon.storage import journal, versions
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.storage.versions import Base, TextSource, Version


@pytest.fixture
def made(layout: store.Layout) -> dict[str, str]:
    """Three versions, by what they learned from: the edits a and b, b alone, no edit."""
    for id in "ab":
        event = {"type": "accepted", "id": id, "time": 1.0e9, "context": "She went ", "suggested": "home",
                 "taken": "home", "document": "untitled:1", "language": "markdown"}  # fmt: skip
        Journal(layout.edits).append(as_events(event))
    return {edits: version_of(layout, edits) for edits in ("ab", "b", "")}


def version_of(layout: store.Layout, edits: str) -> str:
    staged = store.private_directory(layout.training / "staged")
    base, source = Base(name="default", sha256=""), TextSource(origin="x", sha256="", tokens=1, edits=list(edits))
    version = Version(state="promoted", created="2026-05-01T10:00:00+00:00", base=base, sources=[source])
    return versions.publish(layout, staged, version).id


def left(layout: store.Layout) -> list[str]:
    return [version.id for version in versions.versions(layout)]


def segment(layout: store.Layout) -> Path:
    return journal.segments(layout.edits)[0]


def test_nothing_was_deleted(layout: store.Layout, made: dict[str, str]) -> None:
    Journal(layout.edits).append(as_events({"type": "forgotten", "id": "a", "time": 1.0e9}))

    assert withdraw(layout) == []
    assert left(layout) == list(made.values())


def test_a_line_is_deleted(layout: store.Layout, made: dict[str, str]) -> None:
    lines = segment(layout).read_text().splitlines(keepends=True)
    segment(layout).write_text("".join(lines[1:]))

    assert withdraw(layout) == [made["ab"]]
    assert left(layout) == [made["b"], made[""]]


def test_a_file_is_deleted(layout: store.Layout, made: dict[str, str]) -> None:
    segment(layout).unlink()

    assert withdraw(layout) == [made["ab"], made["b"]]


def test_a_line_of_what_was_typed_instead_is_deleted(layout: store.Layout, made: dict[str, str]) -> None:
    event = {"type": "dismissed", "id": "c", "time": 1.0e9, "context": "She went ", "suggested": "home",
             "typed": "to sea", "how": "typed_over", "document": "untitled:1", "language": "markdown"}  # fmt: skip
    Journal(layout.edits).append(as_events(event))
    of_typed = version_of(layout, "c")
    assert withdraw(layout) == []
    lines = segment(layout).read_text().splitlines(keepends=True)
    segment(layout).write_text("".join(line for line in lines if "to sea" not in line))

    assert withdraw(layout) == [of_typed]
    assert left(layout) == list(made.values())


def test_a_journal_that_cannot_be_read_says_nothing(
    layout: store.Layout, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = store.read_bounded

    def locked(path: Path, *most_bytes: int) -> bytes:
        if path.suffix == ".jsonl":
            raise PermissionError
        return read(path, *most_bytes)

    monkeypatch.setattr(store, "read_bounded", locked)
    assert withdraw(layout) == []
    monkeypatch.undo()
    assert left(layout) == list(made.values())


def test_a_file_that_is_too_large_to_be_read_says_nothing(layout: store.Layout, made: dict[str, str]) -> None:
    os.truncate(segment(layout), journal.MOST_BYTES + 1)
    assert withdraw(layout) == []
    assert left(layout) == list(made.values())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to whoever runs this")
def test_a_folder_that_cannot_be_read_says_nothing(layout: store.Layout, made: dict[str, str]) -> None:
    layout.edits.chmod(0)
    assert withdraw(layout) == []
    layout.edits.chmod(0o700)
    assert left(layout) == list(made.values())


def test_a_journal_that_is_deleted_takes_what_learned_from_it(layout: store.Layout, made: dict[str, str]) -> None:
    shutil.rmtree(layout.edits)
    assert withdraw(layout) == [made["ab"], made["b"]]
