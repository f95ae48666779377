"""Rewrite a text with the document's own quotation marks and ellipses.

What the document uses more often is its style; a document without such marks has none, and nothing changes.
"""

from __future__ import annotations

import re

_REACH = 4_000  # characters that show the style
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_CURLY = re.compile(r"[“”„«»]")
_STRAIGHT_PAIR = re.compile(r'"')
_PAIRS = {"„": "“", "“": "”", "«": "»"}
_OPENING_AFTER = " \n\t([{—–-"


def in_style_of(before: str, text: str) -> str:
    """`text` with the apostrophes and double quotes that `before`, the text it follows, uses."""
    shown = before[-_REACH:]
    if "'" in text or "’" in text:
        text = _with_apostrophes(shown, text)
    if any(mark in text for mark in '"“”„«»'):
        text = _with_quotes(shown, text)
    return text


def _with_apostrophes(shown: str, text: str) -> str:
    straight, curly = (sum(found == mark for found in _APOSTROPHE.findall(shown)) for mark in "'’")
    if straight == curly:
        return text
    border = shown[-1:]
    return _APOSTROPHE.sub("'" if straight > curly else "’", border + text)[len(border) :]


def _with_quotes(shown: str, text: str) -> str:
    straight, curly = shown.count('"'), len(_CURLY.findall(shown))
    if straight > curly:
        return _CURLY.sub('"', text)
    if curly > straight and '"' in text:
        return _curled(shown, text)
    return text


def _curled(shown: str, text: str) -> str:
    opening = next((mark for mark in shown if mark in "„“«"), "“")
    closing = _PAIRS[opening]

    def mark(found: re.Match[str]) -> str:
        before = (shown + text[: found.start()])[-1:]
        return opening if not before or before in _OPENING_AFTER else closing

    return _STRAIGHT_PAIR.sub(mark, text)
