"""What was rated low is listed, and exported with what was written instead; nothing else is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.journal.events import as_events
from support.journal.low_ratings import START_S, forgotten, rated

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.storage.journal import Journal


@pytest.fixture
def layout(layout: store.Layout) -> store.Layout:
    """Of `a` something else stands later, `b` is as it was, `c` was good, `d` was taken back, `e` is deleted."""
    kept = {"type": "kept", "time": START_S + 120, "when": "2min"}
    book = Journal(layout.edits)
    book.append([*rated("abde"), *rated("c", rating=5), *forgotten("d")])
    book.append(as_events({**kept, "id": "a", "text": "to the sea"}, {**kept, "id": "e", "text": ""}))
    return layout


def test_the_list_shows_what_stands_there_instead(shadowpen: Shadowpen, layout: store.Layout) -> None:
    lines = shadowpen("feedback", "list").out.splitlines()

    assert lines == [
        "2020-09-13  1  “home late”, then “to the sea”",
        "2020-09-13  1  “home late”",
        "2020-09-13  1  (you deleted it)",
    ]


def test_the_threshold_is_a_setting(shadowpen: Shadowpen, layout: store.Layout) -> None:
    config_file.write(layout.config_file, "feedback", "threshold", "1")

    assert shadowpen("feedback", "list", "--json").json == {"threshold": 1.0, "items": []}
    assert "not rated any suggestion low" in shadowpen("feedback", "list").out


def test_an_export_is_a_line_of_json_each(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    out = folder / "low.jsonl"

    printed = shadowpen("feedback", "export").out
    assert shadowpen("feedback", "export", "--out", str(out)).status == 0

    assert out.read_text() == printed
    assert os.name == "nt" or (folder.stat().st_mode & 0o777, out.stat().st_mode & 0o777) == (0o755, 0o600)
    items = [json.loads(line) for line in printed.splitlines()]
    assert [(item["id"], item["context"], item["taken"], item["written"]) for item in items] == [
        ("a", "She went ", "home late", "to the sea"),
        ("b", "She went ", "home late", None),
        ("e", "", "", None),
    ]


def test_where_nothing_can_be_written_it_says_so(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    for place in (tmp_path / "file" / "low.jsonl", tmp_path / "none" / "low.jsonl", Path(os.devnull)):
        refused = shadowpen("feedback", "export", "--out", str(place))
        assert (refused.status, str(place) in refused.err) == (2, True)

    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "none").exists()
