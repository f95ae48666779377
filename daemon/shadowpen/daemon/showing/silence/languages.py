"""Silence where the model does not write the language of the text, and the message on request.

A document stays in the language that was told last until another is clear. What the languages of models and of the
author are is in storage.model_languages; how a text's is told, in text.languages.
"""

from __future__ import annotations

from collections import OrderedDict

from shadowpen.daemon.base.errors import LanguageUnwritten
from shadowpen.daemon.base.sections import WritingSettings
from shadowpen.daemon.showing.naming import spoken
from shadowpen.daemon.storage.model_languages import INSTALL_MULTILINGUAL, MULTILINGUAL_NAME, declared
from shadowpen.daemon.text.languages import NAMES, language_at_end
from shadowpen.daemon.wire.protocol import Complete

_MOST_DOCUMENTS = 256


class WrittenLanguages:
    """What one model writes, None for everything, and the language of each document. Of the worker's thread alone."""

    def __init__(self, written: frozenset[str] | None = None, settings: WritingSettings | None = None) -> None:
        settings = settings or WritingSettings()
        self._written = written if settings.unwritten == "silent" else None
        self._declared = declared(settings)
        self._told: OrderedDict[str, str] = OrderedDict()

    def why_silent(self, request: Complete) -> str:
        """The rule's name where the model does not write the language before the cursor; "" where it does."""
        if self._written is None:
            return ""
        language = self._language_of(request.document, request.prefix)
        return "unwritten_language" if language and language not in self._written else ""

    def unwritten(self, text: str) -> str:
        """The language at the end of `text`, if the model does not write it; "" if it does, or that is not clear."""
        if self._written is None:
            return ""
        language = language_at_end(text, self._declared)
        return "" if language in self._written else language

    def check(self, text: str, model_name: str) -> None:
        """LanguageUnwritten where `text` ends in a language that the model does not write."""
        if language := self.unwritten(text):
            name = spoken(model_name.partition("@")[0])  # without the version
            raise LanguageUnwritten(
                f"{name[:1].upper()}{name[1:]} does not write {NAMES[language]}.",
                f"Install one that does: `{INSTALL_MULTILINGUAL}`, then `shadowpen models use {MULTILINGUAL_NAME}` "
                "and `shadowpen stop`.",
            )

    def _language_of(self, document: str, prefix: str) -> str:
        language = language_at_end(prefix, self._declared) or self._told.get(document, "")
        self._told[document] = language
        self._told.move_to_end(document)
        if len(self._told) > _MOST_DOCUMENTS:
            self._told.popitem(last=False)
        return language
