"""The user's own words: frequent ones from the index, and those the user added, one per line.

Both files are read by the language server, which flags none of these words. The first lies in the memory's folder
and goes with it when something is forgotten. This file knows neither what a mistake is nor where texts come from.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable

OFTEN = 3  # so many times in the author's own texts and a word is theirs
_USED_OFTEN = "words"  # no document: `shadowpen uninstall --purge` leaves folders that hold one
_ADDED = "words.txt"
_MOST_BYTES = 4_000_000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")


def used_often(layout: store.Layout) -> Path:
    """The file of the words that the index found often."""
    return layout.memory / _USED_OFTEN


def added(layout: store.Layout) -> Path:
    """The author's own file, which they may edit."""
    return layout.config_dir / _ADDED


def words(text: str) -> Iterator[str]:
    """Every word of `text` as it is written, capitals and all."""
    return (found.group() for found in _WORD.finditer(text))


def forms(word: str) -> set[str]:
    """What may stand in a list for `word` to be known: itself, without its possessive, without a sentence's capital."""
    bare = _POSSESSIVE.sub("", word)
    known = {word, bare, word.replace("’", "'")}
    return known | {form[0].lower() + form[1:] for form in known if form[1:].islower()}


def note(layout: store.Layout, texts: Iterable[str], folder: int) -> None:
    """Write down the words found often in `texts`, unless the memory's folder is not the open `folder` any more.

    That is so when something was forgotten meanwhile: `texts` may hold it. Raises StateUnusable.
    """
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(words(text))
    path = used_often(layout)
    store.write_atomic(path, _content(sorted(word for word, count in counted.items() if count >= OFTEN)))
    try:
        if os.path.samestat(os.fstat(folder), path.parent.stat()):
            return
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def read(path: Path) -> frozenset[str]:
    """The words in a file; none if it is not there or cannot be read."""
    try:
        return frozenset(store.read_bounded(path, _MOST_BYTES).decode("utf-8-sig", "replace").split())
    except OSError:
        return frozenset()


def add(path: Path, word: str) -> None:
    """Put `word` at the end of the author's file; StateUnusable if that cannot be written."""
    before = _lines(path)
    if word not in before:
        store.write_users(path, _content([*before, word]))


def remove(path: Path, word: str) -> None:
    """Take `word` out of the author's file; StateUnusable if that cannot be written."""
    before = _lines(path)
    if word in before:
        store.write_users(path, _content(line for line in before if line != word))


def _lines(path: Path) -> list[str]:
    try:
        return store.read_bounded(path, _MOST_BYTES).decode("utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise StateUnusable(f"{path} cannot be read.", "Fix the file, or move it away.") from error


def _content(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
