"""daemon/showing/silence/attention.py: how long a pause lasts, what survives a restart, when nothing comes."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

import pytest

from shadowpen.daemon.base import power
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.showing.silence.attention import Attention, tomorrow
from shadowpen.daemon.wire.protocol import Attend, PauseWish
from shadowpen.daemon.wire.reports import AttentionState


class Clock:
    def __init__(self) -> None:
        self.now = 1.8e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attention.json"


def wish(pause: PauseWish | None = None, manual: bool | None = None) -> Attend:
    return Attend(id="1", pause=pause, manual=manual)


def why(attention: Attention, *, on_battery: bool = True) -> str:
    return attention.why_silent(on_battery=on_battery)


def test_a_pause_of_some_minutes_ends_by_itself_once(clock: Clock) -> None:
    attention = Attention(clock=clock)
    attention.change(wish(pause=15))
    assert attention.report() == AttentionState(paused=True, paused_until=clock.now + 900, manual_only=False)
    clock.now += 899
    assert (why(attention), attention.left_s(), attention.noticed_end()) == ("paused", 1, False)
    clock.now += 1
    assert why(attention) == ""
    assert [attention.noticed_end(), attention.noticed_end()] == [True, False]
    assert attention.report().paused_until is None


def test_without_an_end_it_lasts_until_resumed(clock: Clock) -> None:
    attention = Attention(clock=clock)
    attention.change(wish(pause="on"))
    clock.now += 1e8
    assert attention.left_s() is None
    assert attention.report() == AttentionState(paused=True, paused_until=None, manual_only=False)
    attention.change(wish(pause=0))
    assert why(attention) == ""


@pytest.mark.parametrize(("hour", "day"), [(0, 2), (4, 2), (23, 2)])
def test_tomorrow_is_the_next_mornings_five(hour: int, day: int) -> None:
    assert tomorrow(datetime(2026, 3, 1, hour, 59).timestamp()) == datetime(2026, 3, day, 5).timestamp()


def test_it_outlives_the_daemon_and_is_private(path: Path, clock: Clock) -> None:
    Attention(path, clock=clock).change(wish(pause=30, manual=True))
    again = Attention(path, clock=clock)
    assert again.report() == AttentionState(paused=True, paused_until=clock.now + 1800, manual_only=True)
    clock.now += 1800
    assert why(Attention(path, clock=clock)) == "manual_only"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_pause_and_manual_mode_do_not_touch_each_other(path: Path) -> None:
    attention = Attention(path)
    attention.change(wish(manual=True))
    attention.change(wish(pause="on"))
    assert why(attention) == "paused"
    attention.change(wish(pause=0))
    assert why(attention) == "manual_only"
    attention.change(wish(manual=False))
    assert why(attention) == ""


def test_the_setting_holds_until_the_author_says_otherwise(path: Path) -> None:
    assert why(Attention(path, manual_only=True)) == "manual_only"
    Attention(path, manual_only=True).change(wish(pause=0))
    assert why(Attention(path, manual_only=True)) == "manual_only"
    Attention(path, manual_only=True).change(wish(manual=False))
    assert why(Attention(path, manual_only=True)) == ""


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": 2, "paused": true, "until": null, "manual_only": null}',
        b'{"format": 1, "paused": 1, "until": null, "manual_only": null}',
        b'{"format": 1, "paused": true, "until": NaN, "manual_only": null}',
        b'{"format": 1, "paused": true, "until": "x", "manual_only": null}',
        b'{"format": 1, "paused": true, "until": null, "manual_only": "yes"}',
        b"\xff",
    ],
)
def test_a_damaged_file_pauses_nothing(path: Path, damaged: bytes) -> None:
    path.write_bytes(damaged)
    assert Attention(path).report() == AttentionState(paused=False, paused_until=None, manual_only=False)


def test_what_cannot_be_kept_holds_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    attention = Attention(tmp_path / "file" / "attention.json")
    with pytest.raises(StateUnusable):
        attention.change(wish(pause="on"))
    assert why(attention) == "paused"


def test_on_battery_only_where_the_author_wants_quiet_there(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    asked: list[float] = []

    def battery() -> bool:
        asked.append(clock.now)
        return True

    monkeypatch.setattr(power, "on_battery", battery)
    attention = Attention(clock=clock)
    assert why(attention) == ""
    assert asked == []
    assert [why(attention, on_battery=False) for _ in range(100)] == ["on_battery"] * 100
    clock.now += 60
    monkeypatch.setattr(power, "on_battery", lambda: False)
    assert why(attention, on_battery=False) == ""
    assert len(asked) == 1
