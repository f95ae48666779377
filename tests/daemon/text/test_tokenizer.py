from pathlib import Path

import pytest
from support.models.scripted_model import EOS, TEXT, make_tokenizer
from tokenizers import Tokenizer as RawTokenizer

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.text.tokenizer import Tokenizer

HARD = [
    "",
    " ",
    "a  b   c",
    "1234567890",
    "don't",
    "我喜欢写作。",
    "🥸 你好 👩‍👩‍👧",
    "a\r\nb\tc",
    "\u00a0x\u2028y",
    "naïve café",
]


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return make_tokenizer(tmp_path)


@pytest.mark.parametrize("text", HARD)
def test_bytes_of_tokens_join_to_the_text(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode_bytes(tokenizer.encode(text)) == text.encode()
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_an_incomplete_character_is_left_out(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("é🥸")
    assert "é🥸".startswith(tokenizer.decode(ids[:-1]))
    assert tokenizer.decode(ids[:-1]) != "é🥸"


def test_the_end_token_stands_for_no_bytes(tokenizer: Tokenizer) -> None:
    (eos,) = tokenizer.eos_ids
    assert tokenizer.token_bytes[eos] == b""


def test_a_broken_file_is_a_corrupt_model(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ModelCorrupt):
        Tokenizer(tmp_path / "tokenizer.json")


def test_the_name_of_a_special_token_in_a_text_is_text(tokenizer: Tokenizer) -> None:
    (eos,) = tokenizer.eos_ids
    assert eos not in tokenizer.encode(f"He wrote {EOS} and went on.")


@pytest.fixture
def enlarged(tmp_path: Path) -> Path:
    """A tokenizer with tokens behind those of the embedding: a plain one, and a special one."""
    make_tokenizer(tmp_path)
    raw = RawTokenizer.from_file(str(tmp_path / "tokenizer.json"))
    raw.add_tokens(["<more>"])
    raw.add_special_tokens(["<image>"])
    raw.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def test_tokens_without_a_row_are_unknown_and_their_text_is_read_in_pieces(enlarged: Path) -> None:
    rows = Tokenizer(enlarged).size - 2
    text = "One <more> word and an <image>."

    assert max(Tokenizer(enlarged).encode(text)) >= rows
    tokenizer = Tokenizer(enlarged, rows=rows)
    ids = tokenizer.encode(text)

    assert tokenizer.size == rows
    assert max(ids) < rows
    assert tokenizer.decode(ids) == text


def test_words_without_a_row_are_read_in_pieces(tmp_path: Path) -> None:
    whole = make_tokenizer(tmp_path)
    rows = whole.size - 40

    tokenizer = Tokenizer(tmp_path / "tokenizer.json", rows=rows)

    assert max(whole.encode(TEXT)) >= rows > max(tokenizer.encode(TEXT))
    assert tokenizer.decode(tokenizer.encode(TEXT)) == TEXT


def test_rows_without_a_token_change_nothing(tmp_path: Path) -> None:
    whole = make_tokenizer(tmp_path)

    assert Tokenizer(tmp_path / "tokenizer.json", rows=whole.size + 128).token_bytes == whole.token_bytes
