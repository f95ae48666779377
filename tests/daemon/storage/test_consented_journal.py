import shutil
from typing import Any

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.consented_journal import ConsentedJournal


def accepted(id: str, document: str = "file:///home/me/essay.md") -> dict[str, Any]:
    return {
        "type": "accepted",
        "id": id,
        "time": 1_700_000_000.0,
        "context": "The harbour was",
        "suggested": " quiet today",
        "taken": " quiet",
        "document": document,
        "language": "markdown",
        "model": "default@base",
    }


def kept(layout: store.Layout) -> list[str]:
    return [edit.id for edit in journal.read(layout.edits).edits] if layout.edits.exists() else []


def test_without_an_answer_nothing_is_kept(layout: store.Layout) -> None:
    assert ConsentedJournal(layout).append(as_events(accepted("a"))) == 0
    assert not layout.edits.exists()


def test_with_consent_it_is_and_consent_may_come_and_go_while_the_daemon_runs(layout: store.Layout) -> None:
    recording = ConsentedJournal(layout)
    config_file.write(layout.config_file, "learning", "enabled", "on")
    assert recording.append(as_events(accepted("a"))) == 1
    config_file.write(layout.config_file, "learning", "enabled", "off")
    assert recording.append(as_events(accepted("b"))) == 0
    config_file.write(layout.config_file, "learning", "enabled", "on")
    assert recording.append(as_events(accepted("a"), accepted("c"))) == 1
    assert kept(layout) == ["a", "c"]


@pytest.mark.parametrize("document", ["file:///home/me/.env", "file:///home/me/private/diary.md", "git:/home/me/x.md"])
def test_what_is_set_apart_is_not_kept(layout: store.Layout, document: str) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "private_folders", ["/home/me/private"])
    assert ConsentedJournal(layout).append(as_events(accepted("a", document))) == 0
    assert kept(layout) == []


def test_what_is_forgotten_while_it_is_open_is_not_known_any_more(layout: store.Layout) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    recording = ConsentedJournal(layout)
    assert recording.append(as_events(accepted("a"), accepted("b"))) == 2
    forgotten.remember(layout.forgotten, edits=["a"])
    journal.erase(layout.edits, {"a"})
    assert recording.append(as_events(accepted("a"), accepted("b"))) == 0
    shutil.rmtree(layout.forgotten)
    assert recording.append(as_events(accepted("a"), accepted("b"))) == 1, "else it would still be told from the others"
    assert sorted(kept(layout)) == ["a", "b"]


def test_what_a_task_wrote_is_handed_on_for_counting_and_not_kept(layout: store.Layout) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "private_folders", ["/home/me/private"])
    counted: list[Any] = []
    recording = ConsentedJournal(layout, on_produced=counted.extend)
    event = {"type": "produced", "id": "a", "time": 1.0e9, "task": "expand", "offered": "It is.", "text": "It was."}

    for document in ("file:///home/me/essay.md", "file:///home/me/private/diary.md"):
        recording.append(as_events({**event, "document": document, "language": "markdown"}))

    assert [event.document for event in counted] == ["file:///home/me/essay.md"]
    assert not layout.edits.exists()


_SECRET = "nobody may hear of the ledger under the chapel floor"


@pytest.fixture
def recording(layout: store.Layout) -> ConsentedJournal:
    """The author agreed, and had something forgotten."""
    config_file.write(layout.config_file, "learning", "enabled", "on")
    forgotten.remember(layout.forgotten, phrases=[_SECRET], files=["/home/me/diary.md"], edits=["old"])
    return ConsentedJournal(layout)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "old"},
        {"document": "file:///home/me/diary.md"},
        {"taken": f" {_SECRET}", "suggested": f" {_SECRET}"},
        {"suggested": f" {_SECRET}"},
        {"context": "So nobody may hear of", "taken": " the ledger under", "suggested": " the ledger under"},
    ],
)
def test_what_was_forgotten_is_not_kept_again(
    layout: store.Layout, recording: ConsentedJournal, changes: dict[str, Any]
) -> None:
    assert recording.append(as_events(accepted("a") | changes)) == 0
    assert kept(layout) == []


def test_of_a_context_only_what_follows_it_is_kept(layout: store.Layout, recording: ConsentedJournal) -> None:
    recording.append(as_events(accepted("a") | {"context": f"I said {_SECRET} and then she was"}))
    recording.append(
        as_events({"type": "kept", "id": "a", "time": 1.0e9, "when": "2min", "text": f" quiet, {_SECRET}"})
    )

    (edit,) = journal.read(layout.edits).edits
    assert edit.accepted.context == " and then she was"
    assert edit.final_text == " quiet"


def test_other_edits_are_kept_as_before(layout: store.Layout, recording: ConsentedJournal) -> None:
    assert recording.append(as_events(accepted("a"), {"type": "accepted", "id": "b"} | accepted("b"))) == 2
    assert journal.read(layout.edits).edits[0].accepted.context == "The harbour was"


def test_what_is_forgotten_while_the_daemon_runs_counts_at_once(layout: store.Layout) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    recording = ConsentedJournal(layout)
    assert recording.append(as_events(accepted("a") | {"taken": f" {_SECRET}"})) == 1
    forgotten.remember(layout.forgotten, phrases=[_SECRET])
    assert recording.append(as_events(accepted("b") | {"taken": f" {_SECRET}"})) == 0


@pytest.mark.parametrize("document", ["file:///home/me/essay.md", "file:///home/me/.env"])
def test_of_a_paste_only_fingerprints_are_kept(layout: store.Layout, document: str) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    text = "a sentence that somebody else has written about the harbour"
    event = {"type": "pasted", "id": "p", "time": 1.0e9, "document": document, "language": "markdown", "text": text}

    assert ConsentedJournal(layout).append(as_events(event)) == 0

    assert forgotten.load(layout.pasted).covers(f"He read {text}.") == document.endswith(".md")
    assert not layout.edits.exists()
    assert not any(b"sentence" in path.read_bytes() for path in layout.data.rglob("*") if path.is_file())


def test_without_an_answer_not_even_fingerprints_are(layout: store.Layout) -> None:
    event = {"type": "pasted", "id": "p", "time": 1.0e9, "document": "untitled:1", "language": "markdown", "text": "x"}
    ConsentedJournal(layout).append(as_events(event))
    assert not layout.pasted.exists()
