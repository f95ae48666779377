"""The user's own words, which are never flagged: added, frequent in their texts, or in open documents.

This file knows no diagnostics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.storage import own_words


class OwnWords:
    """The words in the author's files, which are read again when they change."""

    def __init__(self, layout: store.Layout, settings: Config) -> None:
        self._added = own_words.added(layout)
        learned = [own_words.used_often(layout)] if journal_allowed(settings) else []
        self._files: dict[Path, tuple[tuple[int, ...], frozenset[str]]] = dict.fromkeys(
            [self._added, *learned], ((), frozenset())
        )

    def look_again(self) -> None:
        """Read the files that are not what they were."""
        for path, (known_as, _) in self._files.items():
            stamp = _stamp(path)
            if stamp != known_as:
                self._files[path] = (stamp, own_words.read(path) if stamp else frozenset())

    def know(self, word: str, in_open_texts: Iterable[Counter[str]]) -> bool:
        """Whether `word` is the author's: in a file in any of its forms, or often in what is open as it stands."""
        forms = own_words.forms(word)
        if any(forms & words for _, words in self._files.values()):
            return True
        return sum(counted[word] for counted in in_open_texts) >= own_words.OFTEN

    def add(self, word: str) -> None:
        """Never flag `word` again, in any editor; StateUnusable if that cannot be written down."""
        own_words.add(self._added, word)


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size
