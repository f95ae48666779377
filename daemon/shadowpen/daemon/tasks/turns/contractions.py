"""Make contractions or write them out: "it is" and "it's", "do not" and "don't".

Only where it cannot change what is said: links, code, names of files and quotations stay as they are, and so do forms
that could stand for two things. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from shadowpen.daemon.grammar.findings import NO_PROSE

_QUOTED = r"“[^“”\n]{1,400}”|\"[^\"\n]{1,400}\""
_KEPT = re.compile(rf"(?:{_QUOTED}|{NO_PROSE.pattern})", re.MULTILINE)
_NEXT_WORD = r"(?= \w)"  # nobody writes "that's how it's."
# What has "have" as its auxiliary: "I have seen" is "I've seen", and "I have a dog" stays.
_PARTICIPLE = (
    r"(?:(?:not|just|already|never|always|also|only|now|since|ever|still) )*"
    r"(?:\w{2,}ed|been|become|begun|broken|brought|built|bought|come|cut|done|drawn|eaten|fallen|felt|found|forgotten|"
    r"given|gone|got|gotten|grown|had|heard|held|kept|known|left|lost|made|meant|met|moved|paid|put|read|run|said|seen|"
    r"sent|set|shown|spent|spoken|stood|taken|taught|thought|told|understood|won|worn|written)\b"
)
_PERSON = r"\b(?P<who>I|you|we|they|he|she|it|that|there|who|what|You|We|They|He|She|It|That|There|Who|What)"
_NOT = (
    r"\b(?P<verb>is|are|was|were|do|does|did|has|have|had|could|would|should|need|"
    r"Is|Are|Was|Were|Do|Does|Did|Has|Have|Had|Could|Would|Should) not\b"
)
_SHORT: tuple[tuple[str, str], ...] = (
    (r"\b(?P<verb>[Cc])an ?not\b(?! only)", r"\g<verb>an't"),
    (r"\b(?P<verb>[Ww])ill not\b", r"\g<verb>on't"),
    (rf"{_NOT}(?! only)", r"\g<verb>n't"),
    (r"\bI am" + _NEXT_WORD, "I'm"),
    (r"\b(?P<who>[Yy]ou|[Ww]e|[Tt]hey) are" + _NEXT_WORD, r"\g<who>'re"),
    (rf"{_PERSON} (?:is|has(?= been\b))" + _NEXT_WORD, r"\g<who>'s"),
    (r"\b(?P<who>I|[Yy]ou|[Ww]e|[Tt]hey) have(?= " + _PARTICIPLE + ")", r"\g<who>'ve"),
    (r"\b(?P<who>[Hh]e|[Ss]he|[Ii]t) has(?= " + _PARTICIPLE + ")", r"\g<who>'s"),
    (r"\b(?P<who>I|[Yy]ou|[Ww]e|[Tt]hey|[Hh]e|[Ss]he|[Ii]t|[Tt]here) will" + _NEXT_WORD, r"\g<who>'ll"),
    (r"\b(?P<who>I|[Yy]ou|[Ww]e|[Tt]hey|[Hh]e|[Ss]he) would" + _NEXT_WORD, r"\g<who>'d"),
)
_QUESTION = r"(?! (?:I|you|he|she|it|we|they|there)\b)"  # "don't you" is no "do not you"
_FULL: tuple[tuple[str, str], ...] = (
    (r"\b(?P<verb>[Cc])an['’]t\b" + _QUESTION, r"\g<verb>annot"),
    (r"\b(?P<verb>[Ww])on['’]t\b" + _QUESTION, r"\g<verb>ill not"),
    (r"\b(?P<verb>[Ss])han['’]t\b" + _QUESTION, r"\g<verb>hall not"),
    (r"\b(?P<verb>(?!ai|Ai)\w+)n['’]t\b" + _QUESTION, r"\g<verb> not"),
    (r"\bI['’]m\b", "I am"),
    (r"\b(?P<who>\w+)['’]re\b", r"\g<who> are"),
    (r"\b(?P<who>\w+)['’]ve\b", r"\g<who> have"),
    (r"\b(?P<who>\w+)['’]ll\b", r"\g<who> will"),
    (r"\b(?P<let>[Ll])et['’]s\b(?= [a-z])", r"\g<let>et us"),  # no name, as of a company
    (rf"{_PERSON}['’]s(?= (?:been|got|had|become|gone)\b)", r"\g<who> has"),
    (  # "it's closed" is "it is" as often as "it has"
        r"\b(?P<who>[Ii]t|[Tt]hat|[Tt]here|[Ww]hat|[Ww]here|[Hh]ere|[Hh]e|[Ss]he)['’]s\b(?! own\b)(?! "
        + _PARTICIPLE
        + ")",
        r"\g<who> is",
    ),
    (r"\b(?P<who>I|[Yy]ou|[Ww]e|[Tt]hey|[Hh]e|[Ss]he|[Ii]t)['’]d(?= better\b)", r"\g<who> had"),
)


def less_formal(text: str) -> str:
    """`text` with its contractions made; the same where there is nothing to contract."""
    return _outside(text, lambda part: _replaced(part, _SHORT))


def more_formal(text: str) -> str:
    """`text` with its contractions written out; the same where there are none."""
    return _outside(text, lambda part: _replaced(part, _FULL))


def kept_places(text: str) -> list[tuple[int, int]]:
    """Start and end of the parts of `text` whose wording is not the user's to change: quotations, links, code."""
    return [match.span() for match in _KEPT.finditer(text)]


def _outside(text: str, change: Callable[[str], str]) -> str:
    """`text` with everything changed but what is kept."""
    made, last = "", 0
    for start, end in kept_places(text):
        made += change(text[last:start]) + text[start:end]
        last = end
    return made + change(text[last:])


def _replaced(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, by in rules:
        text = re.sub(pattern, by, text)
    return text
