"""What the shipped tune learns from, and what of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

pytest.importorskip("torch")

from shadowpen.daemon.storage.models import ADAPTER
from shadowpen.exporters.recipes import prose_base
from shadowpen.exporters.recipes.prose_base import Portion, examples, halve, notice

_PARAGRAPH = (
    "The harbour lay still that morning, and the pilot told us that no ship had left for three days because the wind "
    "had turned against the town. We drank our coffee on the wall, counted the gulls, and waited for the news from "
    "Marseille which the postman had promised to bring before noon of {day}."
)
_END = 999


def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """A word is a token, and so is the end of a line."""
    words = text.replace("\n", " \n ").split(" ")
    return [len(word) for word in words], []


def write(folder: Path, rows: list[dict[str, str]]) -> None:
    folder.mkdir(parents=True)
    for row in rows:
        (folder / row["file"]).write_text(row.pop("text"), "utf-8")
    (folder / "index.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")


def paragraphs(count: int) -> str:
    return "\n\n".join(_PARAGRAPH.format(day=day) for day in range(count))


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prose_base, "PORTIONS", {"one": Portion(4, 2), "_generic": Portion(5, 0)})
    write(
        tmp_path / "one",
        [{"file": f"{split}.md", "split": split, "text": paragraphs(8)} for split in ("train", "dev", "test")],
    )
    texts = [("a", "CC BY"), ("b", "CC BY-SA (Wikipedia)"), ("c", "public domain (US speeches)")]
    write(
        tmp_path / "_generic",
        [
            {
                "file": f"{name}.md",
                "licence": licence,
                "text": paragraphs(2),
                "title": name,
                "author": "",
                "source": "x",
            }
            for name, licence in texts
        ],
    )
    return tmp_path


def test_of_a_pair_only_the_paragraph_is_learned(corpora: Path) -> None:
    train, _ = examples(corpora, encode, _END, random.Random(0))
    pairs = [(ids, weights) for ids, weights in train if ids[-1] == _END]
    assert len(pairs) == 4 + 4  # of the many authors only two documents are free, with two paragraphs each
    for ids, weights in pairs:
        begin = weights.index(1.0)
        assert set(weights[:begin]) == {0.0} and set(weights[begin:]) == {1.0} and len(ids) == len(weights)
        assert ids[begin] == len("The") and begin > 5


def test_plain_pieces_count_in_full_and_what_judges_is_later_text(corpora: Path) -> None:
    train, validation = examples(corpora, encode, _END, random.Random(0))
    plain = [weights for ids, weights in train if ids[-1] != _END]
    assert len(plain) == 2 and all(set(weights) == {1.0} for weights in plain)
    assert any(ids[-1] == _END for ids, _ in validation) and any(ids[-1] != _END for ids, _ in validation)


def test_share_alike_texts_are_neither_learned_nor_named(corpora: Path) -> None:
    text = notice(corpora)
    assert "- a (no author named), CC BY, x" in text and "- c " in text and "- b " not in text


def test_the_adapter_is_halved(tmp_path: Path) -> None:
    (tmp_path / "learned").mkdir()
    save_file({"x.lora_A.weight": np.full((2, 2), 0.1, np.float32)}, tmp_path / "learned" / ADAPTER)
    (tmp_path / "learned" / "adapter_config.json").write_text("{}")
    (tmp_path / "target").mkdir()
    halve(tmp_path / "learned", tmp_path / "target")
    assert load_file(tmp_path / "target" / ADAPTER)["x.lora_A.weight"].dtype == np.float16
