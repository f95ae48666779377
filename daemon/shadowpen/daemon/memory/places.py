"""Find the place of a remembered text in a file by its words, even after the file changed.

Cleaning joined lines and took markup out, so the file is searched for the words with anything but letters between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.memory.index.codes import Code
from shadowpen.daemon.memory.index.texts import document_of
from shadowpen.daemon.memory.phrases import Origin
from shadowpen.daemon.privacy.paths import split_uri
from shadowpen.daemon.text.encodings import decode

_MOST_BYTES = 2_000_000
_TOKENS_BEFORE = 8
_WORDS_AFTER = 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class SourcePlace:
    """Where a remembered text comes from.

    `document` is a path or an editor's address; `line` counts from 1, 0 where the words are not found there.
    """

    document: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.document}:{self.line}" if self.line else self.document


@dataclass(frozen=True)
class Quote:
    """Words by which a place is found again. Words of a document, and those before them."""

    origin: str
    before: str
    text: str


def quote(origin: Origin, tokens: int, token_bytes: Sequence[bytes], code: Code) -> Quote:
    """What stands at an origin: the next `tokens` tokens, and a few before them."""
    index, place = origin.index, origin.place
    before: list[int] = []
    for step in range(1, _TOKENS_BEFORE + 1):
        token, _ = index.token(index.onward(place, -step))
        if token == code.separator:
            break
        before.insert(0, token)
    text = [index.token(index.onward(place, step))[0] for step in range(tokens)]
    return Quote(index.document(place).origin, _text(before, token_bytes), _text(text, token_bytes))


def locate(quoted: Quote) -> SourcePlace:
    """The line where the words stand in the document now."""
    scheme, path = split_uri(document_of(quoted.origin))
    if scheme != "file":
        return SourcePlace(document_of(quoted.origin))
    try:
        decoded = decode(store.read_bounded(Path(path), _MOST_BYTES))
    except OSError:  # of a pipe too, for which nobody waits
        return SourcePlace(path)
    content = decoded.text if decoded is not None else ""
    before, words = _WORD.findall(quoted.before)[1:], _WORD.findall(quoted.text)[:_WORDS_AFTER]
    if not words:
        return SourcePlace(path)  # a mark alone stands everywhere
    for context in (before, []):  # the first of them may be half a word; it may all have stood in a heading
        found = re.search(_apart([*context, ""]) + "(" + _apart(words) + ")", content)
        if found:
            return SourcePlace(path, content.count("\n", 0, found.start(1)) + 1)
    return SourcePlace(path)


def _apart(words: Sequence[str]) -> str:
    return r"\W*".join(map(re.escape, words))


def _text(ids: Sequence[int], token_bytes: Sequence[bytes]) -> str:
    return b"".join(token_bytes[token] for token in ids).decode("utf-8", errors="ignore")
