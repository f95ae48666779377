from pathlib import Path

import pytest
from support.scripted_model import make_tokenizer

from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.text.tokenizer import Tokenizer


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return make_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("prefix", "stub"),
    [
        ("The qui", " qui"),
        ("The quick ", " "),
        ("The quick  ", " "),
        ("The", "The"),
        ("A line\nTh", "Th"),
        ("A line\n", ""),
        ("A line\n\n", ""),
        ("", ""),
        ('He said "wel', ' "wel'),
        ("I don't", " don't"),
        ("tab\tword", "word"),
        ("naïve Grö", " Grö"),
        ("cat 🐱", " 🐱"),
    ],
)
def test_the_prompt_ends_before_the_word_under_the_cursor(tokenizer: Tokenizer, prefix: str, stub: str) -> None:
    healed = heal(prefix, tokenizer)
    assert healed.stub.decode() == stub
    assert healed.head + healed.stub.decode() == prefix


@pytest.mark.parametrize("prefix", ["我喜欢写作", "https://example.org/" + "a" * 60, "x" * 500, "ไทยไม่มีช่องว่าง"])
def test_without_blanks_only_the_last_token_is_taken_back(tokenizer: Tokenizer, prefix: str) -> None:
    healed = heal(prefix, tokenizer)
    assert healed.head + healed.stub.decode() == prefix
    assert 0 < len(healed.stub.decode()) <= 32
