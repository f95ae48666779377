"""Decode the bytes of a file, whatever program wrote it: UTF-8, UTF-16, UTF-32, code pages.

What a text says of its own encoding is believed where it can be true. Bytes that do not fit a text that is UTF-8
otherwise are read as Windows-1252, from which they were pasted. For code pages of one byte the letters decide that the
text's language has; all others are charset-normalizer's to tell. This file opens no file.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from shadowpen.daemon.text.code_pages import likeliest_code_page

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_SEPARATORS = frozenset(" \n\r\t,.。、，।؟،")
_MOST_ODD = 0.002  # of the characters of a text may be such that no text has
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_SAMPLE_BYTES = 20_000
_DECLARED_WITHIN = 2_000
_DECLARED = re.compile(
    rb"(?:\b(?:charset|encoding|fileencoding|fenc)\s*=\s*[\"']?|\bcoding[:=]\s*|!TeX encoding\s*=\s*)"
    rb"([A-Za-z][\w.:-]{2,30})"
    rb"|\\usepackage\[([\w-]{3,20})\]\{inputenc\}",
    re.IGNORECASE,
)
_NAMES = {  # of LaTeX, and those that mean Windows-1252 on the web
    "ansinew": "cp1252",
    "applemac": "mac-roman",
    "latin1": "cp1252",
    "latin2": "iso-8859-2",
    "latin9": "iso-8859-15",
    "iso-8859-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "utf8x": "utf-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_STATEFUL = ((b"\x1b$B", "iso2022_jp_2"), (b"\x1b$@", "iso2022_jp_2"), (b"\x1b$)C", "iso2022_kr"))


class Decoded(NamedTuple):
    """A text, and the encoding that it was read in: "utf-8" where nothing had to be guessed."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded | None:
    """The text of a file's bytes; None where they are no text."""
    if content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _marked(content[len(mark) :], encoding)
    without_fillers = content.rstrip(b"\0\x1a")  # of a disk's block, and of CP/M's files
    if b"\0" in without_fillers:
        return _utf8_with_zeros(without_fillers) or _wide(content) or _with_zeros(without_fillers)
    found = _narrow(without_fillers)
    if found is None or (content != without_fillers and found.encoding not in ("utf-8", "cp1252")):
        return _wide(content) or found  # Han without a letter or a blank has its only zero in the last line's end
    return found


def _marked(content: bytes, encoding: str) -> Decoded | None:
    """A text that says by its first bytes what it is; a few broken characters are left out."""
    text = content.decode(encoding, "replace").rstrip("\0\x1a")
    whole = text.replace("\ufffd", "").replace("\0", "")
    if len(text) - len(whole) > max(2, len(text) * _MOST_ODD * 5):
        return None
    return Decoded(whole, encoding) if _is_text(whole) else None


