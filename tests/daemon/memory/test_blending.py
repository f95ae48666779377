from __future__ import annotations

import numpy as np
import pytest
from support.models.words import as_learned

from shadowpen.daemon.memory.blending import blend
from shadowpen.daemon.memory.index.codes import MODEL, OWN, Code
from shadowpen.daemon.memory.index.live import LiveText
from shadowpen.daemon.memory.recall import NOTHING, Recall, recall

_CODE = Code.of(1_000)


def _recall(texts: list[list[int]], ids: list[int], kind: int = OWN) -> Recall:
    live = LiveText(_CODE, [b""] * 1_000)
    for i, text in enumerate(texts):
        list(live.learn(as_learned(_CODE, text, str(i), kinds=[kind] * len(text))))
    return recall([live], ids, _CODE)


def _logits(**likely: float) -> np.ndarray:
    logits = np.random.default_rng(0).normal(size=100).astype(np.float32)
    for token, logit in likely.items():
        logits[int(token[1:])] = logit
    return logits


def _p(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum()


def test_where_nothing_is_remembered_the_logits_stay() -> None:
    logits = _logits()
    assert blend(logits, NOTHING) is logits
    assert blend(logits, _recall([[1, 2, 3]], [9])) is logits


def test_what_followed_becomes_likelier_and_all_else_keeps_its_proportions() -> None:
    logits = _logits()
    kept = logits.copy()
    before, after = _p(logits), _p(blend(logits, _recall([[1, 2, 3, 4]] * 4 + [[1, 2, 3, 5]], [1, 2, 3])))
    assert after[4] > 10 * before[4]
    assert after[4] > after[5] > before[5]
    others = np.delete(np.arange(100), [4, 5])
    assert np.allclose(after[others] / before[others], after[0] / before[0])
    assert (logits == kept).all()


def test_longer_contexts_and_more_evidence_weigh_more() -> None:
    logits = _logits()

    def gained(texts: list[list[int]], ids: list[int]) -> float:
        return float(_p(blend(logits, _recall(texts, ids)))[4])

    assert gained([[1, 2, 3, 4]], [1, 2, 3]) > gained([[3, 4]], [1, 2, 3])
    assert gained([[1, 2, 3, 4]] * 3, [1, 2, 3]) > gained([[1, 2, 3, 4]], [1, 2, 3])
    assert gained([[1, 2, 3, 4]] * 3, [1, 2, 3]) > gained([[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 3, 6]], [1, 2, 3])


def test_the_models_own_words_count_little() -> None:
    logits = _logits()
    own, models = (float(_p(blend(logits, _recall([[1, 2, 4]], [1, 2], kind)))[4]) for kind in (OWN, MODEL))
    nothing = float(_p(logits)[4])
    assert nothing < models < nothing + 0.5 * (own - nothing)


def test_a_sure_model_is_believed_more() -> None:
    unsure, sure = _logits(), _logits(t9=12.0)
    remembered = _recall([[1, 2, 4]], [1, 2])
    assert _p(blend(sure, remembered))[4] < 0.5 * _p(blend(unsure, remembered))[4]
    assert _p(blend(sure, remembered)).argmax() == 9


@pytest.mark.parametrize("logit", [-1e4, 0.0, 300.0])
def test_extreme_logits_stay_numbers(logit: float) -> None:
    blended = blend(_logits(t4=logit), _recall([[1, 2, 3, 4]] * 9, [1, 2, 3]))
    assert np.isfinite(blended).all()
    assert blended.dtype == np.float32
