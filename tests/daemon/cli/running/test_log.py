"""`shadowpen log`, with and without a daemon."""

from __future__ import annotations

import pytest
from support.command_line import Shadowpen
from support.journal.events import as_events
from tiny import LINES

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.wire import lock
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Completion, Outcome


def test_it_starts_no_daemon(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert "No daemon is running" in shadowpen("log").out
    assert shadowpen("log", "--json").json == {"decisions": []}
    assert lock.holder(layout) is None


def test_a_pause_is_said_since_editors_ask_for_nothing_then(shadowpen: Shadowpen) -> None:
    assert "Ghost text" not in shadowpen("log").out
    shadowpen("pause")
    assert "Ghost text is paused until `shadowpen resume`." in shadowpen("log").out
    shadowpen("resume")
    shadowpen("manual", "on")
    assert "Ghost text is in manual mode." in shadowpen("log").out


@pytest.mark.usefixtures("with_model")
def test_decisions_and_what_came_of_them_are_told_without_text(shadowpen: Shadowpen, layout: store.Layout) -> None:
    prefix = " ".join(LINES[0].split()[:4])
    with Client(name="test", layout=layout) as client:
        asked = Complete(id="9", document="file:///letter.md", prefix=prefix, deadline_ms=5000)
        reply = client.request(asked, timeout_ms=20_000)
        assert isinstance(reply, Completion) and reply.suggestions
        client.request(Outcome(id="10", of="9", kind="taken", characters=4), timeout_ms=20_000)
        client.request(Complete(id="11", document="file:///letter.md", prefix="x = `", language="c"), timeout_ms=20_000)
    offered, silent = shadowpen("log", "--json").json["decisions"]
    assert (offered["reason"], offered["outcome"]) == ("offered", "taken")
    assert (silent["reason"], silent["outcome"], silent["characters"]) == ("in_code", "", 0)
    shown = shadowpen("log").out
    assert "suggested" in shown and "the cursor is in code" in shown and "accepted" in shown
    for word in ("letter.md", *prefix.split()):
        assert word not in shown.split()
    status = shadowpen("status")
    assert "the cursor is in code: 1" in status.out and "accepted 1" in status.out
    assert shadowpen("log", "-n", "1").out.count("\n") == 1


@pytest.mark.usefixtures("with_model")
@pytest.mark.parametrize(("consent", "reason"), [("on", "dismissed"), ("off", "offered")])
def test_what_was_waved_away_before_the_daemon_began_does_not_come_again(
    shadowpen: Shadowpen, layout: store.Layout, consent: str, reason: str
) -> None:
    prefix = " ".join(LINES[0].split()[:4])
    asked = Complete(id="9", document="file:///letter.md", prefix=prefix, deadline_ms=5000)
    with Client(name="test", layout=layout) as client:
        reply = client.request(asked, timeout_ms=20_000)
    assert isinstance(reply, Completion)
    shadowpen("stop")
    event = {"type": "dismissed", "id": "d", "time": 1.0e9, "context": prefix, "suggested": reply.suggestions[0].text,
             "how": "dismissed", "document": "file:///letter.md", "language": "markdown"}  # fmt: skip
    Journal(layout.edits).append(as_events(event))
    config_file.write(layout.config_file, "learning", "enabled", consent)
    with Client(name="test", layout=layout) as client:
        client.request(asked, timeout_ms=20_000)
    assert [decision["reason"] for decision in shadowpen("log", "--json").json["decisions"]] == [reason]
