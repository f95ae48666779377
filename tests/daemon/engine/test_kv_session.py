import numpy as np
import pytest
from support.models.scripted_model import ScriptedEngine

from shadowpen.daemon.engine.kv_session import KvSession


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(list(range(1, 100)), 120, 0)


def reach(session: KvSession, ids: list[int], chunk_tokens: int = 8) -> int:
    """Model calls made."""
    before = len(session.engine.calls)  # type: ignore[attr-defined]
    for _ in session.reach(ids, chunk_tokens):
        pass
    return len(session.engine.calls) - before  # type: ignore[attr-defined]


def test_a_prompt_is_read_in_chunks_and_yields_between_them(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    yields = len(list(session.reach(list(range(1, 21)), 8)))
    assert engine.calls == [8, 8, 4]
    assert yields == 2
    logits = session.after(list(range(1, 21)))
    assert logits is not None
    assert int(logits.argmax()) == 21


def test_what_is_there_is_not_read_again(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, [1, 2, 3, 4])
    assert reach(session, [1, 2, 3, 4]) == 0
    reach(session, [1, 2, 3, 4, 5, 6])
    assert engine.calls[-1] == 2
    assert reach(session, [1, 2, 3, 4]) == 0, "logits along the path are kept"


def test_an_edit_in_the_middle_costs_only_what_follows(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, [1, 2, 3, 4, 5, 6])
    reach(session, [1, 2, 3, 9, 5, 6])
    assert engine.calls[-1] == 3
    assert session.ids == [1, 2, 3, 9, 5, 6]
    assert session.after([1, 2, 3, 4, 5, 6]) is None


def test_a_shorter_text_whose_logits_are_gone_runs_one_token(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, list(range(1, 21)), chunk_tokens=20)
    assert session.after([1, 2, 3]) is None
    reach(session, [1, 2, 3])
    assert engine.calls[-1] == 1


def test_another_request_between_two_steps_spoils_nothing(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    long = list(range(1, 31))
    walk = session.reach(long, 8)
    next(walk)
    reach(session, [1, 2, 50, 51])
    for _ in walk:
        pass
    fresh = KvSession(engine)
    reach(fresh, long)
    assert session.ids == long
    assert np.array_equal(session.after(long), fresh.after(long))  # type: ignore[arg-type]


def test_kept_logits_are_bounded(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    for n in range(1, 90):
        reach(session, list(range(1, n + 1)))
    assert len(session._logits) <= 32


def test_a_glance_beside_the_path_is_kept_when_the_path_goes_on(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, [1, 2, 3])
    for _ in session.glance([1, 2, 9]):
        pass
    reach(session, [1, 2, 3, 4])
    calls = len(engine.calls)
    glimpsed = session.glimpsed([1, 2, 9])
    assert glimpsed is not None and session.after([1, 2, 9]) is None
    assert np.array_equal(glimpsed, engine._after([1, 2, 9]))
    for _ in session.glance([1, 2, 9]):
        pass
    assert len(engine.calls) == calls and session.ids == [1, 2, 3, 4]
    assert session.glimpsed([1, 2, 3, 4]) is not None, "the path is known as well"


def test_only_the_last_glances_are_kept(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    for token in range(2, 102):
        for _ in session.glance([1, token]):
            pass
    assert session.glimpsed([1, 2]) is None and session.glimpsed([1, 50]) is None
    assert session.glimpsed([1, 100]) is not None
    assert session.nbytes <= 2000 + 40 * engine.vocabulary_size * 4


def log_probability(session: KvSession, ids: list[int], count: int) -> float:
    asking = session.log_probability(ids, count)
    while True:
        try:
            next(asking)
        except StopIteration as end:
            return float(end.value)


def test_several_tokens_are_scored_in_one_call(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, [1, 2, 3])
    known = len(engine.calls)
    right, wrong = log_probability(session, [1, 2, 3, 4, 5, 6], 3), log_probability(session, [1, 2, 3, 4, 9, 6], 3)
    assert engine.calls[known : known + 1] == [2]
    assert right > wrong
    one_by_one = sum(log_probability(KvSession(engine), [1, 2, 3, 4, 5, 6][:end], 1) for end in (4, 5, 6))
    assert right == pytest.approx(one_by_one)


def test_after_scoring_the_text_is_still_known(engine: ScriptedEngine) -> None:
    session = KvSession(engine)
    reach(session, [1, 2, 3])
    log_probability(session, [1, 2, 3, 4, 5], 2)
    assert reach(session, [1, 2, 3]) == 0
    assert session.ids == [1, 2, 3, 4]
