"""Which documents are served, and for which of them nothing ever leaves this process.

A document out of scope is Inactive: it is tracked, since it may shrink or the settings change, but none
of its text is sent to the daemon. The author's own rules are `daemon.privacy.paths`; size and the editor's
restrictions come on top. This file knows neither the daemon nor suggestions.
"""

from __future__ import annotations

from pathlib import Path

from shadowpen.daemon.base import config, store
from shadowpen.daemon.privacy import paths
from shadowpen.lsp_server.documents.documents import Document
from shadowpen.lsp_server.editor.options import Options

MAX_DOCUMENT_BYTES = 1_000_000
_AWAY = (0, 0, 0)


class AuthorSettings:
    """`settings`, and from then on what config.toml says each time it was written: an exclusion holds at once.

    While it is away or half written, as editors leave it for a moment, what it said before goes on to hold.
    """

    def __init__(self, settings: config.Config, path: Path | None = None) -> None:
        self._settings, self._path = settings, path or store.layout().config_file
        self._stamp = self._written()

    def __call__(self) -> config.Config:
        stamp = self._written()
        if stamp not in (self._stamp, _AWAY):
            self._stamp, settings = stamp, config.load(self._path)
            self._settings = self._settings if settings.unread else settings
        return self._settings

    def _written(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return _AWAY
        return status.st_mtime_ns, status.st_ino, status.st_size


class Scope:
    """The rules in force; made anew when the editor's options change."""

    def __init__(self, options: Options, settings: AuthorSettings) -> None:
        self._options, self._settings = options, settings
        self._judged_by = settings()
        self._by_address: dict[tuple[str, str], str] = {}

    def why_inactive(self, document: Document) -> str:
        """The sentence why `document` is not served; "" when it is."""
        if not self._options.enabled:
            return "Suggestions are switched off in this editor."
        if document.lines.utf8_bytes > MAX_DOCUMENT_BYTES:
            return "The document is over 1 MB."
        if document.language in self._options.languages_off:
            return f"Suggestions are switched off for {document.language}."
        return self._address(document.uri, document.language)

    def _address(self, uri: str, language: str) -> str:
        """The verdict on an address; it looks at links on the disk, so once a document and not at every key."""
        settings = self._settings()
        if settings is not self._judged_by:
            self._judged_by = settings
            self._by_address.clear()
        known = self._by_address.get((uri, language))
        if known is None:
            code = settings.completion.code != "off"
            judged = paths.verdict(uri, language, settings.learning, extra_exclude=self._options.exclude, code=code)
            known = self._by_address[uri, language] = "" if judged.allowed else judged.reason
        return known
