"""Decide which documents are served, and for which of them nothing ever leaves this process.

A document out of scope is Inactive: it is tracked, since it may shrink or the settings change, but none
of its text is sent to the daemon. The author's own rules are `daemon.privacy.paths`; size and the editor's
restrictions come on top. This file knows neither the daemon nor suggestions.
"""

from __future__ import annotations

from shadowpen.daemon.privacy import paths
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.editor.settings import LiveSettings

MAX_DOCUMENT_BYTES = 1_000_000


class Scope:
    """Which documents are served."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._judged_by = settings.author(), settings.options
        self._by_address: dict[tuple[str, str], str] = {}

    def why_inactive(self, document: OpenDocument) -> str:
        """The sentence why `document` is not served; "" when it is."""
        options = self._settings.options
        if not options.enabled:
            return "Suggestions are switched off in this editor."
        if document.lines.utf8_bytes > MAX_DOCUMENT_BYTES:
            return "The document is over 1 MB."
        if document.language in options.languages_off:
            return f"Suggestions are switched off for {document.language}."
        return self._address(document.uri, document.language)

    def _address(self, uri: str, language: str) -> str:
        """The verdict on an address; it looks at links on the disk, so once a document and not at every key."""
        author, options = self._settings.author(), self._settings.options
        if self._judged_by[0] is not author or self._judged_by[1] is not options:
            self._judged_by = author, options
            self._by_address.clear()
        known = self._by_address.get((uri, language))
        if known is None:
            code = author.completion.code != "off"
            judged = paths.verdict(uri, language, author.learning, extra_exclude=options.exclude, code=code)
            known = self._by_address[uri, language] = "" if judged.allowed else judged.reason
        return known
