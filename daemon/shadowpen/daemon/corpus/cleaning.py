"""Extract paragraphs of the user's prose from a file, with the reason for each part left out.

Web pages are read first and wrongly decoded letters mended; lines that are no prose at all never reach the slower
steps. Front matter, code, quotes, tables and HTML go, link targets too; hard-wrapped lines become paragraphs again
(a model learns the wrap before it learns any voice); secrets become placeholders. This file sees one text at a time:
what can be told only from several is `filtering`'s.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.corpus.repair import PAGES, mended, page_text
from shadowpen.daemon.markup import dates
from shadowpen.daemon.markup.prose import Stripped, front_matter, strip
from shadowpen.daemon.privacy.redaction import redact
from shadowpen.daemon.text.scripts import share_without_blanks, without_blanks
from shadowpen.daemon.text.sentences import ENDS

MAX_LINE_CHARACTERS = 2_000  # beyond, a line must look like prose, which may well be a paragraph of a diary
_MAX_PARAGRAPH_CHARACTERS = 20_000
_MIN_LETTER_SHARE = 0.6
_SUSPICIOUS_CHARACTERS = 400
_MIN_LETTERS_OF_LONG = 0.4  # markup, addresses and blanks counted
_HEAD_CHARACTERS = 2_000
_MIN_SHARE_WITHOUT_BLANKS = 0.5
_MIN_ZLIB_RATIO = 0.2  # prose compresses to about half, the same line over and over to a tenth
_WRAPPED_CHARACTERS = 45  # lines shorter than this were broken on purpose (verse, addresses)
_SYLLABLE_MARKS = "\u200c\u200d\u0f0b"
_FILLER = re.compile(r"\blorem ipsum\b", re.IGNORECASE)
_OWN_LINE = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|\*+ \w|=+ \w|\\(?:item|section|chapter)|:: )")
# Joiners (U+200C, U+200D) are spelling in Persian, Kurdish and Indic scripts, and hold emoji together.
_JOINED = r"\u0300-\u036f\u0590-\u1fff\u200c\u200d\u2190-\u2bff\ua800-\uabff\ufb1d-\ufefe\U00010800-\U0001faff"
_INVISIBLE = re.compile(
    r"[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
    rf"|(?<![{_JOINED}])[\u200c\u200d](?![{_JOINED}])"
)
# What programs write at the head of what they made, and what a chat with one leaves in a file.
_MACHINE_MADE = re.compile(
    r"^[\W_]{0,6}(?:this (?:file|page|document|text) (?:was|is|has been) (?:auto\S{0,12} )?generated\b"
    r"|auto-?generated\b|automatically generated\b|generated (?:by|with|from)\b.{0,60}$|.{0,60}\b(?-i:DO NOT EDIT)\b"
    r"|as an ai language model\b|(?:chatgpt|assistant|copilot|gemini|claude)(?: said)?:?\**\s*$)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Cleaned:
    """The prose of a file.

    Paragraphs with a blank line between; `dropped` reason → characters; `date` as the front matter gives it.
    """

    text: str
    dropped: Counter[str]
    date: str = ""


@dataclass(frozen=True)
class Steps:
    """Which steps are taken that are a matter of taste; secrets go and letters are mended in any case.

    `markup`: take out code, quotations, tables, link targets. `whitespace`: join wrapped lines to paragraphs again.
    """

    markup: bool = True
    whitespace: bool = True


ALL_STEPS = Steps()


def clean(text: str, suffix: str = ".md", steps: Steps = ALL_STEPS) -> Cleaned:
    """The prose of a file whose name ends in `suffix`, ready to be learned from."""
    dropped: Counter[str] = Counter()
    if suffix.lower() in PAGES:
        text, suffix = _of_page(text, dropped), ".md"
    text = mended(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    visible = _INVISIBLE.sub("", text)
    dropped["invisible characters"] += len(text) - len(visible)
    head, body = front_matter(visible, suffix)
    dropped["front matter"] += len(visible) - len(body)
    if _MACHINE_MADE.search(visible[:_HEAD_CHARACTERS]):
        return Cleaned("", +(dropped + Counter({"machine-generated": len(body)})))
    hopeful = _without_hopeless_lines(body, dropped)
    stripped = strip(hopeful, suffix) if steps.markup else Stripped(hopeful.split("\n"))
    paragraphs = []
    for paragraph in paragraphs_of(stripped.lines) if steps.whitespace else _as_written(stripped.lines):
        reason = why_not_prose(paragraph)
        if reason:
            dropped[reason] += len(paragraph)
        else:
            paragraphs.append(paragraph)
    redacted, findings = redact("\n\n".join(paragraphs))
    dropped["secrets"] += sum(finding.end - finding.start for finding in findings)
    return Cleaned(redacted, +(dropped + stripped.dropped), dates.told(head.fields))


def _of_page(page: str, dropped: Counter[str]) -> str:
    text = page_text(page) or ""
    dropped["web page boilerplate"] += max(0, len(page) - len(text))
    return text


def _without_hopeless_lines(text: str, dropped: Counter[str]) -> str:
    """`text` with an empty line for each that is long and no prose: patterns take for ever over some of those."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if len(line) <= _SUSPICIOUS_CHARACTERS:
            continue
        reason = "huge line" if len(line) > _MAX_PARAGRAPH_CHARACTERS else ""
        if len(line) > MAX_LINE_CHARACTERS and not _reads_like_prose(line):
            reason = "huge line"
        elif _letters(line) < _MIN_LETTERS_OF_LONG * len(line):
            reason = "not prose"
        if reason:
            dropped[reason] += len(line)
            lines[place] = ""
    return "\n".join(lines)


