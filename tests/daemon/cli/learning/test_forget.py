"""Forgetting by command: shown, asked for, done, and told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import expansion_thread, journal
from shadowpen.daemon.storage.expansion_thread import StoredThread
from shadowpen.daemon.storage.journal import Journal

SECRET = "nobody may hear of the ledger under the chapel floor"


@pytest.fixture(autouse=True)
def edits() -> None:
    Journal(store.layout().edits).append(
        as_events(*[
            {"type": "accepted", "id": id, "time": 1.0e9 + day * 86_400, "context": "She wrote that ",
             "suggested": text, "taken": text, "document": document, "language": "markdown"}
            for day, (id, text, document) in enumerate(
                [("a", SECRET, "file:///texts/a.md"), ("b", "it was late", "file:///texts/b.md")]
            )
        ])
    )  # fmt: skip


def left() -> list[str]:
    return [edit.id for edit in journal.read(store.layout().edits).edits]


@pytest.mark.parametrize(
    ("arguments", "stays"),
    [
        (["/texts/a.md"], ["b"]),
        (["/texts"], []),
        (["--since", "2001-09-10"], ["a"]),
        (["--since", "0001-01-01"], []),
        (["--matching", SECRET], ["b"]),
        (["--matching", "chapel FLOOR"], ["b"]),
    ],
)
def test_what_is_named_goes(shadowpen: Shadowpen, arguments: list[str], stays: list[str]) -> None:
    done = shadowpen("forget", *arguments, "--yes", "--json")

    assert done.status == 0
    assert (done.json["done"], done.json["edits"], done.json["problem"]) == (True, 2 - len(stays), "")
    assert left() == stays


@pytest.mark.parametrize("name", ["12:30.md", "Notes: May.md", "./a:b.md", "~/a:b.md"])
def test_a_deleted_file_with_a_colon_in_its_name_is_no_address(
    shadowpen: Shadowpen, user: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(user)
    event = {"type": "accepted", "id": "c", "time": 1.0e9, "context": "It is ", "suggested": "soon", "taken": "soon"}
    document = (user / name.removeprefix("~/")).as_uri()
    Journal(store.layout().edits).append(as_events({**event, "document": document, "language": "markdown"}))
    assert shadowpen("forget", name, "--yes", "--json").json["edits"] == 1
    assert left() == ["a", "b"]


def test_words_may_come_from_standard_input(shadowpen: Shadowpen) -> None:
    assert shadowpen("forget", "--matching", "-", "--yes", stdin=SECRET.encode()).status == 0
    assert left() == ["b"]


def test_words_may_be_asked_for(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shadowpen.daemon.cli.learning.forget._is_person", lambda: True)
    assert shadowpen("forget", "--matching", "-", stdin=f"{SECRET}\ny\n".encode()).status == 0
    assert left() == ["b"]


def test_it_is_shown_first_and_not_done_without_an_answer(shadowpen: Shadowpen) -> None:
    asked = shadowpen("forget", "/texts/a.md")

    assert asked.status == 2
    assert "1 in the journal" in asked.out
    assert "/texts/a.md" in asked.out
    assert "--yes" in asked.err
    assert left() == ["a", "b"]


@pytest.mark.parametrize(("answer", "stays"), [("y\n", ["b"]), ("n\n", ["a", "b"]), ("\n", ["a", "b"])])
def test_a_person_is_asked(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch, answer: str, stays: list[str]
) -> None:
    monkeypatch.setattr("shadowpen.daemon.cli.learning.forget._is_person", lambda: True)

    done = shadowpen("forget", "/texts/a.md", stdin=answer.encode())

    assert done.status == 0
    assert left() == stays


def test_for_scripts_a_plan_comes_without_yes(shadowpen: Shadowpen) -> None:
    told = shadowpen("forget", "/texts/a.md", "--json").json

    assert (told["done"], told["edits"], told["texts"]) == (False, 1, ["/texts/a.md"])
    assert left() == ["a", "b"]


@pytest.mark.parametrize(
    "arguments", [[], ["/texts/a.md", "--matching", "x"], ["--matching", " ... "], ["--since", "yesterday"]]
)
def test_one_thing_has_to_be_named(shadowpen: Shadowpen, arguments: list[str]) -> None:
    assert shadowpen("forget", *arguments, "--yes").status == 2
    assert left() == ["a", "b"]


def test_a_path_is_taken_from_where_one_stands(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("words " * 20)
    monkeypatch.chdir(tmp_path)

    assert shadowpen("forget", "a.md", "--yes").status == 0

    assert forgotten.load(store.layout().forgotten).knows_file(str(tmp_path / "a.md"))


def test_a_damaged_record_of_numbers_keeps_nothing_from_being_forgotten(
    shadowpen: Shadowpen, layout: store.Layout
) -> None:
    record.add(layout, {(record.today(), version): Counts(shown=1) for version in map(str, range(200))})
    content = layout.monitoring.read_bytes()
    layout.monitoring.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    done = shadowpen("forget", "--since", "2001-09-10", "--yes", "--json")
    assert (done.status, done.json["done"], done.json["problem"]) == (0, True, "")
    assert left() == ["a"] and not layout.monitoring.with_suffix(".damaged").exists()


def test_numbers_that_cannot_be_deleted_are_told_after_the_daemon_has_forgotten(
    shadowpen: Shadowpen, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refused(*_: object) -> None:
        told.append("numbers")
        raise StateUnusable("The disk is full.")

    monkeypatch.setattr(forgetting, "reload_daemon", lambda _: told.append("daemon"))
    monkeypatch.setattr(record, "forget", refused)
    done = shadowpen("forget", "--since", "2001-09-10", "--yes", "--json")
    assert (done.status, done.json["done"], done.json["problem"]) == (0, True, "The disk is full.")
    assert told == ["daemon", "numbers"]


def test_what_an_import_left_that_was_killed_is_forgotten_too(shadowpen: Shadowpen, layout: store.Layout) -> None:
    store.write_atomic(layout.data / ".import-abcd1234" / "edits.jsonl", SECRET.encode())
    assert shadowpen("forget", "--matching", SECRET, "--yes").status == 0
    assert not (layout.data / ".import-abcd1234").exists()


def test_the_last_expansion_is_forgotten_too(shadowpen: Shadowpen, layout: store.Layout) -> None:
    expansion_thread.write(layout, StoredThread(notes=SECRET, text=SECRET, at_s=time.time()))
    assert shadowpen("forget", "--matching", SECRET, "--yes").status == 0
    assert expansion_thread.read(layout) is None
