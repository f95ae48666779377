"""The memory as the daemon uses it: at once, exact, and never in the way."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.models.words import Words, Written
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.memory import memory as memories
from shadowpen.daemon.memory.index.texts import Stretch
from shadowpen.daemon.memory.memory import Memory

_WORDS = Words()
_LETTER = Written("letter.md", "she wrote a letter to her brother and then another one", 1)
_RIVER = Written("river.md", "he walked along the river with the dog", 2)


@pytest.fixture
def memory(layout: store.Layout) -> Memory:
    return Memory.open(layout.memory, _WORDS)


def _again(layout: store.Layout) -> Memory:
    """As the next process finds it."""
    return Memory.open(layout.memory, _WORDS)


def _knows(memory: Memory, before: str, word: str) -> bool:
    recall = memory.look_up(_WORDS.encode(before))
    (token,) = _WORDS.encode(word)
    return any(token in followers.counted.weights for followers in recall.followers[1:])


def _offered(memory: Memory, before: str) -> str:
    phrase = memory.phrase(_WORDS.encode(before))
    return phrase.words[-1].data.decode() if phrase else ""


def _traces(home: Path, text: str) -> list[Path]:
    """Files that hold the tokens of `text` forwards or backwards, or its words."""
    ids = _WORDS.encode(text)
    wanted = [b"".join(i.to_bytes(_WORDS.code.width, "big") for i in order) for order in (ids, ids[::-1])] + [
        text.encode()
    ]
    return [path for path in home.rglob("*") if path.is_file() and any(part in path.read_bytes() for part in wanted)]


# --- at once -------------------------------------------------------------------------------------


def test_an_empty_memory_answers_nothing_and_leaves_nothing(memory: Memory, layout: store.Layout) -> None:
    assert memory.is_empty
    assert not memory.look_up([1, 2, 3])
    assert memory.phrase([1, 2, 3]) is None
    assert memory.forget(["unknown"]) == 0
    assert not layout.memory.exists()


def test_what_is_learned_is_known_at_once(memory: Memory) -> None:
    memory.learn(_LETTER)
    assert _knows(memory, "she wrote a letter", " to")
    assert memory.look_up(_WORDS.encode("she wrote a letter")).followers[-1].order == 4
    memory.learn(Written("b", "the taken phrase", spans=(Stretch(0, 16, 0.3),)))
    assert memory.report().documents == 2


def test_a_text_learned_again_is_replaced(memory: Memory) -> None:
    memory.learn(_LETTER)
    memory.refresh(lambda: [_LETTER])
    memory.learn(Written(_LETTER.origin, "she wrote a winter letter"))
    assert not _knows(memory, "she wrote a letter", " to")
    assert _knows(memory, "she wrote a", " winter")
    memory.learn(_LETTER)
    assert not _knows(memory, "she wrote a", " winter")


def test_a_secret_is_never_learned(memory: Memory, layout: store.Layout) -> None:
    memory.learn(Written("a", "the password is hunter2 we keep the dog"))
    assert not memory.look_up(_WORDS.encode("the password is"))
    assert not _traces(layout.data, "hunter2")


def test_file_and_live_text_are_added_up(memory: Memory) -> None:
    memory.refresh(lambda: [_LETTER])
    memory.learn(Written("b", "she wrote a letter to the dog"))
    followers = memory.look_up(_WORDS.encode("she wrote a letter")).followers[-1]
    assert (followers.order, followers.counted.total) == (4, 2.0)


def test_a_phrase_knows_where_it_was_written(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nThe harbour.\nHe walked along\n> the river, with\nthe dog.\n", "utf-8")
    memory.refresh(lambda: [Written(str(path), "The harbour. He walked along the river, with the dog.")])
    phrase = memory.phrase(_WORDS.encode(" walked along the river,"))
    assert phrase is not None
    assert [str(place) for place in memory.where(phrase, memory.moment)] == [f"{path}:5"]
    path.unlink()
    assert [str(place) for place in memory.where(phrase, memory.moment)] == [str(path)]


def test_a_phrase_of_an_untitled_text_names_that(memory: Memory) -> None:
    memory.learn(Written("untitled:Untitled-1#edit=7", "he walked along the river"))
    phrase = memory.phrase(_WORDS.encode("he walked"))
    assert phrase is not None
    assert [str(place) for place in memory.where(phrase, memory.moment)] == ["untitled:Untitled-1"]


# --- the sources ---------------------------------------------------------------------------------


def test_a_refresh_makes_it_what_the_sources_hold(memory: Memory, layout: store.Layout) -> None:
    memory.learn(Written("live", "please bring your own cup"))
    assert memory.refresh(lambda: [_LETTER, _RIVER])
    for opened in (memory, _again(layout)):
        assert _knows(opened, "she wrote a letter", " to")
        assert _knows(opened, "he walked along", " the")
        assert not _knows(opened, "please bring", " your")
    changed = Written(_LETTER.origin, "she wrote a winter letter")
    assert memory.refresh(lambda: [changed])
    for opened in (memory, _again(layout)):
        assert _knows(opened, "she wrote a", " winter")
        assert not _knows(opened, "he walked along", " the")
    assert not _traces(layout.data, " to her brother")


def test_a_refresh_that_finds_nothing_new_writes_nothing(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER, _RIVER])
    (file,) = layout.memory.iterdir()
    written = file.stat().st_mtime_ns
    assert not _again(layout).refresh(lambda: [_RIVER, _LETTER])
    assert file.stat().st_mtime_ns == written


def test_a_little_more_is_held_live_and_much_more_is_written(
    memory: Memory, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.refresh(lambda: [_LETTER])
    assert not memory.refresh(lambda: [_LETTER, _RIVER])
    assert _knows(memory, "he walked along", " the")
    assert not _traces(layout.data, " along the river")
    monkeypatch.setattr(memories, "LIVE_TOKENS", 5)
    assert memory.wants_refresh
    assert memory.refresh(lambda: [_LETTER, _RIVER])
    assert not memory.wants_refresh
    assert _knows(_again(layout), "he walked along", " the")


def test_sources_that_vanish_leave_no_file(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    memory.refresh(list)
    assert not _knows(memory, "she wrote a letter", " to")
    assert list(layout.memory.iterdir()) == []


def test_what_is_learned_or_forgotten_during_a_refresh_stays_so(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER, _RIVER])

    def collect() -> Iterator[Written]:
        yield from (_LETTER, _RIVER, Written("old", "please bring your own cup"))
        memory.learn(Written("new", "the meeting on friday starts at noon"))
        memory.learn(Written(_RIVER.origin, "he walked along with the dog"))
        forgetting.start()
        wait_until(lambda: not _knows(memory, "she wrote a letter", " to"), "the letter to be forgotten")

    forgetting = threading.Thread(target=lambda: memory.forget([_LETTER.origin]))
    memory.refresh(collect)
    forgetting.join(20)
    assert not forgetting.is_alive()

    assert _knows(memory, "please bring", " your")
    assert _knows(memory, "the meeting on", " friday")
    assert _knows(memory, "he walked along", " with")
    assert not _knows(memory, "he walked along", " the")
    assert not _knows(memory, "she wrote a letter", " to")
    assert not _traces(layout.data, " to her brother")


def test_it_answers_while_others_change_it(memory: Memory) -> None:
    memory.refresh(lambda: [_LETTER])
    ended = threading.Event()
    failures: list[str] = []

    def ask() -> None:
        while not ended.is_set():
            if not _knows(memory, "she wrote a letter", " to") or memory.problem:
                failures.append(memory.problem or "forgotten")

    asking = threading.Thread(target=ask)
    asking.start()
    for round in range(30):
        memory.learn(Written("live", f"{_RIVER.text} " * (round + 1)))
        memory.refresh(lambda: [_LETTER, Written("many", _RIVER.text)] if ended.is_set() else [_LETTER, _RIVER])
        memory.forget([_RIVER.origin])
    ended.set()
    asking.join(20)
    assert failures == []


def test_a_folder_removed_during_a_refresh_does_not_come_back_with_what_was_in_it(
    memory: Memory, layout: store.Layout
) -> None:
    """As another process forgets: the sources no longer have it, and the memory's folder goes."""
    memory.refresh(lambda: [_RIVER])
    sources = [_LETTER, _RIVER]

    def collect() -> list[Written]:
        found = list(sources)
        if _LETTER in sources:
            sources.remove(_LETTER)
            shutil.rmtree(layout.memory)
            store.private_directory(layout.memory)
        return found

    assert memory.refresh(collect)
    for opened in (memory, _again(layout)):
        assert not _knows(opened, "she wrote a letter", " to")
        assert _knows(opened, "he walked along", " the")
    assert not _traces(layout.data, " to her brother")


