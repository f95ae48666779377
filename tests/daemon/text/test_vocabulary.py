import numpy as np
import pytest

from shadowpen.daemon.text.vocabulary import Vocabulary

TOKENS = [b"", b"a", b"an", b" the", b" there", b" t", b"\xe2\x80", b"\xe2\x80\x99s", b"\xff", b"\xff\xff", b"\n", b"."]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(TOKENS)


def naive(required: bytes) -> set[int]:
    return {i for i, t in enumerate(TOKENS) if t and (t.startswith(required) or required.startswith(t))}


@pytest.mark.parametrize(
    "required", [b"a", b" t", b" th", b" there", b" theremin", b"\xe2", b"\xff", b"\xff\xff", b"z"]
)
def test_compatible_equals_a_scan_of_the_vocabulary(vocabulary: Vocabulary, required: bytes) -> None:
    found = vocabulary.compatible(required).tolist()
    assert set(found) == naive(required)
    assert len(found) == len(set(found))


def test_special_tokens_never_match(vocabulary: Vocabulary) -> None:
    assert vocabulary.special.tolist() == [0]
    assert 0 not in vocabulary.compatible(b"a")


def test_words_go_on_with_letters_apostrophes_and_parts_of_characters(vocabulary: Vocabulary) -> None:
    expected = [False, True, True, False, False, False, True, True, True, True, False, False]
    assert np.array_equal(vocabulary.goes_on_word, expected)
