"""Memory's contribution to a generated text: its share, and where its words come from.

Of such a text only numbers are kept. Where its words stood before is looked up when somebody asks, token by token with
the tokens before it, as for the blend, but for as long a match as there is. Knows neither models nor files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shadowpen.daemon.memory.index.codes import KIND_WEIGHTS, Code
from shadowpen.daemon.memory.phrases import Origin
from shadowpen.daemon.memory.recall import Index, matches

_MOST_PLACES = 256  # of one context
_LED = 0.5  # of what the memory lent to a token at most: so much led to it, less only agreed


@dataclass(frozen=True)
class AttributedText:
    """A generated text, and the memory's share in it.

    A text of the tokens `ids`, after `before`; `parts` is what the memory lent of each token's probability.

    See blending.part. `share` is the mean of the parts over the text's characters: 0 where all of it is the model's
    own, 1 where the memory alone would have said the same.
    """

    before: tuple[int, ...]
    ids: tuple[int, ...]
    parts: tuple[float, ...]
    share: float

    @property
    def led(self) -> list[int]:
        """The tokens, by their place in the text, that the memory led to rather than agreed with."""
        most = max(self.parts, default=0.0)
        return [at for at, part in enumerate(self.parts) if part > 0 and part >= most * _LED]


@dataclass(frozen=True)
class Match:
    """A stretch of a generated text that stands in the user's text too.

    `tokens` tokens of a text stand at `origin` as well; one of them stands there behind the same `order` tokens.
    """

    origin: Origin
    tokens: int
    order: int

    @property
    def document(self) -> str:
        return self.origin.index.document(self.origin.place).origin

    @property
    def stands(self) -> bool:
        """Whether any of it still counts; what was forgotten does not."""
        index, place = self.origin.index, self.origin.place
        return any(KIND_WEIGHTS[index.token(index.onward(place, step))[1]] for step in range(self.tokens))


def share_of_characters(parts: Sequence[float], ends: Sequence[int], characters: int) -> float:
    """The mean of the `parts` over the first `characters`, where each token's text ends (`ends`, in characters)."""
    sizes = (min(end, characters) - min(begin, characters) for begin, end in pairwise([0, *ends]))
    return sum(part * size for part, size in zip(parts, sizes, strict=True)) / characters if characters else 0.0


def found_again(
    indexes: Iterable[Index], lent: AttributedText, at: int, code: Code, may_be_named: Callable[[str], bool]
) -> list[Match]:
    """Places where the token followed the longest run of the same tokens; newest first.

    Only in documents that `may_be_named`; nowhere if the memory does not hold it any more.
    """
    found = matches(indexes, (*lent.before, *lent.ids[:at]), code)
    tried: list[tuple[int, int]] = []
    for order in range(max((len(match.spans) for match in found), default=0), 0, -1):
        spans = [(match.index, match.spans[order - 1]) for match in found if len(match.spans) >= order]
        if [span for _, span in spans] == tried:
            continue  # the same places as with a token more
        tried = [span for _, span in spans]
        origins = [Origin(index, place) for index, span in spans for place in index.places(span, _MOST_PLACES)]
        alike = [_whole(origin, lent.ids, at, order) for origin in origins if _follows(origin, lent.ids[at])]
        named = [match for match in alike if may_be_named(match.document)]
        if named:
            return named
    return []


def _follows(origin: Origin, token: int) -> bool:
    """Whether the token follows there, and counts: what was forgotten does not."""
    following, kind = origin.index.token(origin.place)
    return following == token and KIND_WEIGHTS[kind] > 0


def _whole(origin: Origin, ids: Sequence[int], at: int, order: int) -> Match:
    """The match with all tokens of the text around the one `at` that stand at the origin too."""
    index, place = origin.index, origin.place
    back, on = 0, 1
    while back < at and index.token(index.onward(place, -back - 1))[0] == ids[at - back - 1]:
        back += 1
    while at + on < len(ids) and index.token(index.onward(place, on))[0] == ids[at + on]:
        on += 1
    return Match(Origin(index, index.onward(place, -back)), back + on, order)
