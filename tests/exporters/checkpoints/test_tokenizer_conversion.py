"""The hard strings' ids are those of the default model's own tokenizer; their pieces are cut by another regex engine.

tests/exporters/checkpoints/data/hard_strings.json: `smollm_ids` were compared with transformers' tokenizer of the same
GGUF file, `pieces` are what the published patterns of each pre-tokeniser give in Python's `regex`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import tiny
from support.checkpoints.gguf_files import gguf_of_checkpoint, tokenizer_keys
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.checkpoints.checkpoint import GgufCheckpoint
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_folder, write_from_gguf

HARD: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "hard_strings.json").read_bytes())
NAMES = [row["name"] for row in HARD]
PRE_TOKENIZERS = ("gpt-2", "smollm", "qwen2", "llama-bpe", "default")
# transformers does not cut at digits when it reads a GGUF file; where the digits are of the vocabulary's rarer kinds it
# merges across them, which neither llama.cpp nor the model's original tokenizer does.
TRANSFORMERS_DIFFERS = {"fractions"}


def byte_letters() -> dict[str, int]:
    """GPT-2's table: a letter for each byte; those without a printable one of their own come after 255 in order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{chr(byte): byte for byte in printable}, **{chr(256 + i): byte for i, byte in enumerate(others)}}


