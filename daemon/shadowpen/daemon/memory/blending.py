"""Blend continuations from the user's text into a model's logits.

From short contexts to long each order takes a share of the probability for its own counts, with absolute discounting
(Ney, Essen and Kneser 1994) and the model in the place of the lowest order. How large a share is a logistic function
of how much was seen, how unanimous it is, how sure the model is, and what the model thinks of the likeliest token.
Its weights were fitted on 36,864 tokens of later texts of nine authors, each with their earlier texts as the memory.
"""

from __future__ import annotations

import math

import numpy as np

from shadowpen.daemon.memory.recall import BLENDED_ORDERS, Followers, Recall

_DISCOUNT = 0.5
_LOG2_SEEN, _LOG2_DIFFERENT, _SHARE, _MODEL_TOP, _MODEL_LIKELIEST, _SHARE_AND_LIKELIEST = (
    0.36,
    -0.37,
    1.97,
    -1.73,
    0.21,
    0.84,
)
_BIAS = (-5.06, -2.79, -2.83, -3.11, -3.37, -2.18)  # by the order, 1 to BLENDED_ORDERS
_LEAST_LOG = -12.0  # below, the model's opinion says no more
assert len(_BIAS) == BLENDED_ORDERS


def blend(logits: np.ndarray, recall: Recall) -> np.ndarray:
    """float32 [vocabulary] whose softmax is the blend; `logits` itself, unchanged, where nothing is remembered.

    Only the tokens that are remembered get other logits: what the model loses to them is in the normalisation.
    """
    if not recall:
        return logits
    top = float(logits.max())
    log_sum = top + math.log(float(np.exp(logits - top).sum()))
    certainty = math.exp(top - log_sum)
    left = 1.0  # of the model's own share
    added: dict[int, float] = {}  # to the model's probability, both before the division by `left`
    for followers in recall.followers:
        likeliest = float(logits[followers.counted.likeliest]) - log_sum
        share = share_of(followers, certainty, likeliest)
        left *= 1.0 - share
        counted = {
            token: weight - _DISCOUNT for token, weight in followers.counted.weights.items() if weight > _DISCOUNT
        }
        scale = share / left / (sum(counted.values()) or 1.0)
        if not counted:
            counted, scale = followers.counted.weights, share / left / followers.counted.total
        for token, weight in counted.items():
            added[token] = added.get(token, 0.0) + weight * scale
    tokens = np.fromiter(added, np.int64, len(added))
    blended = logits.copy()
    log_p = logits[tokens].astype(np.float64) - log_sum
    more = np.log(np.exp(log_p) + np.fromiter(added.values(), np.float64, len(added)))
    blended[tokens] = more + log_sum
    return blended


def part(own: float, blended: float) -> float:
    """What part of a token's probability the memory put in, 0 to 1; from its logits without the memory and with it.

    Where the orders together take the share w, of the model's probability p (1 - w) p is left in the blend's P. The
    rest of P, 1 - (1 - w) p / P, is the memory's. The blend's logits stand for P / (1 - w), see blend().
    """
    return max(0.0, 1.0 - math.exp(own - blended))


def share_of(followers: Followers, certainty: float, likeliest: float) -> float:
    """What part of the probability an order takes.

    Less than one word of the author's own is worth as much less. `certainty` is the model's probability of its own
    likeliest token, `likeliest` its log-probability of the memory's.
    """
    opinion = max(likeliest, _LEAST_LOG) / 4
    score = (
        _BIAS[followers.order - 1]
        + _LOG2_SEEN * math.log2(max(followers.counted.total, 1.0))
        + _LOG2_DIFFERENT * math.log2(len(followers.counted.weights))
        + _SHARE * followers.share
        + _MODEL_TOP * certainty
        + _MODEL_LIKELIEST * opinion
        + _SHARE_AND_LIKELIEST * followers.share * opinion
    )
    return min(1.0, followers.counted.total) / (1 + math.exp(-score))
