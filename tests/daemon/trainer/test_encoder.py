"""An encoder compares texts as the paper has it, reads long ones in windows, and refuses what is none."""

from __future__ import annotations

import io
import json
import string
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import msgspec
import torch
from support.checkpoints.encoder import make_encoder

from shadowpen.daemon.monitoring.bert_score import EncoderJob, EncoderLine
from shadowpen.daemon.monitoring.similarity import TextPair
from shadowpen.daemon.trainer import encoder as module
from shadowpen.daemon.trainer.encoder import Encoder

OFFERED = "the ferry was late again"
STANDS = "the ferry came too late"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder(folder)


def test_the_same_text_is_alike_and_a_changed_one_less(encoder: Encoder) -> None:
    assert encoder.f1(TextPair(OFFERED, OFFERED)) == pytest.approx(1.0, abs=1e-6)
    assert encoder.f1(TextPair(OFFERED, OFFERED.replace(" ", "\n "))) == pytest.approx(1.0, abs=1e-6)
    assert 0 < encoder.f1(TextPair(OFFERED, STANDS)) < 0.999
    assert encoder.f1(TextPair(OFFERED, " ")) == 0.0


def test_neither_text_is_preferred(encoder: Encoder) -> None:
    assert encoder.f1(TextPair(OFFERED, STANDS)) == pytest.approx(encoder.f1(TextPair(STANDS, OFFERED)), abs=1e-6)


def test_it_is_the_f1_of_greedy_matches_in_three_quarters_of_the_layers(encoder: Encoder) -> None:
    """Computed by hand from what transformers gives: the first and last tokens are matched, and do not count."""
    states = []
    for text in (OFFERED, STANDS):
        inputs = encoder._tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            state = encoder._model(**inputs, output_hidden_states=True).hidden_states[3][0]
        states.append(state / state.norm(dim=1, keepdim=True))
    alike = (states[0] @ states[1].T).numpy()
    precision, recall = alike[1:-1].max(axis=1).mean(), alike[:, 1:-1].max(axis=0).mean()

    expected = 2 * precision * recall / (precision + recall)
    assert encoder.f1(TextPair(OFFERED, STANDS)) == pytest.approx(expected, abs=1e-5)


def test_a_long_text_counts_to_its_end(encoder: Encoder) -> None:
    long = " ".join(string.ascii_lowercase) * 3  # 76 tokens, of which 30 are read at once
    changed = f"{long[:-30]} {' '.join('zyxwvutsrq')}"
    assert encoder.f1(TextPair(long, long)) == pytest.approx(1.0, abs=1e-6)
    assert encoder.f1(TextPair(long, changed)) < 0.9999


def test_weights_of_another_model_are_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 6}))
    with pytest.raises(ValueError, match="the weights lack"):
        Encoder(tmp_path)


@pytest.mark.parametrize("config", ["{}", "no JSON", '{"model_type": "bert", "vocab_size": 9}'])
def test_a_folder_that_holds_something_else_is_answered_with_a_reason(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "config.json").write_text(config)
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    job = EncoderJob(str(tmp_path), [TextPair(OFFERED, STANDS)])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(msgspec.json.encode(job))))

    module.main()

    (line,) = msgspec.json.Decoder(EncoderLine).decode_lines(capsysbinary.readouterr().out)
    assert line.problem and line.score == 0.0
