"""Choose the largest of the known models that is fast enough on this machine.

Goes from the smallest up and stops where nothing larger can be quick enough, or when the time is up. How a shape is
timed is in `timing`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.recipes.ladder.known import KnownModel
from shadowpen.exporters.recipes.ladder.timing import ModelPace

# Half of the ghost texts of a writer at work take no more: the text before the cursor has been read by then, and few
# grow long (docs/decisions/0102).
GHOST_TEXT_TOKENS = 3
READ_TOKENS = 256  # what a paragraph is written behind, when the model has not read it yet
PARAGRAPH_TOKENS = 100
_HOPELESS = 2.0  # times over both limits: larger ones are slower still


@dataclass(frozen=True)
class SpeedLimits:
    """What counts as quick enough, and what there is room for.

    `ghost_text_ms` for a ghost text, `paragraph_s` for a paragraph; `memory_bytes` for the one model that does all, and
    `writing_bytes` for a second one.
    """

    ghost_text_ms: float
    paragraph_s: float
    memory_bytes: int
    writing_bytes: int


@dataclass(frozen=True)
class TimedModel:
    """A known model, and what it would take here; without a pace `why` says why it was not timed."""

    model: KnownModel
    pace: ModelPace | None
    why: str = ""

    @property
    def ghost_text_ms(self) -> float | None:
        return self.pace.ghost_text_ms(GHOST_TEXT_TOKENS) if self.pace else None

    @property
    def paragraph_s(self) -> float | None:
        return self.pace.writing_ms(READ_TOKENS, PARAGRAPH_TOKENS) / 1000 if self.pace else None

    def does_ghost_text(self, limits: SpeedLimits) -> bool:
        return self.does_ghost_text_within(limits.ghost_text_ms, limits)

    def does_ghost_text_within(self, ms: float, limits: SpeedLimits) -> bool:
        """Whether it does with another deadline than that of `limits`."""
        fits = self.model.memory_bytes() <= limits.memory_bytes
        return fits and self.ghost_text_ms is not None and self.ghost_text_ms <= ms

    def writes(self, limits: SpeedLimits) -> bool:
        fits = self.model.memory_bytes() <= min(limits.memory_bytes, limits.writing_bytes)
        return fits and self.paragraph_s is not None and self.paragraph_s <= limits.paragraph_s


def timed(
    models: Sequence[KnownModel],
    limits: SpeedLimits,
    languages: Collection[str],
    measure: Callable[[Architecture], ModelPace],
    within_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[TimedModel]:
    """Each model that can be used at all, timed; none is begun after `within_s` seconds."""
    until_s, hopeless = clock() + within_s, False
    for model in sorted(models, key=lambda one: one.parameters):
        why = _why_not(model, limits, languages)
        if not why and hopeless:
            why = "slower than those above"
        if not why and clock() >= until_s:
            why = "the time was up"
        found = TimedModel(model, None if why else measure(model.architecture), why)
        hopeless = hopeless or _is_hopeless(found, limits)
        yield found


def largest(found: Sequence[TimedModel], fits: Callable[[TimedModel], bool]) -> TimedModel | None:
    """The largest model of those that fit; None for none."""
    return max((one for one in found if fits(one)), key=lambda one: one.model.parameters, default=None)


def _why_not(model: KnownModel, limits: SpeedLimits, languages: Collection[str]) -> str:
    if not model.writes(languages):
        return f"does not write {', '.join(sorted(set(languages) - set(model.languages)))}"
    if model.memory_bytes() > limits.memory_bytes:
        return "takes more memory than is free"
    return ""


def _is_hopeless(found: TimedModel, limits: SpeedLimits) -> bool:
    ghost_text_ms, paragraph_s = found.ghost_text_ms, found.paragraph_s
    if ghost_text_ms is None or paragraph_s is None:
        return False
    return ghost_text_ms > _HOPELESS * limits.ghost_text_ms and paragraph_s > _HOPELESS * limits.paragraph_s
