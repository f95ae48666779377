"""Presets by kind of document: prose as set, notes in small pieces, code only if enabled.

Judged from the editor's name for the language alone. A language nobody knows counts as code, an unnamed one as prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shadowpen.daemon.privacy.paths import PROSE_LANGUAGES


class DocumentKind(StrEnum):
    """Kind of a document."""

    PROSE = "prose"
    NOTES = "notes"
    CODE = "code"


@dataclass(frozen=True)
class Preset:
    """What holds for one kind of document.

    `strictness` multiplies the odds a text needs; `max_words` is the longest text shown unasked.
    """

    kind: DocumentKind
    strictness: float
    max_words: int


_PROSE = Preset(DocumentKind.PROSE, 1.0, 60)
_NOTES = Preset(DocumentKind.NOTES, 1.0, 6)
_CODE = Preset(DocumentKind.CODE, 2.0, 6)

_NOTES_LANGUAGES = frozenset(
    ("git-commit", "gitcommit", "hgcommit", "jjdescription", "norg", "org", "scminput", "vimwiki", "wiki")
)
_LINE_COMMENT = re.compile(r"(?:^|\s)(?:#|//|--|;|%)[!/#-]*\s|^\s*\*\s")
_OPEN_BLOCK = (("/*", "*/"), ("<!--", "-->"), ('"""', '"""'), ("'''", "'''"), ("{-", "-}"), ("(*", "*)"))


def preset(language: str) -> Preset:
    """The preset for a document in `language`."""
    if language in _NOTES_LANGUAGES:
        return _NOTES
    return _PROSE if not language or language in PROSE_LANGUAGES else _CODE


def in_comment(prefix: str) -> bool:
    """Whether the end of a program's text `prefix` is in a comment or doc string, as far as its last lines tell."""
    line = prefix[prefix.rfind("\n") + 1 :]
    if _LINE_COMMENT.search(line):
        return True
    for opens, closes in _OPEN_BLOCK:
        if opens == closes and prefix.count(opens) % 2:
            return True
        if opens != closes and prefix.rfind(opens) > prefix.rfind(closes):
            return True
    return False
