"""One rule for secrets: a pattern, literals that must occur before it is tried, and a check.

A pattern is compiled when it is first tried: most are never needed in a run. This file knows no secret itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Rule:
    """A rule that finds secrets.

    `kind` names the placeholder; the group `secret`, else the whole match, is what is taken out.

    `literals` are lower case and looked for in the lower-cased text; none means: always try.
    With `reach` a match begins near a literal and ends at most so many characters behind it: nothing else is searched.
    `trim`, given what was matched and what stands before it in the match, may shorten it; "" refuses it.
    """

    kind: str
    source: str
    literals: tuple[str, ...] = ()
    trim: Callable[[str, str], str] | None = None
    flags: int = 0
    reach: int = 0

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.source, self.flags)


def rule(
    kind: str,
    source: str,
    *literals: str,
    trim: Callable[[str, str], str] | None = None,
    flags: int = 0,
    reach: int = 0,
) -> Rule:
    """A Rule whose literals stand last, as a table reads best."""
    return Rule(kind, source, literals, trim, flags, reach)


def only(check: Callable[[str], bool]) -> Callable[[str, str], str]:
    """A trim that takes all or nothing."""
    return lambda secret, _before: secret if check(secret) else ""
