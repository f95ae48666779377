"""The written index and the live text answer alike, and as counting by hand does."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.models.words import as_learned, counted

from shadowpen.daemon.memory.index.codes import CONTEXT, DEPTH, MODEL, OWN, Code
from shadowpen.daemon.memory.index.live import LiveText
from shadowpen.daemon.memory.index.snapshot import Damaged, Snapshot, is_whole, write
from shadowpen.daemon.memory.index.texts import Learned
from shadowpen.daemon.memory.recall import Index

_BYTES = [b""] * 1_000
Make = Callable[[list[Learned], Code], Index]


def _live(texts: list[Learned], code: Code) -> LiveText:
    live = LiveText(code, _BYTES)
    for text in texts:
        list(live.learn(text))
    return live


@pytest.fixture
def filed(tmp_path: Path) -> Callable[[list[Learned], Code], Snapshot]:
    def make(texts: list[Learned], code: Code) -> Snapshot:
        write(tmp_path / "index.bin", texts, "t", code)
        return Snapshot(tmp_path / "index.bin", "t", code, _BYTES)

    return make


@pytest.fixture(params=["filed", "live"])
def make(request: pytest.FixtureRequest) -> Make:
    return request.getfixturevalue("filed") if request.param == "filed" else _live


def _texts(seed: int, different: int = 5, many: int = 6) -> list[list[int]]:
    chance = random.Random(seed)
    return [[chance.randrange(different) for _ in range(chance.randrange(1, 80))] for _ in range(many)]


def _check(index: Index, code: Code, texts: list[list[int]], chance: random.Random) -> None:
    for _ in range(100):
        text = chance.choice([text for text in texts if len(text) > 1])
        end = chance.randrange(1, len(text))
        ids = text[max(0, end - chance.randrange(1, 20)) : end]
        orders = min(DEPTH, len(ids))
        spans = index.spans(code.context(ids), orders)
        found = [index.followers(span).weights for span in spans] + [{}] * (orders - len(spans))
        assert found == [counted(texts, ids[-order:]) for order in range(1, orders + 1)]


@pytest.mark.parametrize("vocabulary", [1_000, 200_000])
@pytest.mark.parametrize("seed", range(3))
def test_followers_are_what_counting_gives(make: Make, vocabulary: int, seed: int) -> None:
    code, texts = Code.of(vocabulary), _texts(seed)
    index = make([as_learned(code, ids, str(i), i) for i, ids in enumerate(texts)], code)
    _check(index, code, texts, random.Random(seed))


def test_of_very_many_followers_a_sample_is_scaled(make: Make) -> None:
    code, chance = Code.of(1_000), random.Random(1)
    ids = [token for _ in range(3_000) for token in (7, chance.choice([1, 2, 2, 2]))]
    index = make([as_learned(code, ids)], code)
    weights = index.followers(index.spans(code.context([7]), 1)[0]).weights
    assert sum(weights.values()) == pytest.approx(3_000, rel=0.1)
    assert weights[2] / sum(weights.values()) == pytest.approx(0.75, abs=0.1)


def test_context_counts_nothing_and_the_models_words_little(make: Make) -> None:
    code = Code.of(1_000)
    index = make([as_learned(code, [1, 2, 3, 4], kinds=[OWN, CONTEXT, MODEL, OWN])], code)
    follow = {token: index.spans(code.context([token]), 1) for token in (1, 2, 3)}
    assert follow[1] == []
    assert index.followers(follow[2][0]).weights == {3: 0.3}
    assert index.followers(follow[3][0]).weights == {4: 1.0}


def test_a_place_is_read_on_to_the_end_of_its_text_and_names_it(make: Make) -> None:
    code = Code.of(1_000)
    index = make([as_learned(code, [1, 2, 3], "a", 1), as_learned(code, [4, 5, 6], "b", 2)], code)
    (span,) = index.spans(code.context([4]), 1)
    (place,) = index.places(span, 10)
    assert [index.token(index.onward(place, step))[0] for step in (-2, -1, 0, 1, 2)] == [
        *(code.separator, 4, 5, 6),
        code.separator,
    ]
    assert index.document(place).origin == "b"
    assert index.token(index.onward(place, 10_000)) == (code.separator, CONTEXT)
    assert index.token(index.onward(place, -10_000)) == (code.separator, CONTEXT)


def test_newer_places_come_first(make: Make) -> None:
    code = Code.of(1_000)
    index = make([as_learned(code, [1, 2, n], str(n), time=n) for n in range(10, 15)], code)
    places = index.places(index.spans(code.context([1, 2]), 2)[1], 64)
    assert [index.token(place)[0] for place in places] == [14, 13, 12, 11, 10]


# --- the live text -------------------------------------------------------------------------------


def test_what_is_dropped_was_never_there() -> None:
    code, texts, chance = Code.of(1_000), _texts(4, many=12), random.Random(4)
    live = _live([as_learned(code, ids, str(i)) for i, ids in enumerate(texts)], code)
    for i in (0, 3, 11):
        assert live.drop(str(i))
    assert not live.drop("3")
    _check(live, code, [ids for i, ids in enumerate(texts) if i not in (0, 3, 11)], chance)
    assert len(live.documents) == 9


def test_a_text_learned_again_replaces_itself() -> None:
    code = Code.of(1_000)
    live = _live([as_learned(code, [1, 2]), as_learned(code, [1, 3])], code)
    assert live.followers(live.spans(code.context([1]), 1)[0]).weights == {3: 1.0}


# --- the file ------------------------------------------------------------------------------------


def test_what_is_struck_out_counts_no_more_and_is_gone_from_a_rewritten_file(tmp_path: Path) -> None:
    code, texts = Code.of(1_000), _texts(7, many=9)
    path = tmp_path / "index.bin"
    write(path, [as_learned(code, ids, str(i), i) for i, ids in enumerate(texts)], "t", code)
    before = path.read_bytes()
    index = Snapshot(path, "t", code, _BYTES)
    index.strike(["2", "8", "unknown"])
    staying = [ids for i, ids in enumerate(texts) if i not in (2, 8)]
    assert path.read_bytes() == before
    assert index.has_struck
    for ids in texts[2], texts[8]:
        for end in range(1, len(ids)):
            spans = index.spans(code.context(ids[:end]), min(DEPTH, end))
            found = [index.followers(span).weights for span in spans]
            assert found == [counted(staying, ids[end - order : end]) for order in range(1, len(spans) + 1)]

    index.rewrite(path)

    again = Snapshot(path, "t", code, _BYTES)
    assert not again.has_struck
    assert is_whole(path)
    assert again.standing.keys() == {"0", "1", "3", "4", "5", "6", "7"}
    _check(again, code, staying, random.Random(7))
    for i in (0, 7):
        assert again.read(again.standing[str(i)]).ids.tolist() == texts[i]


def test_a_text_is_read_back_as_it_was_learned(filed: Callable[[list[Learned], Code], Snapshot]) -> None:
    code = Code.of(1_000)
    index = filed([as_learned(code, [3, 1, 2], "a", 5, [OWN, CONTEXT, MODEL])], code)
    read = index.read(index.standing["a"])
    assert (read.ids.tolist(), read.kinds.tolist(), read.time) == ([3, 1, 2], [OWN, CONTEXT, MODEL], 5)


def test_an_index_without_texts_answers_nothing(filed: Callable[[list[Learned], Code], Snapshot]) -> None:
    code = Code.of(1_000)
    assert filed([], code).spans(code.context([1]), DEPTH) == []
    assert filed([as_learned(code, [], "empty"), as_learned(code, [1], "one")], code).spans(b"", 0) == []


@pytest.mark.parametrize("at", [0, 10, -1, -5, -60])
def test_a_changed_byte_is_found(tmp_path: Path, at: int) -> None:
    code, path = Code.of(1_000), tmp_path / "index.bin"
    write(path, [as_learned(code, ids, str(i)) for i, ids in enumerate(_texts(1))], "t", code)
    assert is_whole(path)
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(Damaged):
        Snapshot(path, "t", code, _BYTES)
        if not is_whole(path):
            raise Damaged("found by reading it all")


@pytest.mark.parametrize("length", [0, 3, 50, 400])
def test_a_file_cut_short_is_damaged(tmp_path: Path, length: int) -> None:
    code, path = Code.of(1_000), tmp_path / "index.bin"
    write(path, [as_learned(code, ids, str(i)) for i, ids in enumerate(_texts(1))], "t", code)
    path.write_bytes(path.read_bytes()[:length])
    assert not is_whole(path)
    with pytest.raises(Damaged):
        Snapshot(path, "t", code, _BYTES)


def test_the_index_of_another_tokenizer_is_of_no_use(tmp_path: Path) -> None:
    code, path = Code.of(1_000), tmp_path / "index.bin"
    write(path, [as_learned(code, [1, 2, 3])], "t", code)
    with pytest.raises(Damaged):
        Snapshot(path, "another", code, _BYTES)
    with pytest.raises(Damaged):
        Snapshot(path, "t", Code.of(200_000), _BYTES)


def test_a_process_killed_while_it_writes_leaves_the_old_index(tmp_path: Path) -> None:
    code, path = Code.of(1_000), tmp_path / "index.bin"
    write(path, [as_learned(code, [1, 2, 3], "old")], "t", code)
    program = (
        "import os, sys, pathlib, numpy as np\n"
        "from shadowpen.daemon.memory.index import snapshot\n"
        "from shadowpen.daemon.memory.index.codes import Code\n"
        "from shadowpen.daemon.memory.index.texts import Learned\n"
        "code = Code.of(1_000)\n"
        "snapshot._TAIL = type('Dying', (), {'pack': lambda *_: os.kill(os.getpid(), 9)})()\n"
        "text = Learned('new', 0, '', np.arange(9, dtype=code.dtype), np.full(9, 2, np.uint8))\n"
        "snapshot.write(pathlib.Path(sys.argv[1]), [text], 't', code)\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program, os.fspath(path)], check=False)
    assert done.returncode == -9
    assert len(list(tmp_path.iterdir())) == 2, "it died while it wrote"
    assert Snapshot(path, "t", code, _BYTES).standing.keys() == {"old"}
