from support.models.scripted_model import ScriptedEngine

from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.engine.window import open_window


def test_the_least_recently_used_document_goes_first() -> None:
    engine = ScriptedEngine(range(1, 50), 60, 0)
    pool = SessionPool(engine, budget_bytes=40_000)
    for name in ("a", "b", "c"):
        for _ in pool.get(name).reach([1, 2, 3, 4]):
            pass
    used = {name: pool.get(name) for name in ("a", "b", "c")}
    assert len(pool) == 3
    pool.get("a")
    for name in ("d", "e"):
        for _ in pool.get(name).reach(list(range(1, 30))):
            pass
    pool.get("e")
    assert pool.nbytes <= 40_000 or len(pool) == 1
    assert pool.get("b") is not used["b"]


def test_one_document_alone_may_exceed_the_budget() -> None:
    pool = SessionPool(ScriptedEngine(range(1, 50), 60, 0), budget_bytes=10)
    for _ in pool.get("a").reach([1, 2, 3]):
        pass
    assert pool.get("a").ids == [1, 2, 3]


def test_a_closed_document_is_forgotten() -> None:
    pool = SessionPool(ScriptedEngine(range(1, 50), 60, 0), budget_bytes=1 << 20)
    for _ in pool.get("a").reach([1, 2, 3]):
        pass
    pool.drop("a")
    assert pool.get("a").ids == []


def test_documents_that_are_written_in_at_once_share_the_budget_and_none_is_read_again() -> None:
    engine = ScriptedEngine(range(1, 50), 60, 0)
    pool = SessionPool(engine, budget_bytes=2_000_000)
    names = [f"d{number}" for number in range(5)]

    def write(length: int) -> int:
        """A key in each of them; the tokens that were read."""
        before = sum(engine.calls)
        for name in names:
            window = open_window(pool, name, list(range(length)), min(1024, pool.share_tokens))
            for _ in pool.get(name).reach(window):
                pass
        return sum(engine.calls) - before

    write(1000)
    write(1001)
    assert write(1002) == len(names)
    assert len(pool) == len(names) and pool.nbytes <= 2_000_000
    assert pool.is_crowded


def test_whoever_writes_alone_has_all_of_it_again_soon() -> None:
    now = [0.0]
    pool = SessionPool(ScriptedEngine(range(1, 50), 60, 0), 100_000, clock=lambda: now[0])
    for name in ("a", "b", "c"):
        for _ in pool.get(name).reach([1, 2, 3, 4]):
            pass
    assert pool.is_shared and pool.share_tokens < 1024
    now[0] = 20.0
    pool.get("a")
    assert not pool.is_shared and pool.share_tokens > 1 << 20
