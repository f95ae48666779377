from pathlib import Path

import pytest
from support.checkpoints.spm import spm_keys
from support.models.scripted_model import make_tokenizer

from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_gguf

CHINESE = "我在朦胧中,眼前展开一片海边碧绿的沙地来,上面深蓝的天空中挂着一轮金黄的圆月。"


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


@pytest.fixture(scope="module")
def sentencepiece(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    """One that has read a little Chinese and English; whatever else there is falls back to bytes."""
    path = tmp_path_factory.mktemp("spm") / "tokenizer.json"
    write_from_gguf(spm_keys([CHINESE] * 3 + ["The quick brown fox jumps over the lazy dog."] * 3, 150), path)
    return Tokenizer(path, 2, [1])


@pytest.mark.parametrize("text", [CHINESE, "养了🦔两只", "the lazy 狐狸 𠮷野家", "Grüße aus Köln", "a  b\n\nThe q"])
def test_with_byte_fallback_every_cut_can_be_gone_on_from(sentencepiece: Tokenizer, text: str) -> None:
    vocabulary = Vocabulary(sentencepiece.token_bytes)
    for length in range(1, len(text) + 1):
        prefix = text[:length]
        healed = heal(prefix, sentencepiece)
        assert healed.head + healed.stub.decode() == prefix
        if healed.stub:
            whole = sentencepiece.encode(healed.stub.decode())
            assert whole[0] in vocabulary.compatible(healed.stub)


def test_a_character_in_bytes_is_taken_back_whole(sentencepiece: Tokenizer) -> None:
    healed = heal("一片🦔", sentencepiece)
    assert (healed.head, healed.stub.decode()) == ("一片", "🦔")
    compatible = Vocabulary(sentencepiece.token_bytes).compatible(healed.stub)
    assert [sentencepiece.token_bytes[token] for token in compatible] == [b"\xf0"]
