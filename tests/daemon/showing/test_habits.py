"""daemon/showing/habits.py: misses count, and fade."""

from __future__ import annotations

import pytest

from shadowpen.daemon.showing.habits import HabitsOfDocuments


def test_misses_make_it_doubt_and_silence_makes_it_forget_them() -> None:
    documents = HabitsOfDocuments(lambda: 1.0)
    habits = documents.of("a")
    for _ in range(10):
        habits.fared(taken=False)
    low = habits.taken_of_late
    assert low < 0.3
    for _ in range(600):
        documents.key("a")
    assert 0.45 < documents.of("a").taken_of_late < 0.5
    assert documents.of("b").taken_of_late == 0.5


def test_keys_and_pauses_are_measured() -> None:
    now = [10.0]
    documents = HabitsOfDocuments(lambda: now[0])
    documents.key("a")
    assert documents.of("a").pause_s == 0.0
    now[0] = 12.5
    documents.key("a")
    assert (documents.of("a").pause_s, documents.of("a").quiet_keys) == (2.5, 2)


def test_only_so_many_documents_are_remembered() -> None:
    documents = HabitsOfDocuments()
    documents.of("first").fared(taken=True)
    for n in range(100):
        documents.of(str(n))
    assert documents.of("first").taken_of_late == 0.5


def test_after_so_many_in_vain_it_backs_off_for_a_while_and_sooner_the_next_time() -> None:
    documents = HabitsOfDocuments(lambda: 1.0)
    habits = documents.of("a")

    def silent_keys() -> int:
        keys = 0
        while habits.backs_off(12):
            documents.key("a")
            keys += 1
        return keys

    for _ in range(11):
        habits.fared(taken=False)
    assert silent_keys() == 0
    habits.fared(taken=False)
    assert 20 < silent_keys() < 200
    for _ in range(6):
        assert silent_keys() == 0
        habits.fared(taken=False)
    assert silent_keys() > 20


@pytest.mark.parametrize("taken", [True, False])
def test_what_is_taken_or_asked_for_ends_it(taken: bool) -> None:
    habits = HabitsOfDocuments().of("a")
    for _ in range(12):
        habits.fared(taken=False)
    assert habits.backs_off(12)
    if taken:
        habits.fared(taken=True)
    else:
        habits.welcome()
    assert not habits.backs_off(12)
    for _ in range(11):
        habits.fared(taken=False)
    assert not habits.backs_off(12)


def test_never_where_the_author_does_not_want_it() -> None:
    habits = HabitsOfDocuments().of("a")
    for _ in range(500):
        habits.fared(taken=False)
    assert not habits.backs_off(0)


def test_forty_keys_before_the_same_text_make_a_passage() -> None:
    habits = HabitsOfDocuments(lambda: 1.0).of("a")
    for _ in range(40):
        habits.reads("x", " and what follows")
        assert not habits.writes_passage
    habits.reads("x", " and what follows")
    assert habits.writes_passage
    habits.reads("x", " elsewhere")
    assert not habits.writes_passage
