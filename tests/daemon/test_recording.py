from typing import Any

import pytest

from shadowpen.daemon import config_file, journal, store
from shadowpen.daemon.recording import ConsentedJournal


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
        "model": "default@stock",
    }


def kept(layout: store.Layout) -> list[str]:
    return [edit.id for edit in journal.read(layout.edits).edits] if layout.edits.exists() else []


def test_without_an_answer_nothing_is_kept(layout: store.Layout) -> None:
    assert ConsentedJournal(layout).append([accepted("a")]) == 0
    assert not layout.edits.exists()


def test_with_consent_it_is_and_consent_may_come_and_go_while_the_daemon_runs(layout: store.Layout) -> None:
    recording = ConsentedJournal(layout)
    config_file.write(layout.config_file, "learning", "enabled", "on")
    assert recording.append([accepted("a")]) == 1
    config_file.write(layout.config_file, "learning", "enabled", "off")
    assert recording.append([accepted("b")]) == 0
    config_file.write(layout.config_file, "learning", "enabled", "on")
    assert recording.append([accepted("a"), accepted("c")]) == 1
    assert kept(layout) == ["a", "c"]


@pytest.mark.parametrize("document", ["file:///home/me/.env", "file:///home/me/private/diary.md", "git:/home/me/x.md"])
def test_what_is_set_apart_is_not_kept(layout: store.Layout, document: str) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "private_folders", ["/home/me/private"])
    assert ConsentedJournal(layout).append([accepted("a", document)]) == 0
    assert kept(layout) == []
