"""What recipes learn from beside text: replaced suggestions of what is learned, and nothing that was forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.trainer.by_recipe.recipe import Preference
from shadowpen.exporters.recipes.material import preferences


@pytest.fixture
def layout(tmp_path: Path) -> store.Layout:
    return store.Layout(tmp_path, tmp_path, tmp_path / "c", tmp_path / "r", tmp_path / "l", tmp_path / "m")


def test_what_was_written_instead_or_changed_is_preferred(layout: store.Layout) -> None:
    told = {"context": "She went ", "document": "untitled:1", "language": "markdown", "time": 1.6e9}
    taken = {**told, "type": "accepted", "suggested": "home late", "taken": "home late"}
    Journal(layout.edits).append(
        as_events(
            {**told, "type": "dismissed", "id": "a", "suggested": "home", "how": "typed_over", "typed": "to sea"},
            {**told, "type": "dismissed", "id": "elsewhere", "suggested": "home", "how": "typed_over", "typed": "up"},
            {**taken, "id": "b"},
            {"type": "kept", "id": "b", "time": 1.6e9 + 120, "when": "2m", "text": "home early"},
            {**taken, "id": "c"},
        )
    )
    assert list(preferences(layout, {"a", "b", "c"})) == [
        Preference("She went ", "to sea", "home"),
        Preference("She went ", "home early", "home late"),
    ]
