"""`shadowpen eval`: figures out of files, by way of the daemon."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from tiny import LINES

from shadowpen.daemon.cli.running import evaluate
from shadowpen.daemon.cli.running.evaluate import _conclusion
from shadowpen.daemon.evaluation import reading

PARAGRAPH = (
    "She wrote a letter to her brother, and the pilot told them that no ship had left for three days because the wind "
    "had turned against the town. They drank their coffee on the wall, counted the gulls, and waited for the news from "
    "Marseille which the postman had promised to bring before noon."
)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "diary.md"
    path.write_text(f"# Harbour\n\n{PARAGRAPH}\n\nShort.\n", "utf-8")
    return path


@pytest.mark.parametrize("command", ["expansions", "writer"])
@pytest.mark.parametrize("seed", ["-1", str(2**63)])
def test_a_seed_that_nothing_can_draw_from_is_refused_at_once(
    shadowpen: Shadowpen, text: Path, command: str, seed: str
) -> None:
    source = (str(text),) if command == "expansions" else ("--texts", str(text.parent))
    done = shadowpen("eval", command, *source, "--seed", seed)
    assert done.status == 2 and "--seed" in done.err


@pytest.mark.usefixtures("with_model")
def test_paragraphs_are_made_of_notes_and_judged(shadowpen: Shadowpen, text: Path, tmp_path: Path) -> None:
    examples = tmp_path / "examples.md"
    tmp_path.chmod(0o755)
    done = shadowpen("eval", "expansions", str(text), "--candidates", "1", "--json", "--examples", str(examples))
    summary = done.json
    assert summary["paragraphs"] == 1 and 0 <= summary["told"] <= 1
    assert set(summary) == {"paragraphs", "told", "longest_copied", "copied_little", "in_length"}
    assert examples.read_text("utf-8").startswith("### 1\n\n- ")
    assert tmp_path.stat().st_mode & 0o777 == 0o755, "the user's own folder keeps its permissions"


@pytest.mark.usefixtures("with_model")
def test_a_file_without_paragraphs_is_said(shadowpen: Shadowpen, tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("- one\n- two\n", "utf-8")
    done = shadowpen("eval", "expansions", str(tmp_path / "list.md"))
    assert done.status == 2 and "no paragraph" in done.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "texts"
    texts.mkdir()
    for day in (1, 2):
        (texts / f"2024-05-0{day}.md").write_text(" ".join(LINES[2 * day - 2 : 2 * day]), "utf-8")
    return texts


@pytest.mark.usefixtures("with_model")
def test_a_writer_types_a_folder_again(
    shadowpen: Shadowpen, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "general_texts", lambda: LINES)
    out = tmp_path / "out"
    more = ("--texts", str(folder), "--arms", "untuned,base", "--limit-characters", "60", "--out", str(out))
    summary = shadowpen("eval", "writer", *more, "--json").json
    assert summary["arms"]["base"]["texts"] == 2 and summary["arms"]["base"]["characters"] == 120
    told = shadowpen("eval", "writer", *more, "--resume")
    assert "keys saved" in told.out and f"{summary['arms']['base']['ksr']:.1%}" in told.out
    assert "next 3 words exactly right" in told.out
    (answer,) = (line for line in told.out.splitlines() if line.startswith("time per answer (median)"))
    assert f"{summary['informational']['answer_ms_p50']['base']:.1f} ms" in answer
    assert "untuned was left out" in told.out
    lines = [line.split() for line in told.out.splitlines()]
    assert ["texts", "(n)", "2"] in lines and ["characters", "typed", "120"] in lines
    time = summary["arms"]["base"]["time"]
    assert time["saved_s"] == pytest.approx(time["strokes_s"] - time["reading_s"] - time["taking_s"], abs=0.02)
    assert f"Reading ghost text costs {time['reading_s']:.0f} s for 1,000 characters" in told.out.splitlines()[-2]
    last = told.out.splitlines()[-1]
    assert last.startswith("On these 2 texts (120 characters) Shadowpen would have saved") and last.endswith("(base).")


@pytest.mark.parametrize(
    ("mean", "low", "high", "end"),
    [
        (0.021, 0.01, 0.032, "(memory), 2.1 points more than base, which is more than chance."),
        (-0.021, -0.05, 0.01, "(memory), 2.1 points less than base, which may be chance."),
        (0.01, None, None, "1.0 points more than base; so few texts do not tell whether that is chance."),
    ],
)
def test_it_ends_with_what_it_comes_to(mean: float, low: float | None, high: float | None, end: str) -> None:
    figures = {"texts": 1, "characters": 5_000, "ksr": 0.347}
    difference = {"ksr": {"mean": mean, "low": low, "high": high}}
    told = _conclusion({"base": {**figures, "difference": {}}, "memory": {**figures, "difference": difference}})
    assert told.startswith("On this 1 text (5,000 characters) Shadowpen would have saved 34.7% of the keys")
    assert told.endswith(end)


def test_what_cannot_be_measured_is_said(shadowpen: Shadowpen, folder: Path) -> None:
    unknown = shadowpen("eval", "writer", "--texts", str(folder), "--arms", "base,fuller")
    assert unknown.status == 2 and "no arm 'fuller'" in unknown.err
    nowhere = shadowpen("eval", "writer", "--texts", str(folder), "--resume")
    assert nowhere.status == 2 and "--out" in nowhere.err


def test_a_line_of_json_ends_at_a_line_feed_alone(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shadowpen.daemon.wire.blocking_client.Client", lambda **_: contextlib.nullcontext())
    monkeypatch.setattr(evaluate, "_corrector", lambda _: str)
    pairs = tmp_path / "pairs.jsonl"
    lines = [json.dumps({"sentence": f"It was{mark}late in the evening."}, ensure_ascii=False) for mark in "\u2028\x85"]
    pairs.write_text("\r\n".join(lines), "utf-8", newline="")
    done = shadowpen("eval", "correct", str(pairs), "--json")
    assert done.status == 0, done.err
    assert done.json["clean"] == 2 and done.json["touched"] == 0
