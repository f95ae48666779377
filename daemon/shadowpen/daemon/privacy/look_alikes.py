"""Telling a secret from prose that merely looks like one: check digits, and how random a run of letters is.

Every function answers for one candidate that a pattern of `rules` found; none looks at anything else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

_CARD_SHAPE = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -]?)\d{6}\2\d{4,5}")
# First digits and lengths of the networks in use (ISO/IEC 7812); an ISBN-13 begins with 978 or 979 and is none.
_CARD_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)
_MIN_SWITCH_RATE = 0.34  # random base62 changes its class of character at 62 % of places, camelCase at under 30 %
_MIN_ENTROPY_BITS = 3.4
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE IL IQ OM TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        33: "RU",
    }.items()
    for country in countries.split()
}  # SWIFT's IBAN registry
_HEXADECIMAL = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_SWITCH_CLASSES = (str.isupper, str.islower, str.isdigit)
_ORDINARY_AFTER_PASSWORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’-][A-Za-zÀ-ÿ]+)*\Z")


def is_card(text: str) -> bool:
    """Whether the digits have a card network's length and prefix, an even grouping, and Luhn's check digit."""
    digits = re.sub(r"\D", "", text)
    return bool(_CARD_SHAPE.fullmatch(text) and _CARD_NETWORK.fullmatch(digits)) and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def trim_iban(text: str, _before: str) -> str:
    """The leading part that is an IBAN: its country's length, and 1 by ISO 7064 mod 97-10; "" if it is none."""
    length = _IBAN_LENGTHS.get(text[:2], 0)
    places = [place for place, character in enumerate(text) if character != " "]
    if not length or len(places) < length:
        return ""
    candidate = text[: places[length - 1] + 1]
    return candidate if _mod97(candidate.replace(" ", "")) == 1 else ""


def _mod97(iban: str) -> int:
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97


def is_phone(text: str) -> bool:
    """Whether there are as many digits as E.164 allows and people write."""
    digits = sum(map(str.isdigit, text))
    return (11 if text.startswith("00") else 8) <= digits <= 15


def is_random(text: str) -> bool:
    """Whether a run of at least 16 letters and digits is random: many changes of class, no word-like stretches.

    Hexadecimal numbers alone are not (git hashes and checksums stand in honest prose); said to be a key or
    token they are caught by the rule for assignments.
    """
    runs = [run for run in re.split(r"[-_/+=]", text) if run and not _HEXADECIMAL.fullmatch(run)]
    if any(_WORD.fullmatch(run) for run in runs):
        return False
    dense = max(runs, key=len, default="")
    if len(dense) < 16:
        dense = "".join(run for run in runs if not run.isalpha() and not run.isdigit())
    if len(dense) < 16 or _entropy(dense) < _MIN_ENTROPY_BITS:
        return False
    lettered = 1.25 if dense.isalpha() else 1.0  # camelCase has no digits, random text nearly always does
    return _switch_rate(dense) >= _MIN_SWITCH_RATE * lettered * _share_of_random(dense)


def _share_of_random(text: str) -> float:
    """How often random text over this text's own classes changes class, relative to all three."""
    sizes = [size for test, size in zip(_SWITCH_CLASSES, (26, 26, 10), strict=True) if any(map(test, text))]
    return (1 - sum(size * size for size in sizes) / sum(sizes) ** 2) / 0.622


def _switch_rate(text: str) -> float:
    classes = [next((place for place, test in enumerate(_SWITCH_CLASSES) if test(c)), 3) for c in text]
    return sum(a != b for a, b in pairwise(classes)) / (len(text) - 1)


def _entropy(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def is_said_password(text: str, before: str) -> str:
    """What of `text`, found after "the password is", "password:" or "token =", is a secret and not the sentence's end.

    Quoted text and text with a digit, a symbol inside or odd capitals is; a plain word is one only when it was
    assigned with = (`before` ends in it).
    """
    if text[0] in "“\"'«„‘`":
        return text
    plain = text.rstrip(".,;:!?)…—`")
    if not any(map(str.isalnum, plain)) or plain.startswith((":", "<", "{", "$", "⟦", "*", "http://", "https://")):
        return ""
    if not _ORDINARY_AFTER_PASSWORD.match(plain):
        return plain
    if any(character.isupper() for character in plain[1:]) and not plain.isupper():
        return plain
    return plain if before.rstrip().endswith("=") else ""
