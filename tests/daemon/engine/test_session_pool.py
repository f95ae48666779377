from support.models.scripted_model import ScriptedEngine

from shadowpen.daemon.engine.session_pool import SessionPool


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
