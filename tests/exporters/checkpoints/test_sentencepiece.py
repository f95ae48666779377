"""A SentencePiece vocabulary out of a GGUF file splits text as SentencePiece does, and loses none of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny
from support.checkpoints.spm import CONTROL, spm_ids, spm_keys
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.text.tokenizer import Tokenizer as ServedTokenizer
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_folder, write_from_gguf

HARD: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "hard_strings.json").read_bytes())
NAMES = [row["name"] for row in HARD]
CHINESE = "我在朦胧中,眼前展开一片海边碧绿的沙地来,上面深蓝的天空中挂着一轮金黄的圆月。"


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    return spm_keys([*tiny.LINES, CHINESE, *(row["text"] for row in HARD[::2])])


@pytest.fixture(scope="module")
def path(keys: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("spm") / "tokenizer.json"
    special = write_from_gguf(keys, target)
    assert (special.bos_id, special.eos_ids) == (2, (1,))
    return target


@pytest.mark.parametrize("row", HARD, ids=NAMES)
def test_text_is_split_as_sentencepiece_splits_it(keys: dict[str, Any], path: Path, row: dict[str, Any]) -> None:
    tokenizer = ServedTokenizer(path)
    assert tokenizer.encode(row["text"]) == spm_ids(keys, row["text"])
    assert tokenizer.decode_bytes(tokenizer.encode(row["text"])) == row["text"].encode()


@pytest.mark.parametrize("text", [*tiny.LINES, CHINESE, "a  b   c    d", "one\n\n\ntwo", "x<b>y", "She\u2019s 🦔 here"])
def test_prose_is_split_as_sentencepiece_splits_it(keys: dict[str, Any], path: Path, text: str) -> None:
    tokenizer = ServedTokenizer(path)
    ids = tokenizer.encode(text)
    assert ids == spm_ids(keys, text)
    assert len(ids) < len(text.encode()), "pieces are joined"
    assert tokenizer.decode_bytes(ids) == text.encode()


def test_no_blank_is_put_before_a_text(path: Path) -> None:
    tokenizer = ServedTokenizer(path)
    assert tokenizer.decode_bytes(tokenizer.encode("The harbour")) == b"The harbour"
    assert Tokenizer.from_file(str(path)).encode("The harbour").tokens[0] != "\u2581The"


def test_special_tokens_stand_for_no_text_and_are_not_read_from_it(keys: dict[str, Any], path: Path) -> None:
    tokenizer = ServedTokenizer(path, 2, (1,))
    kinds = keys["tokenizer.ggml.token_type"]
    assert all(not tokenizer.token_bytes[i] for i, kind in enumerate(kinds) if kind == CONTROL)
    assert tokenizer.decode_bytes(tokenizer.encode("<eos>")) == b"<eos>"
    assert 1 not in tokenizer.encode("<eos>")
    assert tokenizer.token_bytes[keys["tokenizer.ggml.tokens"].index("<0xE6>")] == b"\xe6"


@pytest.mark.parametrize(("added", "bos_id"), [(True, 2), (None, 2), (False, None)])
def test_a_text_begins_with_bos_unless_the_file_says_otherwise(
    keys: dict[str, Any], tmp_path: Path, added: bool | None, bos_id: int | None
) -> None:
    told = {name: value for name, value in keys.items() if name != "tokenizer.ggml.add_bos_token"}
    if added is not None:
        told["tokenizer.ggml.add_bos_token"] = added
    assert write_from_gguf(told, tmp_path / "tokenizer.json").bos_id == bos_id


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tokens", []),
        ("tokens", ["a", "a"]),
        ("token_type", [1]),
        ("scores", [0.5]),
        ("scores", ["high"]),
        ("scores", []),
    ],
)
def test_lists_that_do_not_fit_are_corrupt(keys: dict[str, Any], tmp_path: Path, key: str, value: list[Any]) -> None:
    with pytest.raises(ModelCorrupt):
        write_from_gguf({**keys, f"tokenizer.ggml.{key}": value}, tmp_path / "tokenizer.json")
    assert not (tmp_path / "tokenizer.json").exists()


@pytest.mark.parametrize("kind", ["Prepend", "Metaspace"])
def test_a_folder_loses_the_blank_before_its_texts(tmp_path: Path, kind: str) -> None:
    vocabulary = {"<unk>": 0, "\u2581": 1, "a": 2, "b": 3, "\u2581a": 4, "\u2581b": 5}
    tokenizer = Tokenizer(models.BPE(vocabulary, [("\u2581", "a"), ("\u2581", "b")], unk_token="<unk>"))
    if kind == "Prepend":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert tokenizer.encode("a b").tokens == ["\u2581a", "\u2581b"]
    write_from_folder(tmp_path, tmp_path / "served.json")
    assert Tokenizer.from_file(str(tmp_path / "served.json")).encode("a b").tokens == ["a", "\u2581b"]
