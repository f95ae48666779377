"""Which known models are timed, and which of them is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.recipes.ladder.known import KnownModel, known_models
from shadowpen.exporters.recipes.ladder.recommending import SpeedLimits, TimedModel, largest, timed
from shadowpen.exporters.recipes.ladder.timing import ModelPace

MODELS = known_models()
LIMITS = SpeedLimits(ghost_text_ms=60, paragraph_s=20, memory_bytes=64 << 30, writing_bytes=64 << 30)


def machine(ms_a_billion: float) -> Callable[[Architecture], ModelPace]:
    """One whose time a token grows with the parameters."""
    by_shape = {model.architecture: model.parameters for model in MODELS}

    def measure(architecture: Architecture) -> ModelPace:
        token_ms = ms_a_billion * by_shape[architecture] / 1e9
        return ModelPace(token_ms, 1.5 * token_ms, 10 * token_ms)

    return measure


def found(
    measure: Callable[[Architecture], ModelPace], limits: SpeedLimits = LIMITS, **more: object
) -> list[TimedModel]:
    settings = {"languages": (), "within_s": 1e9, **more}
    return list(timed(MODELS, limits, measure=measure, **settings))  # type: ignore[arg-type]


def named(models: list[TimedModel], limits: SpeedLimits = LIMITS) -> tuple[str | None, str | None]:
    chosen = (
        largest(models, lambda one: one.does_ghost_text(limits)),
        largest(models, lambda one: one.writes(limits)),
    )
    ghost, writing = (one.model.name if one else None for one in chosen)
    return ghost, writing


def test_the_largest_that_is_quick_enough_is_named_for_each_purpose() -> None:
    assert named(found(machine(35))) == ("SmolLM2 360M", "SmolLM3 3B")
    assert named(found(machine(0.5))) == ("Qwen3 4B", "Qwen3 4B")
    assert named(found(machine(100_000))) == (None, None)


def test_larger_ones_are_not_timed_where_they_can_only_be_too_slow() -> None:
    models = found(machine(300))
    assert [one.why for one in models if one.pace is None] == ["slower than those above"] * 8
    assert models[5].pace is not None, "the first that is too slow for both was timed"
    assert named(models) == (None, "SmolLM2 360M")


def test_memory_and_the_limit_for_the_second_model_count() -> None:
    small = SpeedLimits(ghost_text_ms=60, paragraph_s=20, memory_bytes=3 << 30, writing_bytes=1 << 30)
    models = found(machine(0.5), small)
    assert named(models, small) == ("Qwen3 1.7B", "Qwen3 0.6B")
    assert {one.why for one in models if one.model.memory_bytes() > 3 << 30} == {"takes more memory than is free"}


def test_a_model_must_write_the_languages_that_are_declared() -> None:
    models = found(machine(0.5), languages={"en", "th"})
    assert models[0].why == "does not write th"
    assert all(one.pace is None for one in models if one.model.languages and "th" not in one.model.languages)
    assert named(models) == ("Qwen3 4B", "Qwen3 4B")


def test_no_model_is_begun_when_the_time_is_up() -> None:
    seconds = iter([0.0, 10.0, 20.0, *[99.0] * len(MODELS)])
    models = found(machine(0.5), within_s=60, clock=lambda: next(seconds))
    assert [one.pace is not None for one in models[:3]] == [True, True, False]
    assert {one.why for one in models[2:]} == {"the time was up"}


@pytest.mark.parametrize("model", MODELS[:1])
def test_what_was_not_timed_is_never_named(model: KnownModel) -> None:
    untimed = TimedModel(model, None, "the time was up")
    assert not untimed.does_ghost_text(LIMITS) and not untimed.writes(LIMITS)
    assert largest([untimed], lambda one: one.writes(LIMITS)) is None
