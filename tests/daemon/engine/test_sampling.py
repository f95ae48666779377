import numpy as np

from shadowpen.daemon.base.sections import ContinuationSettings, ExpansionSettings
from shadowpen.daemon.engine.sampling import Sampler, most_tokens
from shadowpen.daemon.wire.protocol import Sampling

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


def test_only_the_likeliest_are_picked_from() -> None:
    logits = np.full(500, -10.0, np.float32)
    logits[[7, 8, 9]] = [5.0, 4.9, 4.8]
    assert {Sampler(seed=s, top_p=1.0, top_k=2).pick(logits, [], NOTHING) for s in range(30)} == {7, 8}
    assert {Sampler(2.0, 1.0, seed=s, do_sample=False).pick(logits, [], NOTHING) for s in range(30)} == {7}


def test_a_request_has_its_way_and_the_settings_the_rest() -> None:
    logits = np.random.default_rng(1).normal(size=500).astype(np.float32)

    def picks(sampler: Sampler) -> list[int]:
        return [sampler.pick(logits, [3], NOTHING) for _ in range(20)]

    settings = ContinuationSettings(temperature=0.4, top_p=0.8)
    assert picks(Sampler.of(settings, Sampling(top_p=0.5), 2)) == picks(Sampler(0.4, 0.5, 1.15, 2))
    greedy = ContinuationSettings(do_sample=False)
    assert (
        len(set(picks(Sampler.of(greedy, Sampling()))))
        == 1
        < len(set(picks(Sampler.of(greedy, Sampling(do_sample=True)))))
    )


def test_the_defaults_are_those_of_the_verbs_before_there_were_settings() -> None:
    logits = np.random.default_rng(1).normal(size=500).astype(np.float32)
    for settings, sampler in ((ContinuationSettings(), Sampler()), (ExpansionSettings(), Sampler(0.7, 0.9, 1.1))):
        set_up = Sampler.of(settings, Sampling())
        assert [set_up.pick(logits, [3, 4], NOTHING) for _ in range(20)] == [
            sampler.pick(logits, [3, 4], NOTHING) for _ in range(20)
        ]


def test_tokens_are_limited_by_the_lower_limit() -> None:
    assert most_tokens(80, ContinuationSettings(), Sampling()) == 80
    assert most_tokens(80, ContinuationSettings(max_new_tokens=30), Sampling()) == 30
    assert most_tokens(80, ContinuationSettings(max_new_tokens=30), Sampling(max_new_tokens=100)) == 80
