"""The settings in force: the user's config.toml, read again when it changes, and what the editor sets on top.

Everything in the language server reads settings here, at the time it needs them. This file knows neither the protocol
nor what a setting is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shadowpen.daemon.base import config, store
from shadowpen.lsp_server.editor.options import Options, parse

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