def paragraphs_of(lines: list[str]) -> list[str]:
    """Lines to paragraphs: wrapped ones are joined, lines that were broken on purpose stay apart."""
    paragraphs: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if line.strip() and not (block and _OWN_LINE.match(line)):
            block.append(line)
            continue
        if block:
            paragraphs.append(_reflowed(block))
        block = [line] if line.strip() else []
    return _lists_joined(paragraphs)


def _as_written(lines: list[str]) -> list[str]:
    """Lines to paragraphs, each line as it is."""
    return [block for block in re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines).strip("\n")) if block.strip()]


def _lists_joined(paragraphs: list[str]) -> list[str]:
    """Items of one list go back into one block, a line each."""
    joined: list[str] = []
    for paragraph in paragraphs:
        item = bool(re.match(r"\s*(?:[-*+]|\d{1,9}[.)])\s", paragraph))
        if item and joined and re.match(r"\s*(?:[-*+]|\d{1,9}[.)])\s", joined[-1].rsplit("\n", 1)[-1]):
            joined[-1] += "\n" + paragraph
        else:
            joined.append(paragraph)
    return joined


def _reflowed(block: list[str]) -> str:
    """One paragraph of the lines, unless most before the last are short or one ends in a hard break."""
    short = sum(_width(line.rstrip()) < _WRAPPED_CHARACTERS for line in block[:-1])
    if 2 * short > len(block) - 1 or any(line.endswith(("  ", "\\")) for line in block[:-1]):
        return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in block)
    first, *rest = block
    indent = first[: len(first) - len(first.lstrip())]
    parts, end = [first.strip()], first.rstrip()[-1:]
    for line in map(str.strip, rest):
        # Chinese and Japanese are wrapped within words, and have no blanks to put back.
        parts += [line] if without_blanks(end) and without_blanks(line[:1]) else [" ", line]
        end = line[-1:]
    return indent + re.sub(r"[ \t]+", " ", "".join(parts))


def _width(line: str) -> int:
    """How wide a line is in a terminal: an ideograph takes two columns."""
    return (
        len(line)
        if line.isascii()
        else len(line) + sum(unicodedata.east_asian_width(one) in "WF" for one in line if one > "\u10ff")
    )


def why_not_prose(paragraph: str) -> str:
    """The reason why a paragraph cannot be anyone's prose, "" if it can."""
    if len(paragraph) > _MAX_PARAGRAPH_CHARACTERS:
        return "huge line"
    if any(len(line) > MAX_LINE_CHARACTERS and not _reads_like_prose(line) for line in paragraph.split("\n")):
        return "huge line"
    solid = [character for character in paragraph if not character.isspace()]
    if _letters(solid) < _MIN_LETTER_SHARE * len(solid):
        return "not prose"
    if _FILLER.search(paragraph):
        return "filler"
    packed = len(zlib.compress(paragraph.encode())) / max(1, len(paragraph))  # bytes, of which other scripts take more
    return "repetition" if len(paragraph) > 400 and packed < _MIN_ZLIB_RATIO else ""


def _reads_like_prose(line: str) -> bool:
    """Words of ordinary length and a sentence's end now and then; where no blanks stand between words, letters only."""
    if share_without_blanks(line[:2_000]) > _MIN_SHARE_WITHOUT_BLANKS:
        return True  # Thai and Lao have no mark for a sentence's end either
    ends = sum(map(line.count, ENDS))
    return ends >= len(line) / 1_000 and 0.08 < line.count(" ") / len(line) < 0.3


def _letters(text: Sequence[str]) -> int:
    """Letters, the marks that belong to them (vowels in India and beyond), and what joins or parts syllables."""
    others = [one for one in text if not one.isalpha()]
    marks = sum(one > "\x7f" and (unicodedata.category(one)[0] == "M" or one in _SYLLABLE_MARKS) for one in others)
    return len(text) - len(others) + marks
