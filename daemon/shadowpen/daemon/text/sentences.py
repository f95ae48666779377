"""The marks that end sentences and clauses, in every script that has some.

Those of Latin, Greek and Cyrillic stand in numbers and abbreviations too: they end a sentence where a blank or nothing
follows. Those of other scripts end one wherever they stand. Thai and Lao have none. This file knows no abbreviations.
"""

from __future__ import annotations

import re

SPACED_ENDS = ".!?…"
# Chinese and Japanese, Arabic and Urdu, Indic, Armenian, Ethiopic, Khmer, Burmese, Tibetan, Mongolian, Syriac, pairs.
OWN_ENDS = "。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽"
ENDS = SPACED_ENDS + OWN_ENDS
SPACED_PAUSES = ",;:"
OWN_PAUSES = "，；：、､،؛՝፣፤፥၊᠂"
CLOSERS = "\"'”’“‘»›«‹)\\]」』）】》〉"  # as they stand in a class of characters; German closes with “ and «

SENTENCE_END = re.compile(rf"[{SPACED_ENDS}]+[{CLOSERS}]*(?=\s|\Z)|[{OWN_ENDS}]+[{CLOSERS}]*")
_END_FOLLOWED = re.compile(rf"[{SPACED_ENDS}][{CLOSERS}]*(?=\s)|[{OWN_ENDS}][{CLOSERS}]*(?=.)", re.DOTALL)


def whole_sentences(text: str) -> str:
    """The beginning of a growing `text` up to the last sentence that is surely at its end, since something follows."""
    ends = [match.end() for match in _END_FOLLOWED.finditer(text)]
    return text[: ends[-1]] if ends else ""
