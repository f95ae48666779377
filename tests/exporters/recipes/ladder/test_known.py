"""The table of known models: facts that agree with each other and with what the exporter makes of them."""

from __future__ import annotations

import pytest

from shadowpen.exporters.checkpoints.families import FAMILIES
from shadowpen.exporters.recipes.ladder.known import KnownModel, known_models
from shadowpen.exporters.sources.base import find_source
from shadowpen.exporters.sources.defaults import HUB_LOCATOR
from shadowpen.exporters.sources.files import licence

MODELS = known_models()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_shape_has_as_many_parameters_as_its_makers_say(model: KnownModel) -> None:
    assert model.parameters == pytest.approx(model.millions * 1e6, rel=0.005)
    assert model.architecture.model_type in FAMILIES
    assert find_source(model.locator).locator == model.locator
    assert model.kind in ("base", "chat")
    assert model.licence == model.licence.lower()


def test_there_is_a_step_for_every_machine_and_the_default_is_the_first() -> None:
    assert [model.parameters for model in MODELS] == sorted(model.parameters for model in MODELS)
    assert MODELS[0].locator == HUB_LOCATOR
    assert MODELS[-1].parameters > 20 * MODELS[0].parameters
    assert len({model.locator for model in MODELS}) == len({model.name for model in MODELS}) == len(MODELS)
    assert any(licence.wants_acceptance(model.licence) for model in MODELS)


def test_memory_grows_with_precision_and_languages_are_a_set() -> None:
    first = MODELS[0]
    assert first.memory_bytes("int8") < first.memory_bytes("fp16") < first.memory_bytes("fp32")
    assert first.writes({"en"}) and not first.writes({"en", "de"})
    assert next(model for model in MODELS if not model.languages).writes({"en", "zh"})
