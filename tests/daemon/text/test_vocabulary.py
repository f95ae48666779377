import numpy as np
import pytest

from shadowpen.daemon.text.vocabulary import Vocabulary

TOKENS = [
    b"",
    b"a",
    b"an",
    b" the",
    b" there",
    b" t",
    b"\xe2\x80",
    b"\xe2\x80\x99s",
    b"\xff",
    b"\xff\xff",
    b"\n",
    b".",
    b"a",
]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(TOKENS)


def naive(required: bytes) -> set[int]:
    return {i for i, t in enumerate(TOKENS) if t and (t.startswith(required) or required.startswith(t))}


@pytest.mark.parametrize(
    "required", [b"a", b" t", b" th", b" there", b" theremin", b"ant", b"\xe2", b"\xff", b"\xff\xff", b"z"]
)
def test_compatible_equals_a_scan_of_the_vocabulary(vocabulary: Vocabulary, required: bytes) -> None:
    found = vocabulary.compatible(required).tolist()
    assert set(found) == naive(required)
    assert len(found) == len(set(found))


def test_special_tokens_never_match(vocabulary: Vocabulary) -> None:
    assert vocabulary.special.tolist() == [0]
    assert 0 not in vocabulary.compatible(b"a")


def test_words_go_on_with_letters_apostrophes_and_parts_of_characters(vocabulary: Vocabulary) -> None:
    expected = [False, True, True, False, False, False, True, True, True, True, False, False, True]
    assert np.array_equal(vocabulary.goes_on_word, expected)


def test_where_no_blanks_stand_between_words_each_may_be_the_last() -> None:
    no_more = ["我", "我们", "カ", "ไทย", "，", "。"]
    tokens = [
        *(text.encode() for text in no_more),
        "我".encode()[:2],
        "我".encode()[:1],
        "한".encode(),
        "é".encode()[:1],
    ]
    expected = [*(False for _ in no_more), False, False, True, True]
    assert Vocabulary(tokens).goes_on_word.tolist() == expected
