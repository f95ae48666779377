"""`shadowpen pause`, `resume` and `manual`: with a daemon and without one, and what `status` says of it."""

from __future__ import annotations

import time

import pytest
from support import daemons
from support.command_line import Shadowpen
from support.models.fake_model import FakeModel

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.lock import holder
from shadowpen.daemon.wire.protocol import Status, StatusReport
from shadowpen.daemon.wire.reports import AttentionState


def kept(layout: store.Layout) -> AttentionState:
    return Attention(layout.attention).report()


def test_without_a_daemon_it_is_kept_for_the_next_one(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert "until `shadowpen resume`" in shadowpen("pause").out
    assert shadowpen("manual", "on", "--json").json == {"paused": True, "paused_until": None, "manual_only": True}
    assert holder(layout) is None
    assert "paused until `shadowpen resume`" in shadowpen("status").out
    with daemons.in_thread(layout, lambda *_: FakeModel()), daemons.connect(layout) as client:
        status = client.request(Status(id="s"))
    assert isinstance(status, StatusReport)
    assert status.report.attention == AttentionState(paused=True, manual_only=True)
    assert "in manual mode" in shadowpen("resume").out
    assert "Ghost text is on." in shadowpen("manual", "off").out
    assert kept(layout) == AttentionState(paused=False, manual_only=False)


def test_a_running_daemon_takes_it_and_keeps_it(shadowpen: Shadowpen, layout: store.Layout) -> None:
    with daemons.in_thread(layout, lambda *_: FakeModel()):
        state = shadowpen("pause", "15", "--json").json
        assert 800 < state["paused_until"] - time.time() <= 900
        assert shadowpen("status", "--json").json["attention"] == state
        assert "paused until" in shadowpen("status").out
        shadowpen("manual", "on")
        assert "in manual mode" in shadowpen("resume").out
    assert kept(layout) == AttentionState(paused=False, manual_only=True)


def test_until_tomorrow(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert "05:00" in shadowpen("pause", "tomorrow").out
    assert kept(layout).paused is True


@pytest.mark.parametrize("length", ["0", "-5", "soon", "1.5", "99999999"])
def test_no_length_of_a_pause(shadowpen: Shadowpen, layout: store.Layout, length: str) -> None:
    assert shadowpen("pause", "--", length).status == 2
    assert not layout.attention.exists()


def test_manual_mode_by_the_settings_is_said(shadowpen: Shadowpen, layout: store.Layout) -> None:
    config_file.write(layout.config_file, "completion", "manual_only", True)
    assert "in manual mode" in shadowpen("status").out
    assert shadowpen("manual", "off", "--json").json["manual_only"] is False
