"""The whole benchmark on a model that recites, with real processes and a stand-in for the peer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest
import tiny
from support.llama_stand_in import LlamaStandIn

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelError, ModelMissing, RequestInvalid
from shadowpen.daemon.bench import peer, plot, run, session, tables
from shadowpen.daemon.bench.machine import Machine
from shadowpen.daemon.bench.plan import BenchPlan

TEXT = " ".join(tiny.LINES * 4)
# Keys come four times as fast as a person's, on a model that answers within a millisecond or two.
PLAN = BenchPlan(
    context_tokens=(16, 64),
    draft_tokens=(1, 2),
    draft_context_tokens=64,
    prefill_repeats=1,
    decode_repeats=2,
    context_characters=200,
    typed_characters=60,
    pace=0.25,
    idle_s=0.05,
    jumps=2,
    jump_document_words=300,
    document_words=(100, 300),
    documents=(1, 2),
    document_characters=300,
    growth_keys=4,
)


@pytest.fixture(scope="module")
def models(tiny_models: Path) -> Path:
    return tiny_models


@pytest.fixture
def author(models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(models))
    return store.layout()


def _processes() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def _percentiles(found: Any) -> list[dict[str, Any]]:
    """Every Spread in a report."""
    if isinstance(found, dict):
        inner = [each for value in found.values() for each in _percentiles(value)]
        return [found, *inner] if {"p50", "p90"} <= found.keys() and "of" in found else inner
    return [each for value in found for each in _percentiles(value)] if isinstance(found, list) else []


@pytest.mark.slow
def test_everything_is_measured_and_can_be_shown(author: store.Layout, tmp_path: Path) -> None:
    introduced: list[Machine] = []
    told: dict[str, list[float]] = {}
    with LlamaStandIn(lambda text: TEXT[len(text) : len(text) + 6]) as stand_in:
        report = run.measure(
            author,
            PLAN,
            TEXT,
            against=peer.LlamaServer(peer.address(stand_in.url), peer.MANNERS["quick"]),
            introduce=introduced.append,
            tell=lambda part, share: told.setdefault(part, []).append(share),
        )
    assert json.loads(json.dumps(report)).keys() >= {"machine", "plan", "kernels", "replay", "peer", "ratios"}
    assert introduced[0].device == "cpu" and report["machine"]["model"] == introduced[0].model
    assert all(shares[-1] == 1 and shares == sorted(shares) for shares in told.values())
    assert [length["tokens"] for length in report["kernels"]["lengths"]] == [16, 64]
    _the_replay_is_the_reciting_models(report)
    _growth_is_measured(report)
    assert not _processes(), "all that was started has ended"
    assert not author.data.exists() or not list(author.data.rglob("*")), "nothing is left at the author's"
    _it_can_be_shown(report, tmp_path)


def _the_replay_is_the_reciting_models(report: dict[str, Any]) -> None:
    replay, theirs = report["replay"], report["peer"]
    assert replay["characters"] == theirs["characters"] == PLAN.typed_characters
    assert replay["keys"] < replay["characters"] and replay["accepted"] > 0, "the model knows these lines"
    assert replay["cpu_s_per_1000"] == pytest.approx(
        replay["daemon_cpu_s_per_1000"] + replay["server_cpu_s_per_1000"], abs=0.2
    )
    assert theirs["endpoint"] == "/completion" and theirs["accepted"] > 0
    assert report["ratios"]["ksr"] == pytest.approx(replay["ksr"] / theirs["ksr"], abs=0.001)
    assert report["daemon"]["requests"]["complete"] > 0


def _growth_is_measured(report: dict[str, Any]) -> None:
    assert len(report["growth"]["length"]) == 2 and report["growth"]["length"][1]["words"] >= 300
    assert [number["documents"] for number in report["growth"]["documents"]] == [1, 2]
    assert report["memory"][0]["documents"] == 1 and report["memory"][0]["daemon_mb"] > 10
    assert report["jumps"]["jumps"] == 2 == report["jumps"]["first_ms"]["of"]
    for found in _percentiles(report):
        assert not found["of"] or 0 < found["p50"] <= found["p90"]


def _it_can_be_shown(report: dict[str, Any], folder: Path) -> None:
    shown = tables.markdown(report)
    assert "## A writer replayed" in shown and "llama-server /completion" in shown
    assert f"| keys saved (KSR) | {report['replay']['ksr']:.3f} | {report['peer']['ksr']:.3f} |" in shown
    for block in shown.split("\n\n"):
        columns = {line.count("|") for line in block.splitlines() if line.startswith("|")}
        assert len(columns) <= 1, "every row has the columns of its head"
    for name in ("one.svg", "two.svg"):
        plot.draw(report, folder / name)
    assert (folder / "one.svg").read_bytes() == (folder / "two.svg").read_bytes()
    assert "<svg" in (folder / "one.svg").read_text("utf-8")


def test_a_short_text_is_refused(author: store.Layout) -> None:
    with pytest.raises(RequestInvalid, match="characters"):
        run.measure(author, PLAN, "Too short.")


def test_without_a_model_it_ends_at_once(layout: store.Layout) -> None:
    with pytest.raises(ModelMissing):
        run.measure(layout, PLAN, TEXT)


async def test_processes_end_with_whoever_started_them(author: store.Layout) -> None:
    with pytest.raises(ZeroDivisionError):
        async with session.started(author) as running:
            assert len(_processes()) >= 2 and running.resident().daemon_mb > 10
            raise ZeroDivisionError
    assert not _processes()


async def test_a_model_that_cannot_answer_gives_no_figures(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "models"
    shutil.copytree(models / "default", broken / "default")
    for graph in broken.rglob("model.onnx"):
        graph.write_bytes(b"\0" * graph.stat().st_size)
    monkeypatch.setenv("SHADOWPEN_MODELS", str(broken))
    with pytest.raises(ModelError):
        async with session.started(store.layout()):
            pytest.fail("there is nothing to measure")
    assert not _processes()
