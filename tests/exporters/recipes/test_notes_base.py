"""What the lesson in telling notes is made of, and that two adapters joined do what both did."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

pytest.importorskip("torch")

from shadowpen.daemon.storage.models import ADAPTER
from shadowpen.exporters.checkpoints.base_adapter import ADAPTER_CONFIG
from shadowpen.exporters.recipes import notes_base
from shadowpen.exporters.recipes.notes_base import TaskWeights, examples, join, passages

_PARAGRAPH = (
    "The harbour lay still that morning, and no ship had left for three days. We drank our coffee on the wall. "
    "Anna counted {number} gulls before noon."
)
_END = 999


def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """A word is a token, and so is the end of a line."""
    return [hash(word) % 900 for word in text.replace("\n", " \n ").split(" ")], []


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(notes_base, "TASK_WEIGHTS", {"one": TaskWeights(telegrams=5, stubs=2, leads=1, prose=1)})
    text = "\n\n".join(["# Harbour", *(_PARAGRAPH.format(number=number) for number in range(9)), "- a list\n- here"])
    (tmp_path / "one").mkdir()
    for split in ("train", "dev"):
        (tmp_path / "one" / f"{split}.md").write_text(text * 4, "utf-8")
    rows = [{"file": f"{split}.md", "split": split} for split in ("train", "dev")]
    (tmp_path / "one" / "index.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return tmp_path


def test_every_task_gives_its_share_and_only_what_is_wanted_is_learned(corpora: Path) -> None:
    train, validation = examples(corpora, encode, _END, random.Random(1))
    pairs = [(ids, weights) for ids, weights in train if ids[-1] == _END]
    assert (len(train), len(pairs)) == (9, 8)
    assert validation
    for ids, weights in pairs:
        assert len(ids) == len(weights)
        assert weights[0] == 0.0 and weights[-1] == 1.0
        assert weights == sorted(weights)


def test_passages_are_prose_with_what_stands_above_them() -> None:
    text = "# Harbour\n\n" + _PARAGRAPH.format(number=1) + "\n\n" + _PARAGRAPH.format(number=2) + "\n\n- list\n- list"
    found = list(passages([text], random.Random(1)))
    assert [passage.heading for passage in found] == ["Harbour", "Harbour"]
    assert [passage.before for passage in found] == ["", _PARAGRAPH.format(number=1)]
    assert all(2 <= passage.text.count(".") <= 3 for passage in found)


def test_joined_adapters_add_up(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    deltas = []
    for name, rank, alpha in (("first", 3, 6.0), ("second", 2, 8.0)):
        a, b = dice.normal(size=(rank, 5)).astype(np.float32), dice.normal(size=(4, rank)).astype(np.float32)
        (tmp_path / name).mkdir()
        save_file({"x.lora_A.weight": a, "x.lora_B.weight": b}, tmp_path / name / ADAPTER)
        (tmp_path / name / ADAPTER_CONFIG).write_text(json.dumps({"r": rank, "lora_alpha": alpha, "bias": "none"}))
        deltas.append(b @ a * (alpha / rank))
    join(tmp_path / "first", tmp_path / "second", tmp_path / "joined")
    settings = json.loads((tmp_path / "joined" / ADAPTER_CONFIG).read_text())
    assert settings == {"r": 5, "lora_alpha": 5.0, "bias": "none"}
    joined = load_file(tmp_path / "joined" / ADAPTER)
    delta = joined["x.lora_B.weight"].astype(np.float32) @ joined["x.lora_A.weight"].astype(np.float32)
    assert np.allclose(delta, sum(deltas), atol=0.05)
