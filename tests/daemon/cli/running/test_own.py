"""`shadowpen status` shows what is known of the user without reading anything anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.journal.events import as_events

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.cli.running import own
from shadowpen.daemon.learning import status
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.learning.status import TrainingStatus
from shadowpen.daemon.storage.journal import Journal

_PLACE = {"document": "untitled:1", "language": "markdown", "time": 1.0e9, "context": "She wrote ", "suggested": "it"}


@pytest.fixture(autouse=True)
def trainable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda: "")


def shown(shadowpen: Shadowpen) -> dict[str, str]:
    return {line[:10].strip(): line[11:] for line in shadowpen("status").out.splitlines()[1:]}


def test_before_anything_it_says_how_to_begin(shadowpen: Shadowpen) -> None:
    told = shown(shadowpen)
    assert "learn add FOLDER" in told["texts"]
    assert "you have not chosen yet" in told["journal"] and "learn on" in told["journal"]
    assert "base" in told["version"] and told["next run"].startswith("none")


def test_texts_journal_version_and_next_run_are_told(
    shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.md").write_text("The harbour lay still in the morning, and nobody was there to see it but the dog.")
    shadowpen("learn", "on")
    shadowpen("learn", "add", str(texts))
    Journal(layout.edits).append(
        as_events(
            {"type": "accepted", "id": "a", "taken": "it", **_PLACE},
            {"type": "dismissed", "id": "d", "typed": "him", "how": "typed_over", **_PLACE},
        )
    )
    told = shown(shadowpen)
    assert "1 document with about 19 tokens of your own words, 1 folder (read " in told["texts"]
    assert told["journal"] == "1 suggestion accepted, 1 typed over or dismissed"
    assert told["next run"].startswith("after about 19,981 more tokens of your own")
    document = shadowpen("status", "--json").json["own"]
    assert (document["documents"], document["own_tokens"], document["version"]) == (1, 19, "base")


def test_a_folder_counts_once_and_what_stands_in_the_settings_alone_is_not_read_yet(
    shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"In the {name} the harbour lay still, and nobody was there to see it.")
    config_file.write(layout.config_file, "learning", "folders", [str(tmp_path / "three")])
    shadowpen("learn", "add", str(tmp_path / "one"))
    assert "2 folders, not read yet" in shown(shadowpen)["texts"]
    shadowpen("learn", "preview")
    for _ in range(2):
        shadowpen("learn", "add", str(tmp_path / "two"))
    assert "3 documents" in shown(shadowpen)["texts"]
    shadowpen("learn", "remove", str(tmp_path / "two"))
    assert "2 folders, not read yet" in shown(shadowpen)["texts"]


def test_a_folder_within_another_is_counted_with_it(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "a.md").write_text("The harbour lay still in the morning, and nobody was there to see it but the dog.")
    shadowpen("learn", "add", str(inner.parent))
    shadowpen("learn", "add", str(inner))
    assert "1 document" in shown(shadowpen)["texts"]
    shadowpen("learn", "add", str(inner))
    config_file.write(layout.config_file, "learning", "folders", [str(inner)])
    shadowpen("learn", "add", str(inner.parent))
    assert "2 folders, not read yet" in shown(shadowpen)["texts"]


@pytest.mark.parametrize(
    ("learning", "run", "expected"),
    [
        ({"enabled": "off"}, TrainingStatus(), "none: learning is not on"),
        ({"automatic": "false"}, TrainingStatus(), "only with `shadowpen train now`"),
        ({"min_new_tokens": "500"}, TrainingStatus(), "when you have not typed for 120 seconds"),
        (
            {},
            TrainingStatus(state="paused", phase="training", done=1, total=4, pid=1),
            "running now: training, 25%; waiting",
        ),
    ],
)
def test_when_the_next_run_comes(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch, learning: dict[str, str], run: TrainingStatus, expected: str
) -> None:
    from shadowpen.daemon.base import config
    from shadowpen.daemon.learning import known, runs

    monkeypatch.setattr(runs, "status", lambda layout: run)
    monkeypatch.setattr(known, "read", lambda layout: known.Known(documents=1, own_tokens=700, read=0.0))
    for name, value in {"enabled": "on", **learning}.items():
        config_file.write(layout.config_file, "learning", name, {"false": False, "500": 500}.get(value, value))
    found = own.figures(layout, config.load(layout.config_file).learning)
    assert found.next_run.startswith(expected)


def test_what_stands_in_the_file_of_numbers_cannot_make_it_fail(shadowpen: Shadowpen, layout: store.Layout) -> None:
    store.private_directory(layout.training)
    (layout.training / "known.json").write_text('{"documents": "many"}')
    assert shadowpen("status").status == 0
    assert status.read_status(layout) == TrainingStatus()
