"""Long and many documents made of one text, of which no passage comes back."""

from __future__ import annotations

from collections import Counter

from shadowpen.daemon.bench import texts


def _come_back(text: str, words: int = 8) -> int:
    """How many passages of so many words stand in `text` more than once."""
    found = text.split()
    passages = Counter(tuple(found[start : start + words]) for start in range(len(found) - words))
    return sum(count > 1 for count in passages.values())


def test_a_document_has_its_length_and_ends_as_the_text_does(diary: str) -> None:
    for words in (300, 5000, 20_000):
        begun = texts.begun(diary, words, keys=40)
        assert words <= len(begun.standing.split()) <= words + 150
        assert (begun.standing + begun.rest).endswith(diary.strip()[-200:])
        assert len(begun.rest) == 40
        assert _come_back(begun.standing) <= _come_back(diary)


def test_a_seed_gives_one_document(diary: str) -> None:
    assert texts.begun(diary, 20_000, 40, seed=3) == texts.begun(diary, 20_000, 40, seed=3)
    assert texts.begun(diary, 20_000, 40, seed=3) != texts.begun(diary, 20_000, 40, seed=4)


def test_paragraphs_break_off_where_the_gaps_say(diary: str) -> None:
    standing, gaps = texts.with_gaps(diary, 20_000, 20)
    assert len(gaps) == len({gap.line for gap in gaps}) == 20
    lines, told = standing.split("\n"), " ".join(diary.split())
    for gap in gaps:
        assert lines[gap.line][-30:] + gap.rest in told


def test_several_documents_say_different_things_and_go_on(diary: str) -> None:
    found = texts.several(diary, 20, characters=3000, keys=50)
    assert len(found) == 20 == len({begun.rest for begun in found})
    assert all(len(begun.rest) == 50 and abs(len(begun.standing) - 3000) < 60 for begun in found)
    for begun in found:
        assert begun.standing[-100:] + begun.rest in diary


def test_a_short_text_suffices(diary: str) -> None:
    short = diary[:1000]
    assert len(texts.several(short, 50, characters=2000, keys=50)[49].rest) == 50
    assert texts.with_gaps(short, 2000, 20)[1]
    assert len(texts.begun(short, 2000, 30).standing.split()) >= 2000
