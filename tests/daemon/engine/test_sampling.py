import numpy as np

from shadowpen.daemon.engine.sampling import Sampler

NOTHING = np.asarray([], np.int64)


def test_the_same_seed_makes_the_same_choices() -> None:
    logits = np.random.default_rng(1).normal(size=500).astype(np.float32)
    one, two = Sampler(seed=3), Sampler(seed=3)
    assert [one.pick(logits, [], NOTHING) for _ in range(20)] == [two.pick(logits, [], NOTHING) for _ in range(20)]


def test_only_the_nucleus_is_picked_from() -> None:
    logits = np.full(500, -10.0, np.float32)
    logits[[7, 8]] = 5.0
    assert {Sampler(seed=s).pick(logits, [], NOTHING) for s in range(30)} == {7, 8}


def test_forbidden_tokens_are_never_picked_and_recent_ones_less() -> None:
    logits = np.full(500, -10.0, np.float32)
    logits[[7, 8, 9]] = [6.0, 5.0, 4.9]
    assert Sampler(temperature=0.01).pick(logits, [], np.asarray([7])) == 8
    assert Sampler(temperature=0.01, penalty=2.0).pick(logits, [7, 8], NOTHING) == 9
