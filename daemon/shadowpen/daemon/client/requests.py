"""Build a message of the wire from a program's arguments; both clients use it. Knows no sockets.

Texts may be of any length: what lies farther from the cursor than a model reads is not sent.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from shadowpen.daemon.base import config
from shadowpen.daemon.base.errors import ConfigInvalid, RequestInvalid
from shadowpen.daemon.wire.protocol import (
    MOST_INSTRUCTION,
    MOST_SHOWN,
    MOST_TURNS,
    Complete,
    Continue,
    Expand,
    Extent,
    Sampling,
    Turn,
)

MOST_CONTEXT_CHARACTERS = 8000  # before the cursor, and behind it: more than a model reads
COMPLETE_TIMEOUT_MS = 120_000.0  # a model may have to be loaded first
CONTINUE_TIMEOUT_MS = 120_000.0
EXPAND_TIMEOUT_MS = 300_000.0
STATUS_TIMEOUT_MS = 10_000.0
MOST_WORDS = 400
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def completion(
    request_id: str,
    document: str,
    prefix: str,
    suffix: str = "",
    *,
    extent: Extent = "clause",
    only_if_likely: bool = False,
    language: str = "markdown",
) -> Complete:
    return Complete(
        id=request_id,
        document=document,
        prefix=prefix[-MOST_CONTEXT_CHARACTERS:],
        suffix=suffix[:MOST_CONTEXT_CHARACTERS],
        language=language,
        explicit=not only_if_likely,
        extent=extent,
    )


def continuation(
    request_id: str,
    document: str,
    prefix: str,
    suffix: str = "",
    *,
    max_words: int = 80,
    settings: Mapping[str, Any] | None = None,
) -> Continue:
    return Continue(
        id=request_id,
        document=document,
        prefix=prefix[-MOST_CONTEXT_CHARACTERS:],
        suffix=suffix[:MOST_CONTEXT_CHARACTERS],
        max_words=_words(max_words),
        sampling=Sampling(**checked_settings("continuation", settings or {})),
    )


def expansion(
    request_id: str,
    document: str,
    notes: str,
    *,
    context: str = "",
    free: bool = False,
    max_words: int = 160,
    candidates: int | None = None,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    turns: Sequence[tuple[str, str]] = (),
) -> Expand:
    chosen = checked_settings("expansion", settings or {})
    set_candidates = chosen.pop("candidates", None)
    if candidates is None:
        candidates = set_candidates
    heading, before = _around(context[-MOST_CONTEXT_CHARACTERS:])
    return Expand(
        id=request_id,
        document=document,
        notes=notes,
        free=free,
        heading=heading,
        before=before,
        candidates=None if candidates is None else _checked("expansion", "candidates", candidates),
        seed=seed,
        max_words=_words(max_words),
        sampling=Sampling(**chosen),
        turns=_turns(turns),
    )


def _turns(given: Sequence[tuple[str, str]]) -> list[Turn]:
    if len(given) > MOST_TURNS:
        raise RequestInvalid(f"A paragraph can be changed {MOST_TURNS} times.", "Expand the notes again.")
    if any(len(said) > MOST_INSTRUCTION or len(shown) > MOST_SHOWN for said, shown in given):
        raise RequestInvalid("The change you asked for is too long.", f"Use at most {MOST_INSTRUCTION} characters.")
    return [Turn(instruction=said, shown=shown) for said, shown in given]


def checked_settings(section: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """`settings` (name → value or its text) in the types of `section`; ConfigInvalid for what it does not take."""
    known = [field.name for field in dataclasses.fields(config.SECTIONS[section])]
    if strange := [name for name in settings if name not in known]:
        raise ConfigInvalid(f"There is no setting {section}.{strange[0]}.", f"Settings are {', '.join(known)}.")
    return {name: _checked(section, name, value) for name, value in settings.items()}


def _checked(section: str, name: str, value: Any) -> Any:
    found, problem = config.check(section, name, value)
    if problem:
        raise ConfigInvalid(f"{problem}.", "`shadowpen config` shows the settings and their defaults.")
    return found


def _around(context: str) -> tuple[str, str]:
    """The last heading of a text in Markdown, and its last paragraph if that stands below the heading."""
    headings = list(_HEADING.finditer(context))
    below = context[headings[-1].end() :] if headings else context
    paragraphs = [paragraph.strip() for paragraph in re.split(r"\n\s*\n", below) if paragraph.strip()]
    return headings[-1][1] if headings else "", paragraphs[-1] if paragraphs else ""


def _words(count: int) -> int:
    if not 1 <= count <= MOST_WORDS:
        raise RequestInvalid(f"{count} words cannot be asked for.", f"Ask for 1 to {MOST_WORDS}.")
    return count
