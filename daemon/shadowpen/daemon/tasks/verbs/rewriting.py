"""Word lists of small edits that make text shorter or plainer.

From lists, so that nothing can be made up. Nothing is taken out behind a "not", where it would turn what is said, and
quotations, links and code stay. This file knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shadowpen.daemon.tasks.correction.candidates import CandidateEdit
from shadowpen.daemon.tasks.turns.contractions import kept_places

_FILLERS = "very|really|actually|simply|literally|totally|absolutely|quite|truly"
# In the clause before: what they would be taken out of would be denied in another measure.
_BEHIND_NOT = re.compile(
    r"(?i)(?:\b(?:not|never|no|nor|none|nothing|cannot|hardly|barely|without|nobody|few|little)\b|n['’]t\b)[^.,;:!?()\n]*\Z"
)
_BELONGS = re.compile(
    r"(?i)(?:\b(?:so|too|how|as|the|is it|are you|this|that|or|my|his|her|its|our|their|your|\w+ly|very|really),?\s+"
    r"|\()\Z"
)
_ADDS_NOTHING = re.compile(
    rf"(?i)\b(?P<article>an? )?(?P<filler>{_FILLERS}) "
    r"(?!(?:much|many|few|little|well|a|an|the|some|not|different|good|and|or|than|that|true|to|in|at|on|of|as|so|enough|"
    r"own|all|every|same)\b)(?=[a-z])"
)
_AT_THE_BEGINNING = re.compile(r"(?P<before>\A|[.!?]\s+)(?:Actually|Basically|Really), (?P<next>[a-z])")
_VOWEL = re.compile(r"(?i)(?:[aeio]|u(?!ni|s[eu]|k|til))")
_PART_OF = re.compile(r" (?:the|them|these|those|us|you|it|my|our|your|his|her|its|their)\b")  # "most of them"
_TABLE = Path(__file__).parent / "plain_words_en.txt"


def proposals(text: str, *, plainer: bool) -> list[CandidateEdit]:
    """The edits of a piece of prose, in its order; none touches another. Not `plainer`: the shorter ones."""
    found = [*_phrases(text, plainer=plainer), *(() if plainer else _fillers(text))]
    kept = kept_places(text)
    made: list[CandidateEdit] = []
    for edit in sorted(found, key=lambda each: (each.start, -each.end)):
        is_free = not any(edit.start < end and start < edit.end for start, end in kept)
        if is_free and (not made or not made[-1].meets(edit)):
            made.append(edit)
    return made


def _phrases(text: str, *, plainer: bool) -> Iterator[CandidateEdit]:
    table = {**_table("wordy"), **(_table("long") if plainer else {})}
    for match in re.finditer(rf"\b(?:{'|'.join(sorted(table, key=len, reverse=True))})\b", text, re.IGNORECASE):
        new = table[match[0].lower()]
        if new in ("many", "most") and match[0].lower().endswith(" of") and _PART_OF.match(text[match.end() :]):
            new += " of"
        capital = match[0][:1].isupper()
        yield CandidateEdit(match.start(), match.end(), new[:1].upper() + new[1:] if capital else new, "wordy")


def _fillers(text: str) -> Iterator[CandidateEdit]:
    for match in _ADDS_NOTHING.finditer(text):
        before = text[: match.start()]
        if _BEHIND_NOT.search(before) or _BELONGS.search(before) or match["filler"][:1].isupper():
            continue
        article = match["article"] or ""
        if article:
            following = text[match.end() :]
            article = article[0] + ("n " if _VOWEL.match(following) else " ")
        yield CandidateEdit(match.start(), match.end(), article, "filler")
    for match in _AT_THE_BEGINNING.finditer(text):
        yield CandidateEdit(match.start(), match.end(), match["before"] + match["next"].upper(), "filler")


@cache
def _table(section: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    current = ""
    for line in _TABLE.read_text("utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif " = " in line and current == section:
            old, new = line.split(" = ")
            found[old] = new
    return found
