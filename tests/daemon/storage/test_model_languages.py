"""daemon/storage/model_languages.py: which languages a model writes, and which its author does."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.sections import WritingSettings
from shadowpen.daemon.storage.model_languages import MULTILINGUAL, declared, languages, unwritten
from shadowpen.daemon.storage.models import SCHEMA, Manifest, Provenance, Shape
from shadowpen.exporters.sources.defaults import HUB_LOCATOR, MULTILINGUAL_LOCATOR, WHEEL_LOCATOR


def manifest(locator: str, kind: str = "llama", tokens: int = 49_152) -> Manifest:
    shape = Shape(model_type=kind, layers=1, hidden=8, heads=1, kv_heads=1, head_dim=8, vocab=tokens, context_length=64)
    return Manifest(
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
    assert languages(manifest(locator, kind, tokens)) == written


def test_the_model_for_other_languages_is_the_one_that_is_pinned() -> None:
    assert MULTILINGUAL == MULTILINGUAL_LOCATOR


def test_the_declared_languages_are_the_settings_or_the_systems_and_english() -> None:
    assert declared(WritingSettings(), {"LANG": "de_DE.UTF-8"}) == {"en", "de"}
    assert declared(WritingSettings(), {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}) == {"en"}
    assert declared(WritingSettings(), {"LANG": "zh_CN.UTF-8", "LC_CTYPE": "C.UTF-8"}) == {"en", "zh"}
    assert declared(WritingSettings(), {"LANG": "en_US.UTF-8", "LC_CTYPE": "zh_CN.UTF-8"}) == {"en", "zh"}
    assert declared(WritingSettings(), {"LANG": "C.UTF-8"}) == declared(WritingSettings(), {"LANG": "POSIX"}) == {"en"}
    assert declared(WritingSettings(languages=["zh", "PT"]), {"LANG": "de_DE.UTF-8"}) == {"zh", "pt"}


def test_what_the_author_writes_and_the_model_does_not_is_named() -> None:
    default, gemma = manifest(WHEEL_LOCATOR), manifest(MULTILINGUAL, "gemma3_text", 262_144)
    both = WritingSettings(languages=["zh", "en", "de"])
    assert unwritten(default, both) == "German, Chinese"
    assert unwritten(default, WritingSettings(languages=["en"])) == unwritten(gemma, both) == ""
    assert unwritten(default, WritingSettings(languages=["pl"])) == "pl"
