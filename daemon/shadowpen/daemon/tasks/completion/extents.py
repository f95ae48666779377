"""Extents of requested text: word, clause, sentence, line, paragraph.

Finds where each of them ends in a text, by its punctuation and line breaks. An end counts when what follows it is
known: the point of "e.g." or of "3.5" ends nothing. Knows a few English titles, no grammar, and no models.
"""

from __future__ import annotations

import re
from typing import get_args

from shadowpen.daemon.text.scripts import without_blanks, words_without_blanks
from shadowpen.daemon.text.sentences import CLOSERS, OWN_ENDS, OWN_PAUSES, SPACED_PAUSES
from shadowpen.daemon.wire.protocol import Extent

EXTENTS: tuple[Extent, ...] = get_args(Extent)
LEAST_WORDS = 4  # of a clause: fewer are not worth a key of their own
MOST_WORDS: dict[Extent, int] = {"word": 2, "clause": 16, "sentence": 40, "line": 60, "paragraph": 200}
# So many words are enough of it: from here on it ends with the next mark that is likely.
ENOUGH_WORDS: dict[Extent, int] = {"word": 1, "clause": 8, "sentence": 25, "line": 40, "paragraph": 80}

_CLOSED = f"[{CLOSERS}*_]*"
_TITLES = r"(?<!\b[A-Z])(?<!\bMr)(?<!\bDr)(?<!\bSt)(?<!\bMs)(?<!\bMrs)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)"
_SENTENCE = rf"(?:{_TITLES}\.|[!?…]){_CLOSED}(?=\s+[^a-z\s]|\s*\n)|[{OWN_ENDS}]{_CLOSED}"
_CLAUSE = rf"[,;:]{_CLOSED}(?=\s)|(?<=\w)(?=\s[–—-]\s|\s\()|[{OWN_PAUSES}]{_CLOSED}"
_LINE = r"(?<=\S)(?=[ \t]*\n)"
_PARAGRAPH = r"(?<=\S)(?=[ \t]*\n[ \t]*(?:\n|[-*#>|]|\d+[.)]))"
_ENDS: dict[Extent, re.Pattern[str]] = {
    "word": re.compile(r"(?<=\S\S)(?=\s)"),  # a single letter is not shown: the word behind it as well
    "clause": re.compile(f"{_SENTENCE}|{_CLAUSE}|{_LINE}"),
    "sentence": re.compile(f"{_SENTENCE}|{_PARAGRAPH}"),
    "line": re.compile(_LINE),
    "paragraph": re.compile(_PARAGRAPH),
}
_FULL_STOP = re.compile(rf"(?:{_TITLES}\.|[!?…]){_CLOSED}\Z|[{OWN_ENDS}]{_CLOSED}\Z")
_MARK = re.compile(rf"[{SPACED_PAUSES}{OWN_PAUSES}]{_CLOSED}\Z")


def word_count(text: str) -> int:
    """Words between blanks; where there are none, as many as so many characters make."""
    return max(len(text.split()), words_without_blanks(text))


def end_of(text: str, extent: Extent, beyond: int = 0) -> int | None:
    """Where the first `extent` of `text` ends that is longer than `beyond` characters; None where none does yet."""
    for found in _ENDS[extent].finditer(text):
        kept = text[: found.end()]
        enough = extent == "word" or word_count(kept) >= LEAST_WORDS
        if found.end() > beyond and kept.strip() and enough:
            return found.end()
    return None


def last_mark(text: str) -> int | None:
    """Where the last clause of `text` ends with a mark, however short it is; None where none does."""
    return max((found.end() for found in _ENDS["clause"].finditer(text)), default=None) or None


def has_reached(text: str, extent: Extent) -> bool:
    """Whether `text`, all that there is, is as much as `extent` already; lines and paragraphs end unseen."""
    match extent:
        case "word":
            return bool(text.strip())
        case "clause":
            return word_count(text) >= LEAST_WORDS and ends_with_mark(text)
        case "sentence":
            return ends_sentence(text)
    return False


def ends_with_mark(text: str) -> bool:
    return bool(_MARK.search(text)) or ends_sentence(text)


def ends_sentence(text: str) -> bool:
    return bool(_FULL_STOP.search(text))


def beyond(extent: Extent, shown: str) -> Extent:
    """`extent`, or the first larger one that `shown` has not reached."""
    larger = EXTENTS[EXTENTS.index(extent) :]
    return next((one for one in larger if not has_reached(shown, one)), EXTENTS[-1])


def whole_words(text: str) -> str:
    """`text` without its last word, which may go on; all of it where words have no blanks between them."""
    if without_blanks(text[-1:]):
        return text
    return text[: max((found.start() for found in re.finditer(r"\s+", text)), default=0)].rstrip()