def _wide(content: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark: of the two orders of bytes the one that makes blanks and lines."""
    found: list[tuple[int, Decoded]] = []
    for encoding, width in _WIDE:
        whole = content[: len(content) - len(content) % width]
        try:
            text = whole.decode(encoding).rstrip("\0\x1a")
        except UnicodeDecodeError:
            continue
        separators = sum(map(text.count, _SEPARATORS))
        if separators and _is_text(text) and _is_of_few_scripts(text):
            found.append((separators, Decoded(text, encoding)))
    return max(found, key=lambda one: one[0])[1] if found else None


def _utf8_with_zeros(content: bytes) -> Decoded | None:
    """A text in another script than Latin, which with a few zeros in it might be taken for UTF-16."""
    found = None if content.isascii() else _with_zeros(content)
    return found if found is not None and found.encoding == "utf-8 with zeros" and _is_text(found.text) else None


def _with_zeros(content: bytes) -> Decoded | None:
    """A text into which a crash or a sync program wrote zeros: in a few places, and nothing else that is no text."""
    places = len(re.findall(rb"\0+", content))
    whole = re.sub(rb"\0+", b"", content)
    if places > max(2, len(content) * _MOST_ODD) or not whole:
        return None
    found = _narrow(whole)
    return found if found is None or found.encoding != "utf-8" else Decoded(found.text, "utf-8 with zeros")


def _narrow(content: bytes) -> Decoded | None:
    for sign, encoding in _STATEFUL:
        if sign in content and (found := _strictly(content, encoding)):
            return found
    try:
        return Decoded(content.decode(), "utf-8")
    except UnicodeDecodeError:
        pass
    return _declared(content) or _nearly_utf8(content) or _in_code_page(content)


def _strictly(content: bytes, encoding: str) -> Decoded | None:
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    return Decoded(text, encoding) if _is_text(text) and not re.search("[\x80-\x9f]", text) else None


def _declared(content: bytes) -> Decoded | None:
    """In the encoding that the text itself names."""
    found = _DECLARED.search(content[:_DECLARED_WITHIN])
    if found is None:
        return None
    name = (found[1] or found[2]).decode("ascii").lower()
    encoding = _NAMES.get(name, name)
    return None if encoding.replace("_", "-").startswith(("utf", "unicode")) else _strictly(content, encoding)


def _nearly_utf8(content: bytes) -> Decoded | None:
    """UTF-8 but for some stray bytes, or cut off within its last character."""
    try:
        halves = content.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
        return Decoded(halves, "utf-8 with surrogates")
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8", "surrogateescape")
    text = re.sub("[\udcc2-\udcf4][\udc80-\udcbf]{0,2}\\Z", "", text) if len(text) > 1 else text
    stray = len(re.findall("[\udc80-\udcff]", text))
    whole = len(re.findall("[^\x00-\x7f]", text)) - stray
    if whole < max(1, stray):
        return None
    is_latin = 2 * len(re.findall("[\u00c0-\u024f\u2010-\u20bf]", text)) > whole
    text = re.sub("[\udc80-\udcff]", lambda one: _stray(ord(one[0]) - 0xDC00, is_latin=is_latin), text)
    return Decoded(text, "utf-8 with stray bytes") if _is_text(text) else None


def _stray(byte: int, *, is_latin: bool) -> str:
    """What one byte meant that was pasted from Windows: a mark anywhere, a letter only among its like."""
    if byte >= 0xC0 and not is_latin:
        return ""
    return bytes([byte]).decode("cp1252", "ignore")


def _in_code_page(content: bytes) -> Decoded | None:
    if _control_share(content[:_SAMPLE_BYTES].decode("latin-1")) > _MOST_ODD:
        return None
    lines = (line for line in content.split(b"\n") if not line.isascii())
    encoding = likeliest_code_page(_joined(lines))
    if not encoding:
        return None
    text = content.decode(encoding, "replace").replace("\ufffd", "")
    return Decoded(text, encoding) if _is_text(text) else None


def _joined(lines: Iterable[bytes]) -> bytes:
    """As many lines as tell enough."""
    taken, size = list[bytes](), 0
    for line in lines:
        taken.append(line)
        size += len(line) + 1
        if size > _SAMPLE_BYTES:
            break
    return b"\n".join(taken)[:_SAMPLE_BYTES]


def _is_text(text: str) -> bool:
    return _control_share(text[:_SAMPLE_BYTES]) <= _MOST_ODD


def _control_share(text: str) -> float:
    odd = len(_CONTROL.findall(text))
    return odd / len(text) if odd > 1 else 0.0


def _is_of_few_scripts(text: str) -> bool:
    """Whether nearly all characters are ones that are in use, and of few blocks of Unicode."""
    sample = text[:2_000]
    if any(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in sample):
        return False
    blocks = [ord(character) >> 8 for character in sample if character.isalpha()]
    wide = sum(0x2E <= block < 0xD8 for block in blocks)  # Han and Hangul are spread over many
    others = {block for block in blocks if not 0x2E <= block < 0xD8}
    return (len(others) <= 4 or len(others) < len(blocks) / 20) and (wide == 0 or wide > len(blocks) / 4 or wide < 20)
