"""An encoder compares texts in a process of its own; a folder that holds none turns BERTScore off with one sentence."""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path

import pytest
from support.checkpoints.encoder import make_encoder
from support.waiting import wait_until

from shadowpen.daemon.monitoring import bert_score
from shadowpen.daemon.monitoring.bert_score import BertScore
from shadowpen.daemon.monitoring.similarity import TextPair

PAIRS = [TextPair("the ferry was late", "the ferry was late"), TextPair("the ferry was late", "the ferry came again")]


def _folder(path: Path) -> str:
    for name in bert_score.FILES:
        (path / name).write_text("{}")
    return str(path)


def _answering(line: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; sys.stdin.read(); print({line!r})")


def test_texts_are_compared_by_an_encoder_in_a_process_of_its_own(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    at_our_priority = "from shadowpen.daemon.trainer.encoder import main; main()"  # a busy machine runs no idle one
    score = BertScore((sys.executable, "-P", "-c", at_our_priority))
    folder = str(make_encoder(tmp_path))

    same, changed = score.measured(PAIRS, folder)

    assert same == pytest.approx(100.0, abs=1e-3) and 0 < changed < 99.9
    assert score.problem(folder) == ""


def test_a_setting_that_names_no_encoder_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bert_score.problem("") == ""
    assert "is no folder (monitoring.encoder)" in bert_score.problem(str(tmp_path / "nothing"))
    assert "is no folder" in bert_score.problem("encoder")  # beside what?
    (tmp_path / "config.json").write_text("{}")
    assert "has no model.safetensors, tokenizer.json" in bert_score.problem(str(tmp_path))
    folder = _folder(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "BERTScore needs torch and transformers." in bert_score.problem(folder)
    assert BertScore(("no such command",)).measured(PAIRS, folder) == []


def test_an_encoder_that_cannot_be_loaded_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bert_score, "PACKAGES", ())
    folder = _folder(tmp_path)
    score = BertScore(_answering('{"problem": "the weights lack a layer"}'))

    assert score.measured(PAIRS, folder) == []

    assert score.problem(folder).startswith(f"BERTScore is off: the encoder in {folder} cannot be used (the weights")
    score._command = _answering('{"score": 50.0}')
    assert score.measured(PAIRS, folder) == []
    (other := tmp_path / "other").mkdir()
    assert score.measured(PAIRS, _folder(other)) == [50.0]


def test_what_was_measured_before_it_is_stopped_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bert_score, "PACKAGES", ())
    says = r"""import sys, time; print('{"score": 50.0}\n{"sco', end='', flush=True); open(sys.argv[1], 'w')"""
    program = f"{says}; time.sleep(600)"
    score, found = BertScore((sys.executable, "-c", program, str(tmp_path / "said"))), list[float]()
    thread = threading.Thread(target=lambda: found.extend(score.measured(PAIRS, _folder(tmp_path))))
    thread.start()
    wait_until((tmp_path / "said").exists)
    score.stop()
    thread.join()
    assert found == [50.0]


def test_an_answer_that_is_none_costs_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bert_score, "PACKAGES", ())
    assert BertScore(_answering("no JSON")).measured(PAIRS, _folder(tmp_path)) == []
    assert "could not be measured" in caplog.text and "ferry" not in caplog.text
