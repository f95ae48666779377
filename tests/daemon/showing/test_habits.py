"""daemon/showing/habits.py: misses count, and fade."""

from __future__ import annotations

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