@pytest.fixture(scope="module")
def vocabulary() -> Tokenizer:
    """A byte-level BPE of some merges; none of the pre-tokenisers is its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([row["text"] for row in HARD] * 3, trainer)
    return tokenizer


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "tokenizer.json"


def converted(keys: Mapping[str, Any], target: Path) -> Tokenizer:
    write_from_gguf(keys, target)
    return Tokenizer.from_file(str(target))


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    """What the pre-tokeniser cuts `text` into, its byte letters turned back into text."""
    letters = byte_letters()
    normalised = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    cut = tokenizer.pre_tokenizer.pre_tokenize_str(normalised)
    return [bytes(letters[letter] for letter in piece).decode() for piece, _ in cut]


@pytest.mark.parametrize("pre", PRE_TOKENIZERS)
@pytest.mark.parametrize("row", HARD, ids=NAMES)
def test_text_is_cut_as_the_named_pre_tokeniser_cuts_it(
    vocabulary: Tokenizer, target: Path, pre: str, row: dict[str, Any]
) -> None:
    assert pieces(converted(tokenizer_keys(vocabulary, pre), target), row["text"]) == row["pieces"][pre]


@pytest.mark.parametrize("pre", PRE_TOKENIZERS)
def test_no_text_is_lost(vocabulary: Tokenizer, target: Path, pre: str) -> None:
    tokenizer = converted(tokenizer_keys(vocabulary, pre), target)
    for row in HARD:
        ids = tokenizer.encode(row["text"], add_special_tokens=False).ids
        assert tokenizer.decode(ids, skip_special_tokens=False) == "".join(row["pieces"][pre])


@pytest.mark.real_model
def test_the_default_model_has_the_stored_ids(real_model: Path) -> None:
    tokenizer = Tokenizer.from_file(str(real_model / "default" / "tokenizer.json"))
    for row in HARD:
        assert tokenizer.encode(row["text"], add_special_tokens=False).ids == row["smollm_ids"], row["name"]
        assert tokenizer.encode(row["text"]).ids == row["smollm_ids"], "the file itself adds nothing"


@pytest.mark.real_model
@pytest.mark.slow
@pytest.mark.skipif(find_spec("transformers") is None or find_spec("torch") is None, reason="needs the extra `train`")
@pytest.mark.filterwarnings("ignore")  # transformers' own
def test_the_stored_ids_are_those_of_transformers(real_model: Path) -> None:
    from transformers import AutoTokenizer

    files = list((real_model / "default" / "source").glob("*.gguf"))
    where = {"gguf_file": files[0].name} if files else {}
    reference = AutoTokenizer.from_pretrained(real_model / "default" / "source", **where)
    for row in HARD:
        if row["name"] not in TRANSFORMERS_DIFFERS:
            assert reference(row["text"], add_special_tokens=False).input_ids == row["smollm_ids"], row["name"]


@pytest.mark.skipif(find_spec("transformers") is None, reason="needs the extra `train`")
@pytest.mark.filterwarnings("ignore")  # transformers' own
@pytest.mark.parametrize(("pre", "kind"), [("qwen2", "Qwen2TokenizerFast"), ("gpt-2", "GPT2TokenizerFast")])
def test_ids_are_those_of_the_original_tokenizer_class(
    vocabulary: Tokenizer, target: Path, tmp_path: Path, pre: str, kind: str
) -> None:
    import transformers

    vocabulary.model.save(str(tmp_path))
    reference = getattr(transformers, kind)(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"))
    tokenizer = converted(tokenizer_keys(vocabulary, pre), target)
    for row in HARD:
        expected = reference(row["text"], add_special_tokens=False).input_ids
        assert tokenizer.encode(row["text"], add_special_tokens=False).ids == expected, row["name"]


def test_control_tokens_are_special_and_user_defined_ones_are_text(vocabulary: Tokenizer, target: Path) -> None:
    keys = tokenizer_keys(vocabulary)
    keys["tokenizer.ggml.tokens"] = [*keys["tokenizer.ggml.tokens"], "<note>", "<start_of_image>"]
    keys["tokenizer.ggml.token_type"] = [*keys["tokenizer.ggml.token_type"], 4, 4]
    tokenizer = converted(keys, target)
    added = tokenizer.get_added_tokens_decoder()
    assert {token.content for token in added.values() if token.special} == {
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<start_of_image>",  # although the file calls it a token of text
    }
    assert [token.content for token in added.values() if not token.special] == ["<note>"]
    assert tokenizer.encode("a<note>b").tokens == ["a", "<note>", "b"]


@pytest.mark.parametrize(
    ("more", "bos_id"),
    [
        ({"add_bos_token": False}, None),
        ({"add_bos_token": True}, 1),
        ({"add_bos_token": None}, None),
        ({"add_bos_token": None, "pre": "llama-bpe"}, 1),
        ({"add_bos_token": False, "pre": "llama-bpe"}, None),
        ({"add_bos_token": True, "bos_token_id": None}, None),
        ({"add_bos_token": True, "bos_token_id": 100_000}, None),
    ],
)
def test_bos_is_what_the_file_wants(
    vocabulary: Tokenizer, target: Path, more: dict[str, Any], bos_id: int | None
) -> None:
    keys = tokenizer_keys(vocabulary, **{"bos_token_id": 1, **more})
    assert write_from_gguf(keys, target).bos_id == bos_id


def test_every_way_to_end_a_text_is_an_eos(vocabulary: Tokenizer, target: Path) -> None:
    assert write_from_gguf(tokenizer_keys(vocabulary, eos_token_id=2, eot_token_id=7), target).eos_ids == (0, 2, 7)


@pytest.mark.parametrize("pre", ["tekken", "chatglm-bpe", "", None])
def test_an_unknown_pre_tokeniser_is_named(vocabulary: Tokenizer, target: Path, pre: str | None) -> None:
    keys = {**tokenizer_keys(vocabulary), "tokenizer.ggml.pre": pre}
    with pytest.raises(ModelUnsupported, match=f"'{pre}'" if pre else "no pre-tokeniser"):
        write_from_gguf(keys, target)
    assert not target.exists()


@pytest.mark.parametrize("kind", ["t5", "bert", "none"])
def test_other_kinds_of_tokenizer_are_named(vocabulary: Tokenizer, target: Path, kind: str) -> None:
    with pytest.raises(ModelUnsupported, match=f"'{kind}'") as caught:
        write_from_gguf({**tokenizer_keys(vocabulary), "tokenizer.ggml.model": kind}, target)
    assert "tokenizer.json" in caught.value.hint


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tokens", []),
        ("tokens", "abc"),
        ("tokens", ["a", "a"]),
        ("token_type", [1, 1]),
        ("token_type", ["x"]),
        ("merges", ["no such", "pair s"]),
        ("merges", ["onlyone"]),
        ("merges", [1, 2]),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_corrupt(vocabulary: Tokenizer, target: Path, key: str, value: Any) -> None:
    with pytest.raises(ModelCorrupt):
        write_from_gguf({**tokenizer_keys(vocabulary), f"tokenizer.ggml.{key}": value}, target)
    assert not target.exists()


def test_a_gguf_file_gives_the_ids_of_the_checkpoint_it_was_made_from(tmp_path: Path, target: Path) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "tiny")
    file = gguf_of_checkpoint(folder, tmp_path / "model.gguf")
    tokenizer = converted(GgufCheckpoint(file).metadata, target)
    original = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for row in HARD:
        assert tokenizer.encode(row["text"]).ids == original.encode(row["text"]).ids


def adding_bos(folder: Path, **settings: Any) -> Path:
    """The tiny checkpoint with a tokenizer that puts <|endoftext|> before every text."""
    tiny.make_tiny_checkpoint(folder)
    path = folder / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.post_processor = processors.TemplateProcessing("<|endoftext|> $A", None, [("<|endoftext|>", 0)])
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding()
    tokenizer.save(str(path))
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def test_a_folders_tokenizer_adds_nothing_and_cuts_nothing_off(tmp_path: Path, target: Path) -> None:
    folder = adding_bos(tmp_path / "tiny")
    special = write_from_folder(folder, target)
    assert special.bos_id == 0, "the model wants it, and is told apart"
    tokenizer = Tokenizer.from_file(str(target))
    text = " ".join(tiny.LINES)
    ids = tokenizer.encode(text).ids
    assert ids[0] != 0
    assert tokenizer.decode(ids) == text
    assert tokenizer.get_vocab() == Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()


@pytest.mark.parametrize(
    ("settings", "bos_id"),
    [
        ({"add_bos_token": False, "bos_token": "<|endoftext|>"}, None),
        ({"add_bos_token": True, "bos_token": "<|endoftext|>"}, 0),
        ({"add_bos_token": True, "bos_token": {"content": "<|endoftext|>"}}, 0),
        ({"add_bos_token": True, "bos_token": "<none>"}, None),
        ({"bos_token": None}, 0),
    ],
)
def test_tokenizer_config_decides_about_bos(
    tmp_path: Path, target: Path, settings: dict[str, Any], bos_id: int | None
) -> None:
    assert write_from_folder(adding_bos(tmp_path / "tiny", **settings), target).bos_id == bos_id


def test_a_plain_folder_wants_no_bos(tmp_path: Path, target: Path) -> None:
    special = write_from_folder(tiny.make_tiny_checkpoint(tmp_path / "tiny"), target)
    assert special.bos_id is None, "although its config.json has a bos_token_id"
    assert special.eos_ids == (0,)


def test_eos_ids_come_from_every_file(tmp_path: Path, target: Path) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "tiny")
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [5, 7, 10**9, "x", True]}))
    assert write_from_folder(folder, target).eos_ids == (0, 5, 7)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"model": {"type": "Nonsense"}}'])
def test_a_damaged_tokenizer_is_one_sentence(tmp_path: Path, target: Path, content: bytes) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "tiny")
    (folder / "tokenizer.json").write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json"):
        write_from_folder(folder, target)
    assert not target.exists()


def test_a_folder_without_a_tokenizer_says_how_to_get_one(tmp_path: Path, target: Path) -> None:
    folder = tiny.make_tiny_checkpoint(tmp_path / "tiny")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelUnsupported, match=r"no tokenizer\.json") as caught:
        write_from_folder(folder, target)
    assert "save_pretrained" in caught.value.hint
