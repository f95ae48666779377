"""Named filters for suggestions that must not be shown however likely they are.

A rule looks at the suggestion and the text around the cursor and returns what is left of it. The rules for the text
behind the cursor are in `meeting`. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from shadowpen.daemon.markup.spots import Spot
from shadowpen.daemon.privacy import redaction
from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.meeting import meets_suffix, repeats_suffix
from shadowpen.daemon.text.sentences import OWN_ENDS, SPACED_ENDS

# Detect slurs and swearwords.
#
# The words are in profane_words.txt, taken from a list that is kept in the open; whoever writes such words lifts the
# rule with `completion.profanity`. Whole words only: nothing is found inside of another word.
_LIST = Path(__file__).parent / "profane_words.txt"


def is_profane(text: str) -> bool:
    """Whether a word of the list, or one that goes on as the list allows, stands in `text`."""
    return _pattern().search(text) is not None


@cache
def _pattern() -> re.Pattern[str]:
    lines = (line.strip() for line in _LIST.read_text("utf-8").splitlines())
    words = [re.escape(line).replace(r"\*", r"\w*") for line in lines if line and not line.startswith("#")]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_LOOK_BACK_CHARACTERS = 200
_ECHO_WORDS = 3  # fewer come again by themselves: "of the", "it is"
_HALF_WORD = re.compile(r"[\w'’-]*\Z")
_LOOP = re.compile(r"(\b\w.{4,}?)(?:\s*\1){2,}|(\b\w{2,})(?:\W+\2\b){2,}")
# Marks that close as well as open do open behind a blank; a hyphen or a dash announces what comes.
_OPEN_END = re.compile(r"(?:\s*[(\[{<“„«‘‚（「『《【¿¡]|(?:\s+|\A)[\"'“‘*_`#/–—-]+|(?<=\w)[‐‑-])+\s*\Z")
_SENTENCE_END = re.compile(rf"[{SPACED_ENDS}](?=\s)|[{OWN_ENDS}]")

Rule = Callable[[str, CursorPlace], str]


def quote_style(text: str, place: CursorPlace) -> str:
    """The document's own quotation marks and apostrophes; this rule only rewrites."""
    return in_style_of(place.prefix, text)


def repeats_line_above(text: str, place: CursorPlace) -> str:
    """Drop what would make this line a copy of the line above."""
    above = next((line.strip() for line in reversed(place.prefix.split("\n")[:-1]) if line.strip()), "")
    made = (place.line + text).strip()
    is_copy = made == above or (above.startswith(made) and len(text.split()) >= _ECHO_WORDS)
    return "" if above and is_copy else text


def repeats_itself(text: str, place: CursorPlace) -> str:
    """Drop what repeats the text just written; cut a repeating text after its first round."""
    words = text.split()
    if len(words) < _ECHO_WORDS:
        return text
    before = place.prefix[-_LOOK_BACK_CHARACTERS:].split()
    if before[-len(words) :] == words:
        return ""
    loop = _LOOP.search(text)
    return text[: loop.end(loop.lastindex or 0)].rstrip() if loop else text


def junk(text: str, place: CursorPlace) -> str:
    """Drop runs of marks or of one character, such as "......" or "1 1 1 1"."""
    return "" if re.search(r"(\S)(?:\s?\1){4,}", text) or not re.search(r"\w", text) else text


def breaks_markup(text: str, place: CursorPlace) -> str:
    """Within a table's cell, a link's text or a heading the suggestion ends where these end."""
    match place.spot:
        case Spot.TABLE:
            return text.split("|", 1)[0].rstrip()
        case Spot.LINK_TEXT:
            return text.split("]", 1)[0].rstrip()
        case Spot.HEADING:
            end = _SENTENCE_END.search(text)
            return text[: end.start()] if end else text
    return text


def secret(text: str, place: CursorPlace) -> str:
    """Drop keys, passwords, account numbers and addresses of persons."""
    before = place.prefix[-_LOOK_BACK_CHARACTERS:]
    return "" if any(found.end > len(before) for found in redaction.find(before + text)) else text


def profane(text: str, place: CursorPlace) -> str:
    """Drop slurs and swearwords, and the end of one that the user began."""
    return "" if is_profane(_HALF_WORD.findall(place.prefix[-_LOOK_BACK_CHARACTERS:])[0] + text) else text


def ends_open(text: str, place: CursorPlace) -> str:
    """Cut an opening mark or a hyphen off the end."""
    return _OPEN_END.sub("", text)


def says_nothing(text: str, place: CursorPlace) -> str:
    """Drop blanks and single characters: reading them costs more than typing them."""
    return text if len(text.strip()) > 1 else ""


RULES: tuple[Rule, ...] = (
    quote_style,
    meets_suffix,
    repeats_suffix,
    breaks_markup,
    repeats_line_above,
    repeats_itself,
    junk,
    secret,
    profane,
    ends_open,
    says_nothing,
)


def apply(text: str, place: CursorPlace, lifted: frozenset[Rule] = frozenset()) -> tuple[str, str]:
    """Apply all filters: what is left of `text`, and the name of the rule that emptied it ("" if none did)."""
    for rule in RULES:
        if rule in lifted:
            continue
        left = rule(text, place)
        if not left:
            return "", rule.__name__
        text = left
    return text, ""


# Rewrite a text with the document's own quotation marks and apostrophes.
#
# What the document uses more often is its style; a document without such marks has none, and nothing changes.
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
