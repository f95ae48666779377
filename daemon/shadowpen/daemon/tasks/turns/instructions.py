"""Parse what a user asks of a paragraph into the changes that the built-in model can make.

Knows no model, and not how it is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.base.errors import RequestInvalid

ChangeKind = Literal[
    "shorter", "longer", "mention", "another beginning", "another wording", "less formal", "more formal"
]
_POLITE = re.compile(r"\A(?:please|now|and|but)\s+|[\s,]*(?:please)?[\s.!?…]*\Z", re.IGNORECASE)
_MAKE_IT = r"(?:make it |write it |say it |tell it |put it )?(?:(?:a (?:bit|little)|much|even|still|somewhat) )?"
_FORMS: tuple[tuple[ChangeKind, str], ...] = (
    ("shorter", rf"{_MAKE_IT}(?:shorter|briefer|more briefly|(?:less|not so) (?:long|wordy)|shorten(?: it)?)"),
    ("longer", rf"{_MAKE_IT}(?:longer|less brief|not so short|lengthen(?: it)?)"),
    (
        "less formal",
        rf"{_MAKE_IT}(?:less formal(?:ly)?|(?:not so|not as|not that) formal|(?:more )?(?:in)formal(?:ly)?|"
        r"(?:more )?casual(?:ly)?)",
    ),
    ("more formal", rf"{_MAKE_IT}(?:(?:more )?formal(?:ly)?|(?:less|not so) (?:informal|casual)(?:ly)?)"),
    (
        "another beginning",
        r"(?:an?other|a different|a new|different|new) (?:beginning|start|opening|first sentence)|"
        r"(?:begin|start|open)(?: it)? (?:differently|in another way|another way)",
    ),
    (
        "another wording",
        r"(?:an?other|a different|a new|different|new) (?:wording|words|version|one|paragraph)|"
        r"(?:word|say|put|write|tell) it (?:differently|in other words|another way|again)|in other words|"
        r"rephrase(?: it)?|reword(?: it)?|again",
    ),
    ("mention", r"(?:also )?mention (?:also )?(?:that )?(?P<words>\S.*)"),
)


@dataclass(frozen=True)
class AskedChange:
    """What is asked for; `words` are what is to be mentioned."""

    kind: ChangeKind
    words: str = ""


def read(instruction: str) -> AskedChange:
    """The change that `instruction` asks for; RequestInvalid, naming the list, for what is not in it."""
    said = " ".join(_POLITE.sub("", instruction.strip()).split())
    for kind, form in _FORMS:
        match = re.fullmatch(form, said, re.IGNORECASE)
        if match is not None:
            return AskedChange(kind, match.groupdict().get("words") or "")
    raise RequestInvalid(
        "The built-in model can make a paragraph shorter, longer, less formal or more formal, mention something, and "
        "find another beginning or another wording, but nothing else.",
        "A server with a larger model takes any instruction; see docs/engines.md.",
    )
