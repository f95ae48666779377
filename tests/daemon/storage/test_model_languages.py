"""daemon/storage/model_languages.py: which languages a model writes."""

from __future__ import annotations

import pytest

from shadowpen.daemon.storage.model_languages import MULTILINGUAL, languages
from shadowpen.daemon.storage.models import SCHEMA, Manifest, Provenance, Shape
from shadowpen.exporters.sources.defaults import HUB_LOCATOR, WHEEL_LOCATOR


@pytest.mark.parametrize(
    ("written", "locator", "kind", "tokens"),
    [
        ({"en"}, WHEEL_LOCATOR, "llama", 49_152),
        ({"en"}, HUB_LOCATOR, "llama", 49_152),
        ({"en"}, "/home/user/models/small", "llama", 49_152),
        ({"en"}, "hf:openai-community/gpt2", "gpt2", 50_257),
        (None, MULTILINGUAL, "gemma3_text", 262_144),
        (None, "/home/user/models/mine", "qwen3", 151_936),
    ],
)
def test_the_default_writes_english_and_gemma_others_too(
    written: set[str] | None, locator: str, kind: str, tokens: int
) -> None:
    shape = Shape(model_type=kind, layers=1, hidden=8, heads=1, kv_heads=1, head_dim=8, vocab=tokens, context_length=64)
    manifest = Manifest(
        schema=SCHEMA,
        name="model",
        source=Provenance(kind="hub", locator=locator, sha256="", licence=""),
        architecture=shape,
        bos_id=None,
        eos_ids=[0],
        precisions={},
        default_precision="int8",
        created="",
    )
    assert languages(manifest) == written
