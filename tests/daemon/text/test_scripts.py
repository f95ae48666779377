import pytest

from shadowpen.daemon.text.scripts import begins_without_blanks, without_blanks


@pytest.mark.parametrize("text", ["我", "used 写作 here", "カタカナ", "ไทย", "ខ្មែរ"])
def test_scripts_without_blanks(text: str) -> None:
    assert without_blanks(text)


@pytest.mark.parametrize("text", ["", "word", "слово", "λόγος", "한국어", "שלום", "—"])
def test_scripts_with_blanks(text: str) -> None:
    assert not without_blanks(text)
    assert not begins_without_blanks(text.encode())


def test_the_beginning_counts_and_a_character_may_be_cut() -> None:
    assert begins_without_blanks("写a".encode())
    assert not begins_without_blanks("a写".encode())
    for cut in (1, 2):
        assert begins_without_blanks("写".encode()[:cut])
        assert not begins_without_blanks("é€".encode()[:1])
    assert not begins_without_blanks("写".encode()[1:]), "the rest of a character is no beginning"
