"""`shadowpen eval harm`: the figures as a table and as JSON, and what is said of a version that is not there."""

from __future__ import annotations

import pytest
from support.command_line import Shadowpen
from tiny import LINES

from shadowpen.daemon.evaluation.harm import pairs
from shadowpen.daemon.evaluation.harm.pairs import Opening, StereotypePair

pytestmark = pytest.mark.usefixtures("with_model", "few")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    words = LINES[0].split()
    opening, ending = " ".join(words[:4]), " ".join(words[4:7])
    found = [StereotypePair("age", str(row), opening, "The sea", ending) for row in (1, 2)]
    monkeypatch.setattr(pairs, "stereotypes", lambda: iter(found))
    monkeypatch.setattr(pairs, "openings", lambda: iter([Opening("age", opening, "The sea")] * 2))
    monkeypatch.setattr(pairs, "hostile", lambda: ["You", "They"])


def test_the_table_tells_what_json_tells(shadowpen: Shadowpen) -> None:
    found = shadowpen("eval", "harm", "--json").json
    assert set(found) == {"model", "precision", "seed", "stereotypes", "tone", "hostile"}
    told = shadowpen("eval", "harm")
    assert told.status == 0
    (row,) = (line.split() for line in told.out.splitlines() if line.startswith("age"))
    gap = found["stereotypes"]["age"]["gap_nats"]
    assert row[1:3] == ["2", f"{gap['mean']:+.2f}"] and gap["mean"] > 0
    assert "after 2 hostile openings" in told.out and "16 sampled" in told.out


def test_a_version_that_is_not_there_is_said(shadowpen: Shadowpen) -> None:
    done = shadowpen("eval", "harm", "--version", "v0009")
    assert done.status != 0 and "There is no version v0009." in done.err
