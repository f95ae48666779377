"""daemon/evaluation/{run,arms,reading,metrics,results}.py: whole evaluations with a model that knows a few lines."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tiny import LINES

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.evaluation import arms, reading
from shadowpen.daemon.evaluation.arms import Student
from shadowpen.daemon.evaluation.reading import general_texts
from shadowpen.daemon.evaluation.results import Results, read_summary
from shadowpen.daemon.evaluation.run import Wanted, evaluate
from shadowpen.daemon.serving import model

# What the model does not know, so that only the memory can: each word is at an odd distance from the lines.
OWN = "Nobody in Copenhagen ever quite understood why Quentin kept seventeen umbrellas above his kitchen cupboard."
SETTINGS = config.Config()


@pytest.fixture
def layout(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    monkeypatch.setattr(reading, "general_texts", lambda: LINES)
    return store.layout()


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for day in (1, 2, 3):
        text = f"On day {day} of the year this happened again. {LINES[day]} {OWN}"
        (folder / f"2024-01-0{day}.md").write_text(text, "utf-8")
    return folder


def wanted(texts: Path, *arms: str, **more: object) -> Wanted:
    return replace(Wanted(texts=texts, arms=arms or ("base",), limit_characters=0), **more)  # type: ignore[arg-type]


def quiet(step: str, done: float, total: float) -> None:
    """A Tell."""


def test_a_model_that_knows_the_text_saves_keys(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    told: list[str] = []
    out = tmp_path / "out"
    summary = evaluate(wanted(texts), layout, SETTINGS, out, lambda step, *_: told.append(step), resume=False)
    base = summary["arms"]["base"]
    assert base["texts"] == 3 and base["ksr"] > 0.08 and base["net_ksr"] <= base["ksr"]
    assert 0 < base["accepted"] <= 1 and 0 < base["ksr_at_coverage"] <= base["ksr"] + 0.2
    assert base["words_right"]["1"]["of"] > 0 and base["bits_per_character"] > 0 and base["general_perplexity"] > 1
    assert {"base: text 1", "base: text 3", "base: other people's text"} <= set(told)
    assert read_summary(out) == summary
    assert not (out / "arms").exists()


def test_the_memory_learns_a_text_before_the_next_is_typed(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    summary = evaluate(wanted(texts, "base", "memory"), layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    base, memory = summary["arms"]["base"]["by_text"], summary["arms"]["memory"]["by_text"]
    assert memory[0]["ksr"] == base[0]["ksr"] and memory[0]["learned_characters"] == 0
    assert memory[2]["ksr"] > base[2]["ksr"] + 0.1
    assert memory[2]["bits_per_character"] < base[2]["bits_per_character"]
    found = summary["arms"]["memory"]["difference"]["ksr"]
    assert found["low"] <= found["mean"] <= found["high"] and found["mean"] > 0


def test_own_texts_are_known_before_the_first(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "umbrellas.md").write_text(f"It began in spring. {OWN} Then it ended.", "utf-8")
    arms = wanted(texts, "base", "memory", own=own, limit_texts=1)
    summary = evaluate(arms, layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    (typed,) = summary["arms"]["memory"]["by_text"]
    assert typed["learned_characters"] > 0
    assert typed["ksr"] > summary["arms"]["base"]["by_text"][0]["ksr"] + 0.1


def test_a_run_that_was_cut_short_ends_as_one_that_was_not(
    layout: store.Layout, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = wanted(texts, "base", "memory", limit_characters=60)
    whole = evaluate(plan, layout, SETTINGS, tmp_path / "whole", quiet, resume=False)
    probe, asked = Student.probe, []

    def breaks(self: Student, piece: object, tell: object) -> object:
        asked.append(piece)
        if len(asked) in (2, 6):
            raise KeyboardInterrupt
        return probe(self, piece, tell)  # type: ignore[arg-type]

    monkeypatch.setattr(Student, "probe", breaks)
    out = tmp_path / "cut"
    for resume in (False, True):
        with pytest.raises(KeyboardInterrupt):
            evaluate(plan, layout, SETTINGS, out, quiet, resume=resume)
    again = evaluate(plan, layout, SETTINGS, out, quiet, resume=True)
    assert len(asked) == 8
    assert _steady(again) == _steady(whole)


def _steady(summary: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in summary.items() if name != "informational"}


def test_nothing_of_the_texts_is_left_in_the_results(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    evaluate(wanted(texts, "memory", limit_characters=60), layout, SETTINGS, out, quiet, resume=False)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert files and not any(b"umbrellas" in path.read_bytes() or b"harbour" in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert not (layout.data / "memory").exists()


def test_an_evaluation_goes_on_only_as_it_was_begun(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    evaluate(wanted(texts, limit_texts=1), layout, SETTINGS, out, quiet, resume=False)
    with pytest.raises(ConfigInvalid, match="holds an evaluation"):
        evaluate(wanted(texts, limit_texts=1), layout, SETTINGS, out, quiet, resume=False)
    with pytest.raises(ConfigInvalid, match="limit_texts, seed"):
        evaluate(wanted(texts, limit_texts=2, seed=5), layout, SETTINGS, out, quiet, resume=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.md").write_text("Mine.", "utf-8")
    with pytest.raises(ConfigInvalid, match="not empty"):
        evaluate(wanted(texts), layout, SETTINGS, tmp_path / "full", quiet, resume=False)
    with pytest.raises(ConfigInvalid, match="no finished evaluation"):
        read_summary(tmp_path / "full")


def test_an_arm_whose_model_is_missing_is_left_out_with_a_sentence(
    layout: store.Layout, texts: Path, tmp_path: Path
) -> None:
    plan = wanted(texts, "untuned", "base", limit_texts=1)
    summary = evaluate(plan, layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    assert list(summary["arms"]) == ["base"] and "untuned" in summary["left_out"]["untuned"]
    with pytest.raises(ConfigInvalid, match="nothing to measure"):
        evaluate(wanted(texts, "untuned"), layout, SETTINGS, tmp_path / "none", quiet, resume=False)


def test_an_arm_that_trains_has_its_texts_to_learn_from_and_says_how_it_ended(
    layout: store.Layout, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []

    def train(self: Student, folder: Path, tell: object) -> str:
        newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        seen.append((len(list(folder.iterdir())), "day 2" in newest.read_text("utf-8")))
        return "Too little."

    monkeypatch.setattr(Student, "_trained", train)
    general = Student.general_perplexity
    monkeypatch.setattr(Student, "general_perplexity", _interrupted)
    plan = wanted(texts, "adapter", train_every=2)
    with pytest.raises(KeyboardInterrupt):
        evaluate(plan, layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    monkeypatch.setattr(Student, "general_perplexity", general)
    summary = evaluate(plan, layout, SETTINGS, tmp_path / "out", quiet, resume=True)
    assert seen == [(2, True)]
    assert summary["arms"]["adapter"]["notes"] == ["Too little."]


def _interrupted(*_: object) -> float:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_the_products_own_trainer_says_that_there_is_too_little(
    layout: store.Layout, texts: Path, tmp_path: Path
) -> None:
    plan = wanted(texts, "both", train_every=2, limit_texts=1)
    summary = evaluate(plan, layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    (note,) = summary["arms"]["both"]["notes"]
    assert "too little new text of yours" in note


_TUNING = """
import json, os, shutil, sys
_, _, model, _, texts, _, models = sys.argv
assert len(os.listdir(texts)) == 2
shutil.copytree(os.path.join(os.environ["SHADOWPEN_MODELS"], model), os.path.join(models, "full"))
path = os.path.join(models, "full", "manifest.json")
manifest = json.load(open(path)) | {"name": "full"}
json.dump(manifest, open(path, "w"))
print(json.dumps({"event": "trained", "tokens": 7}))
"""


def test_every_weight_trained_is_served_whatever_came_of_it(
    layout: store.Layout, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "tuning.py"
    script.write_text(_TUNING, "utf-8")
    monkeypatch.setattr(arms, "FULL_TUNING", (sys.executable, str(script)))
    served: list[str] = []
    load = model.load
    monkeypatch.setattr(model, "load", lambda layout, settings, *rest: _noted(load(layout, settings, *rest), served))
    summary = evaluate(wanted(texts, "full", train_every=2), layout, SETTINGS, tmp_path / "out", quiet, resume=False)
    assert summary["arms"]["full"]["notes"] == ["Every weight was trained on 7 tokens."]
    assert served == ["default@base", "full@base"]


def _noted(loaded: model.ServedModel, names: list[str]) -> model.ServedModel:
    names.append(loaded.name)
    return loaded


def test_records_are_whole_after_every_text(layout: store.Layout, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    evaluate(wanted(texts), layout, SETTINGS, out, quiet, resume=False)
    lines = [json.loads(line) for line in (out / "texts.jsonl").read_text("utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["2024-01-01.md", "2024-01-02.md", "2024-01-03.md"]
    assert [record.text for record in Results(out).records] == [line["text"] for line in lines]
    assert evaluate(wanted(texts), layout, SETTINGS, out, quiet, resume=True) == read_summary(out)
    (out / "texts.jsonl").write_text("{", "utf-8")
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        Results(out)


def test_the_general_text_is_the_one_that_training_is_judged_by() -> None:
    from shadowpen.exporters.graphs import scoring

    assert list(general_texts()) == scoring.general_texts()
