"""Explain in words why there is ghost text at a place, or none.

This file knows neither the daemon's connection nor which answer is explained.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from lsprotocol import types

from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.showing import naming
from shadowpen.daemon.showing.silence import reasons
from shadowpen.daemon.wire.protocol import Explanation, Source

WHY_COMMAND = "shadowpen.why"
FORGOTTEN = "forgotten"  # there was an answer, of which the daemon knows nothing any more
_OFFERED = "offered"
_MOST_SOURCES = 3
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#|!~])")


class SourceData(TypedDict):
    """A place in the user's own text; `line` counts from 1, 0 where it is not known."""

    document: str
    line: int


class ExplanationData(TypedDict):
    """An explanation in the answer to the command; shares and probabilities are from 0 to 1."""

    text: str
    shown: bool
    reason: str
    probability: float
    likelihood: float
    remembered: float
    model_share: float
    sources: list[SourceData]
    model: str
    explicit: bool


def data(explanation: Explanation) -> ExplanationData:
    """All of it as plain values, for the command; `text` is what a hover says, without any markup."""
    return {
        "text": "\n".join(_lines(explanation, plain=True)),
        "shown": explanation.reason == _OFFERED,
        "reason": explanation.reason,
        "probability": explanation.probability,
        "likelihood": explanation.likelihood,
        "remembered": explanation.remembered,
        "model_share": round(1 - explanation.remembered, 3) if explanation.reason == _OFFERED else 0.0,
        "sources": [{"document": source.document, "line": source.line} for source in explanation.sources],
        "model": explanation.model,
        "explicit": explanation.explicit,
    }


def hover(explanation: Explanation, formats: Sequence[types.MarkupKind] | None) -> types.Hover:
    """It as a few lines of Markdown, or as plain text where the client (`formats`) shows only that."""
    plain = bool(formats) and types.MarkupKind.Markdown not in (formats or ())
    lines = _lines(explanation, plain=plain)
    if plain:
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, "\n".join(lines)))
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(lines)))


def _lines(explanation: Explanation, *, plain: bool) -> list[str]:
    if explanation.reason == FORGOTTEN:
        return [translated("Shadowpen: no longer known. It has restarted or made many suggestions since then.")]
    if explanation.reason != _OFFERED:
        why = reasons.sentence(explanation.reason)
        if explanation.probability:
            why = f"{why} ({_percent(explanation.probability)} likely to be accepted)"
        return [translated(f"Shadowpen: nothing shown: {why}")]
    chance = f"{_percent(explanation.probability)} likely to be accepted"
    lines = [translated(f"Shadowpen: asked for, {chance}" if explanation.explicit else f"Shadowpen: {chance}")]
    own = round(100 * explanation.remembered)
    if own:
        share = f"{own}% " if own < 100 else ""
        places = ", ".join(_place(source, plain=plain) for source in explanation.sources[:_MOST_SOURCES])
        lines.append(translated(f"{share}from your own text") + (f": {places}" if places else ""))
    if own < 100 and explanation.model:
        share = f"{100 - own}% " if own else ""
        name = translated(naming.spoken(explanation.model))
        name = name if plain else _escaped(name)
        lines.append(translated(f"{share}written by {name}, {_percent(explanation.likelihood)} sure of all of it"))
    return lines


def _place(source: Source, *, plain: bool) -> str:
    path = Path(source.document)
    line = translated(f" line {source.line}") if source.line else ""
    if not path.is_absolute():  # the address of something that is no file
        return (source.document if plain else _escaped(source.document)) + line
    name = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    if plain:
        return name + line
    anchor = f"#L{source.line}" if source.line else ""
    return f"[{_escaped(name)}{line}]({path.as_uri()}{anchor})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _percent(share: float) -> str:
    return f"{share:.0%}"