# --- forgetting ----------------------------------------------------------------------------------


def test_what_is_forgotten_is_in_no_file(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER, _RIVER])
    memory.learn(Written("live", "please bring your own cup"))
    assert _traces(layout.data, " to her brother")

    assert memory.forget([_LETTER.origin, "live", "unknown"]) == 2

    assert not _traces(layout.data, " to her brother")
    for opened in (memory, _again(layout)):
        assert not opened.look_up(_WORDS.encode("she wrote a letter"))
        assert _offered(opened, "please bring") == ""
        assert _knows(opened, "he walked along", " the")


def test_it_is_forgotten_even_if_nothing_can_be_written(
    memory: Memory, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.refresh(lambda: [_LETTER, _RIVER])

    def full(*_: object) -> None:
        raise StateUnusable("The disk is full.")

    monkeypatch.setattr(memories.Snapshot, "rewrite", full)
    assert memory.forget([_LETTER.origin]) == 1
    assert not _traces(layout.data, " to her brother")
    assert not _knows(memory, "she wrote a letter", " to")
    monkeypatch.undo()
    assert memory.refresh(lambda: [_RIVER])
    assert _knows(memory, "he walked along", " the")


def test_forgetting_removes_a_file_that_cannot_be_read(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    (file,) = layout.memory.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    _again(layout).forget([_LETTER.origin])
    assert not _traces(layout.data, " to her brother")


# --- whatever happens to the file ----------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 30, -1, -40])
def test_a_damaged_file_is_made_anew(memory: Memory, layout: store.Layout, at: int) -> None:
    memory.refresh(lambda: [_LETTER])
    (file,) = layout.memory.iterdir()
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(content)

    opened = _again(layout)
    opened.look_up(_WORDS.encode("she wrote a letter"))
    assert opened.refresh(lambda: [_LETTER])

    assert _knows(opened, "she wrote a letter", " to")
    assert opened.problem == ""


def test_a_damaged_file_says_so_and_costs_only_itself(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    (file,) = layout.memory.iterdir()
    file.write_bytes(b"nothing of ours")
    opened = _again(layout)
    assert opened.problem
    assert opened.wants_refresh
    assert not opened.look_up(_WORDS.encode("she wrote"))
    opened.learn(_RIVER)
    assert _knows(opened, "he walked along", " the")


def test_looking_up_never_raises(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.refresh(lambda: [_LETTER])

    def broken(*_: object) -> None:
        raise IndexError("a place that is not there")

    monkeypatch.setattr(memories.Snapshot, "followers", broken)
    monkeypatch.setattr(memories.Snapshot, "places", broken)
    assert not memory.look_up(_WORDS.encode("she wrote a"))
    assert memory.wants_refresh
    assert memory.phrase(_WORDS.encode("she wrote a")) is None
    monkeypatch.undo()
    memory.refresh(lambda: [_LETTER])
    assert _knows(memory, "she wrote a", " letter")
    assert not memory.wants_refresh


@pytest.mark.parametrize("ids", [[], [-1], [2**40], [65_535] * 20])
def test_tokens_that_cannot_be_are_not_known(memory: Memory, ids: list[int]) -> None:
    memory.refresh(lambda: [_LETTER])
    assert not memory.look_up(ids)
    assert memory.phrase(ids) is None
    assert _knows(memory, "she wrote a letter", " to"), "and the file is still used"


def test_what_a_killed_process_left_half_written_is_removed(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    abandoned, under_way = layout.memory / ".index.bin.x7", layout.memory / ".index.bin.x8"
    for path in (abandoned, under_way):
        path.write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    assert _knows(_again(layout), "she wrote a letter", " to")
    assert {path.name for path in layout.memory.iterdir()} == {"index.bin", under_way.name}
    memory.forget([_LETTER.origin])
    assert {path.name for path in layout.memory.iterdir()} == {"index.bin"}


def test_another_tokenizer_begins_anew(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    others = Words(extra=70_000)
    other = Memory.open(layout.memory, others)
    assert not other.look_up(others.encode("she wrote a"))
    other.refresh(lambda: [_LETTER])
    assert other.look_up(others.encode("she wrote a"))


def test_the_file_is_the_authors_alone(memory: Memory, layout: store.Layout) -> None:
    memory.refresh(lambda: [_LETTER])
    (file,) = layout.memory.iterdir()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600  # noqa: PTH116 (as the system sees it)
    assert stat.S_IMODE(layout.memory.stat().st_mode) == 0o700


def test_a_disk_that_is_full_leaves_everything_as_it_was(
    memory: Memory, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.refresh(lambda: [_LETTER])

    def full(*_: object) -> None:
        raise StateUnusable("The disk is full.")

    monkeypatch.setattr(memories.snapshot, "write", full)
    with pytest.raises(StateUnusable):
        memory.refresh(lambda: [_RIVER])
    assert _knows(memory, "she wrote a letter", " to")
    assert _knows(_again(layout), "she wrote a letter", " to")


def test_what_was_asked_before_is_asked_anew_after_every_change(memory: Memory) -> None:
    ids = _WORDS.encode("we keep the")
    assert not memory.look_up(ids)
    memory.learn(Written("a", "we keep the boats"))
    followed = [memory.look_up(ids) for _ in range(2)]
    assert followed[0] == followed[1] and followed[0].followers[-1].order == 3
    memory.learn(Written("b", "we keep the letter"))
    assert memory.look_up(ids).followers[-1].counted.total == 2
    memory.forget(["a"])
    assert memory.look_up(ids).followers[-1].counted.total == 1
    memory.refresh(list)
    assert not memory.look_up(ids)
