"""`shadowpen bench`: options and output; what it measures is tested in tests/daemon/bench."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.bench import plan, run
from shadowpen.daemon.bench.machine import Machine, describe
from shadowpen.daemon.bench.plan import BenchPlan

SPREAD = {"p50": 20.0, "p90": 40.0, "p99": 80.0, "of": 10}
REPLAY = {
    "characters": 100,
    "keys": 70,
    "ksr": 0.3,
    "net_ksr": 0.25,
    "requests": 70,
    "late": 0.05,
    "shown": 20,
    "accepted": 10,
    "answer_ms": SPREAD,
    "text_ms": SPREAD,
    "cpu_s_per_1000": 50.0,
}


def _report(machine: Machine, wanted: BenchPlan) -> dict[str, Any]:
    length = {"tokens": 64, "prefill_tokens_per_s": 400.0, "chunked_tokens_per_s": 350.0}
    drafts = [{"tokens": 1, "ms": 15.0, "cost": 1.0}]
    return {
        "schema": run.SCHEMA,
        "made": "2026-01-01T00:00:00+00:00",
        "machine": asdict(machine),
        "plan": asdict(wanted),
        "kernels": {
            "chunk_tokens": 32,
            "lengths": [length | {"decode_ms_p50": 15.0, "decode_ms_p90": 16.0}],
            "draft_context_tokens": 512,
            "drafts": drafts,
        },
        "replay": REPLAY,
        "idle": {"seconds": 10.0, "cpu_percent": 0.0},
        "memory": [{"documents": 10, "daemon_mb": 500.0, "server_mb": 60.0}],
        "jumps": {"document_words": 20_000, "jumps": 20, "first_ms": SPREAD, "text_ms": SPREAD},
        "growth": {
            "length": [{"words": 250, "open_ms": 500.0, "answer_ms": SPREAD, "cpu_ms_per_key": 60.0}],
            "documents": [
                {"documents": 10, "answer_ms": SPREAD, "cpu_ms_per_key": 60.0, "daemon_mb": 500.0, "server_mb": 60.0}
            ],
        },
        "daemon": {},
    }


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `run.measure` was asked for; it returns a report at once."""
    asked: list[dict[str, Any]] = []

    def measure(author: object, wanted: BenchPlan, text: str, **options: Any) -> dict[str, Any]:
        asked.append({"plan": wanted, "text": text, **options})
        about = describe("tiny@base", "cpu", Config())
        options["introduce"](about)
        options["tell"]("replay", 1.0)
        return _report(about, wanted)

    monkeypatch.setattr(run, "measure", measure)
    return asked


def test_the_report_is_one_json_document(shadowpen: Shadowpen, measured: list[dict[str, Any]], tmp_path: Path) -> None:
    done = shadowpen("bench", "--quick", "--seed", "7", "--json", "--output", str(tmp_path / "report.json"))
    assert done.status == 0 and done.json["replay"]["ksr"] == 0.3
    assert measured[0]["plan"] == plan.quick(7) and "Brampton" in measured[0]["text"]
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == done.json
    assert "tiny@base on cpu" in done.err and "Measuring: replay" in done.err


def test_people_get_tables(shadowpen: Shadowpen, measured: list[dict[str, Any]]) -> None:
    done = shadowpen("bench")
    assert measured[0]["plan"] == plan.full()
    for expected in ("keys saved (KSR)", "0.300", "The engine alone", "By the document's length", "20,000 words"):
        assert expected in done.out


def test_an_earlier_run_is_shown_again(
    shadowpen: Shadowpen, measured: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "report.json"
    shadowpen("bench", "--output", str(kept))
    measured.clear()
    done = shadowpen("bench", "--from", str(kept), "--markdown")
    assert done.status == 0 and "| keys saved (KSR) | 0.300 |" in done.out and not measured
    kept.write_text("{}")
    done = shadowpen("bench", "--from", str(kept))
    assert done.status == 2 and "not a report" in done.err


def test_a_text_of_ones_own(shadowpen: Shadowpen, measured: list[dict[str, Any]], tmp_path: Path) -> None:
    text = tmp_path / "mine.md"
    text.write_text("Größe. " * 300, "utf-8")
    assert shadowpen("bench", "--text", str(text)).status == 0
    assert measured[0]["text"] == text.read_text("utf-8")
    text.write_bytes(b"\xff\xfe")
    assert shadowpen("bench", "--text", str(text)).status == 2


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--json", "--markdown"), "cannot be combined"),
        (("--against", "http://192.0.2.1:8012"), "another machine"),
        (("--output", "/no/such/folder/report.json"), "no folder"),
        (("--plot", "growth.txt"), "no picture"),
    ],
)
def test_what_cannot_be_done_is_said_before_minutes_have_passed(
    shadowpen: Shadowpen, measured: list[dict[str, Any]], arguments: tuple[str, ...], sentence: str
) -> None:
    done = shadowpen("bench", *arguments)
    assert done.status == 2 and sentence in done.out + done.err and not measured


def test_a_plot_without_matplotlib_is_one_sentence(
    shadowpen: Shadowpen, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find(name))
    done = shadowpen("bench", "--plot", str(tmp_path / "growth.svg"))
    assert done.status == 2 and "matplotlib" in done.err and "matplotlib>=" in done.err and not measured


def test_a_plot_is_drawn(shadowpen: Shadowpen, measured: list[dict[str, Any]], tmp_path: Path) -> None:
    done = shadowpen("bench", "--plot", str(tmp_path / "growth.svg"))
    assert done.status == 0 and measured
    assert "<svg" in (tmp_path / "growth.svg").read_text("utf-8")
