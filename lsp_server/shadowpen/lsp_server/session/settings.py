"""The settings in force, and the documents that they leave out.

The user's config.toml is read again when it changes, and what the editor sets comes on top. Everything in the language
server reads settings here, at the time it needs them. A document out of scope is Inactive: it is tracked, since it may
shrink or the settings change, but none of its text is sent to the daemon. The user's own rules for documents are
`daemon.privacy.paths`. This file knows neither the protocol nor suggestions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shadowpen.daemon.base import config, store
from shadowpen.daemon.privacy import paths
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.editor.options import Options, parse

MAX_DOCUMENT_BYTES = 1_000_000
_MISSING = (0, 0, 0)


class LiveSettings:
    """The settings in force, read again when they change.

    `author`: what config.toml said at the start; `options`: the editor's.
    """

    def __init__(self, author: config.Config, options: Options | None = None, path: Path | None = None) -> None:
        self.options = options or Options()
        self._author, self._path = author, path or store.layout().config_file
        self._stamp = self._written()

    def author(self) -> config.Config:
        """What config.toml says now: an exclusion holds at once.

        While it is missing or half written, as editors leave it for a moment, what it said before goes on to hold.
        """
        stamp = self._written()
        if stamp not in (self._stamp, _MISSING):
            self._stamp, author = stamp, config.load(self._path)
            self._author = self._author if author.unread else author
        return self._author

    def configure(self, raw: Any) -> list[str]:
        """Take over the editor's options; a sentence for each mistake in them."""
        self.options, problems = parse(raw)
        return problems

    def deadline_ms(self) -> int | None:
        """The deadline that the editor asks for, which may be earlier than the user's own and not later."""
        wished = self.options.deadline_ms
        return None if wished is None else min(wished, self.author().completion.deadline_ms)

    def _written(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return _MISSING
        return status.st_mtime_ns, status.st_ino, status.st_size


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
            return "Suggestions are turned off in this editor."
        if document.lines.utf8_bytes > MAX_DOCUMENT_BYTES:
            return "The document is over 1 MB."
        if document.language in options.languages_off:
            return f"Suggestions are turned off for {document.language}."
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
