"""Detect code that stands in a text without a fence.

Only lines that no prose has count by themselves; what goes with them (an indented line, an assignment, a brace) counts
next to one. Knows no programming language well.
"""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\s*(?:"
    r"(?:async )?def \w+\(.*|class [A-Z]\w*(?:\(.*\))?:|from [\w.]+ import \S.*|#include\b.*|elif .+:|except .+:"
    r"|(?:if|while) .*(?:[=!<>]=|[()<>]|\bnot\b|\bis None\b).*:|for \w+(?:, \w+)* in .+:|with .+ as \w+:"
    r"|(?:if|for|while|switch) ?\(.*\) ?\{?|(?:const|let|var) \w+ = .+|(?:export )?function \w*\(.*|.*[)=] ?\{"
    r"|[\w.]+\(.*\);?|[\w.\[\]]+ [-+*/]?= .*[;(\[{].*|.+\);|\w[\w<>*&]* \w+ = .+;"
    r")\s*"
)
_BESIDE = re.compile(
    r"(?: {2,}|\t)\s*\S.*|[)}\]]+[;,]?|[\w.\[\]]+ [-+*/]?= \S.*|return\b.*|import [\w.]+.*|else:|try:|finally:"
)
_FEWEST_LINES = 2


def bare_code(text: str) -> list[tuple[int, int]]:
    """Where runs of lines of code begin and end in `text`, which has at least two lines in each."""
    found: list[tuple[int, int]] = []
    place, run = 0, list[tuple[int, int, bool]]()
    for line in [*text.split("\n"), ""]:
        is_code = bool(_CODE.fullmatch(line))
        if is_code or _BESIDE.fullmatch(line):
            run.append((place, place + len(line.rstrip()), is_code))
        else:
            if len(run) >= _FEWEST_LINES and any(sure for *_, sure in run):
                found.append((run[0][0], run[-1][1]))
            run = []
        place += len(line) + 1
    return found
