"""Distinguish secrets from prose that looks like one: check digits and randomness of letters.

Every function answers for one candidate that a pattern of `rules` found; none looks at anything else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

_words = str.split
_CARD_SHAPE = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -]?)\d{6}\2\d{4,5}")
# First digits and lengths of the networks in use (ISO/IEC 7812); an ISBN-13 begins with 978 or 979 and is none.
_CARD_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)
_MIN_SWITCH_RATE = 0.34  # random base62 changes its class of character at 62 % of places, camelCase at under 30 %
_MIN_ENTROPY_BITS = 3.4
_LONG_BESIDE_WORDS = 24
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
_NO_SECRET_STARTS = (
    ":",
    "<",
    "{",
    "$",
    "⟦",
    "*",
    "%",
    "[",
    "http://",
    "https://",
    "...",
    "…",
    "->",
    "=>",
    "/",
    "~",
    "|",
)
_NO_VALUES = frozenset(
    _words(
        "none null nil true false undefined string str int bool bytes optional required empty missing unset "
        "todo xxx xxxx password token secret value default any text hidden"
    )
)
_CODE = re.compile(
    r"[A-Za-z_\]]\(|^[A-Za-z_]*(?:[Pp]assword|PASSWORD|[Tt]oken|TOKEN|[Ss]ecret|SECRET|[Kk]ey|KEY)s?$"
    r"|^[A-Z]+(?:_[A-Z]+)+$|\(\)|^(?:os|process|self|this|env|config|settings|request|secrets|vars|github)[.\[]"
    r"|\$\{|\{\{|^[A-Z][a-z]+\["
)
_NOT_STRONG = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|k|[KMGT]i?B|ms|bits?|chars?|px|pt|%|€|\$|er|ème|e|º|ª)|v?\d+(?:\.\d+)*\w?"
    r"|\d{1,4}([-/.:])\d{1,2}(?:\1\d{1,4})?"
    r"|(?:SHA|RFC|MD|UTF|ISO|AES|RSA|HTTP|TLS|SSL|PBKDF|OAuth|OAUTH|IPv|Base|base|[Bb]crypt|[Aa]rgon|[Ss]crypt|Python|python|PHP"
    r"|Java|Windows"
    r"|Win|iOS|Android|EAP|WPA|NTLM|Web|FIDO|CVE|ECMA|ES|HTML|CSS|X|x)[-_ ]?\d[\w.-]*"
    r"|[\w-]+(?:\.(?:[a-z]\w{1,5}|[A-Z]{1,5}))+(?:/\S*)?|\w+_\w+|[\w.]+\(.*"
    r"|(?:[^\W\d_]+[-’'])+[^\W\d_]+|[^\W\d_]+s?[’'][^\W\d_]*|\d+-(?:[^\W\d_]+-?)+|[^\W\d_]+-\d+|\d+(?:[.,]\d+)+\w{1,3}|\d+(?:[.,]\d+)?[kMGT]?(?:Hz|bps|W|V|A)|&\w+;\S*"
    r"|1[Pp]assword|2FA|MFA|\S*[()\[\]{}<>/\\]\S*"
)
_JOINING = frozenset(
    _words(
        "the and for not was were are has had have with that this these those from into than then too very "
        "what when where which who why how his her its our your their they them you she him but all any can "
        "could would should must may might will shall only also just still even never always often usually "
        "again once more most less some such same each every other another about after before between because "
        "while until without within like longer shorter same enough hard easy weak strong long short wrong "
        "right correctly now here there one two three four words letters characters nicht und der die das ein "
        "eine ist zu auf mit für wie noch nur auch sehr les des une est pas que qui pour dans avec los las "
        "una para con che non per"
    )
)
_NEVER_SEED = frozenset(
    _words(
        "the and for was were are has had have his her its our your their them she him but not nor from with "
        "which who whose been being these those did does than very too also und der die das les des una los "
        "las che per con que para"
    )
)
_ORDINARY_AFTER_PASSWORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\Z")
_CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_BEFORE_CHINESE = re.compile(r"([!-~]+)[\u3000-\u9fff\uff00-\uffef]")


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


def is_said_phone(text: str) -> bool:
    """Whether digits behind "call me on" are a number: enough of them, and neither a date nor years side by side."""
    is_date = re.fullmatch(r"(?:1[5-9]|20)\d\d(?:[ .-]\d{1,2}){1,2}|(?:(?:1[5-9]|20)\d\d[ .-]?){2,}", text)
    return 9 <= sum(map(str.isdigit, text)) <= 15 and not is_date


def is_random(text: str) -> bool:
    """Whether a run of at least 16 letters and digits is random: many changes of class, no word-like stretches.

    Hexadecimal numbers alone are not (git hashes and checksums stand in honest prose); said to be a key or
    token they are caught by the rule for assignments. Beside words (a vendor's name) only a long run counts.
    """
    runs = [run for run in re.split(r"[-_/+=]", text) if run and not _HEXADECIMAL.fullmatch(run)]
    has_words = any(_WORD.fullmatch(run) for run in runs)
    if has_words and "/" in text:  # a path
        return False
    dense = max(runs, key=len, default="")
    if len(dense) < 16 and not has_words:
        dense = "".join(run for run in runs if not run.isalpha() and not run.isdigit())
    if len(dense) < (_LONG_BESIDE_WORDS if has_words else 16) or entropy(dense) < _MIN_ENTROPY_BITS:
        return False
    if dense.isalpha() and not _has_odd_capitals(dense):
        return False
    lettered = 1.25 if dense.isalpha() else 1.0  # camelCase has no digits, random text nearly always does
    return _switch_rate(dense) >= _MIN_SWITCH_RATE * lettered * _share_of_random(dense)


def _has_odd_capitals(text: str) -> bool:
    """Whether letters are mixed as no CamelCase mixes them: much is neither a word nor a run of capitals."""
    rest = re.sub(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}", "", text)
    return len(rest) * 4 >= len(text)


def _share_of_random(text: str) -> float:
    """How often random text over this text's own classes changes class, relative to all three."""
    sizes = [size for test, size in zip(_SWITCH_CLASSES, (26, 26, 10), strict=True) if any(map(test, text))]
    return (1 - sum(size * size for size in sizes) / sum(sizes) ** 2) / 0.622


def _switch_rate(text: str) -> float:
    classes = [next((place for place, test in enumerate(_SWITCH_CLASSES) if test(c)), 3) for c in text]
    return sum(a != b for a, b in pairwise(classes)) / (len(text) - 1)


def entropy(text: str) -> float:
    """Bits a character, by how often each occurs in `text`."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def is_said_password(text: str, before: str) -> str:
    """What of `text`, found after "the password is" or "password:", is a secret and not the sentence's end.

    Quoted text and text with a digit, a symbol inside or odd capitals is; a plain word is one only when it was
    assigned with = (`before` ends in it).
    """
    if text[:1] in tuple("“\"'«„‘`「『"):
        return text
    plain = _own_script(text).rstrip(".,;:!?)…—`，。；！？、")
    if not any(map(str.isalnum, plain)) or plain.startswith(_NO_SECRET_STARTS) or _CODE.search(plain):
        return ""
    if plain.lower() in _NO_VALUES:
        return ""
    kept = text[: len(plain) + 1] if text[len(plain) :][:1] == "!" and not plain.isalpha() else plain
    if not _ORDINARY_AFTER_PASSWORD.match(plain.replace("**", "")):
        return kept
    if any(character.isupper() for character in plain[1:]) and not plain.isupper():
        return plain
    return plain if before.rstrip().endswith("=") else ""


def _own_script(text: str) -> str:
    """`text` as far as Chinese does not go on behind it without a blank."""
    mixed = _BEFORE_CHINESE.match(text)
    return mixed[1] if mixed else text


def is_line(text: str, before: str) -> str:
    """What stands behind "password:" on a line of its own, whatever it is, unless it is code or a gap to be filled."""
    plain = text.strip("\"'`.,; ")
    if text.startswith(("http://", "https://", "⟦")) or plain.lower() in _NO_VALUES or _CODE.search(plain):
        return ""
    return "" if _CHINESE.match(text) else text


def is_encoded(text: str, _before: str = "") -> str:
    """`text` if it is no word and no name: what stands behind "Authorization: Basic"."""
    has_lower = any(map(str.islower, text))
    return text if has_lower and (any(map(str.isupper, text)) or any(map(str.isdigit, text))) else ""


def is_encoded_run(text: str, _before: str = "") -> str:
    """`text` if it is a run of letters and digits that no name or number is."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return text if letters >= 3 and digits >= 3 else ""


def is_hidden_email(text: str, _before: str = "") -> str:
    """`text` ("jane at example dot com") unless an article stands where a name must."""
    words = text.lower().split()
    return "" if {"the", "a", "an", "our", "your", "this", "that"} & set(words) else text


def is_assigned(text: str, before: str) -> str:
    """What of `text`, found after `NAME=` or `name:`, is a secret: no code, no reference, no example's gap."""
    if text[0] in "\"'":
        inner = text.strip("\"'")
        is_sentence = " " in inner and before.rstrip()[-1:] == ":"
        return "" if _CODE.search(inner) or inner.lower() in _NO_VALUES or is_sentence else text
    plain = text.rstrip(".,;:!?)…—`\"' \t\r")
    if plain.lower() in _NO_VALUES or plain.startswith(_NO_SECRET_STARTS) or _CODE.search(plain):
        return ""
    if re.fullmatch(r"[\d.,]{1,5}", plain):
        return ""
    return is_said_password(plain, before) and plain


def is_strong(text: str, _before: str = "") -> str:
    """What of `text`, said beside the word password, can only be one: letters and digits, or symbols among them.

    Versions, measures, dates, file names, standards and paths do not.
    """
    if text[0] in "“\"'«„‘`「『":
        return text if is_strong(text.strip("“”\"'«»„‘’`「」『』 ") or "-") else ""
    plain = _own_script(text).rstrip(".,;:?)…—`'”»，。；！？、")
    if len(plain) < 5 or plain.startswith((*_NO_SECRET_STARTS, "~", "/", "(", "-")) or _NOT_STRONG.fullmatch(plain):
        return ""
    if _CHINESE.match(plain) and not re.search(r"[A-Za-z][!-~]*\d", plain):
        return ""
    letters, digits = sum(map(str.isalpha, plain)), sum(map(str.isdigit, plain))
    symbols = len(re.findall(r"(?<=\w)[!@#$%^&*+=_?]", plain))
    return plain if (letters >= 2 and (digits or symbols)) or (digits >= 2 and symbols) else ""


def is_phrase(text: str, _before: str = "") -> str:
    """`text` if it is several words that say nothing together, as passphrases do: no word that joins a sentence."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    joins = any(word in _JOINING or word.endswith(("ed", "ing", "ly")) for word in words)
    return "" if joins or len(words) < 4 else text


def is_seed(text: str, _before: str = "") -> str:
    """`text` if it has as many words as a wallet's phrase, none of them one that only joins a sentence."""
    words = re.findall(r"[a-z]{3,8}", text)
    different = len(set(words)) * 4 >= len(words) * 3
    return text if len(words) in (12, 15, 18, 21, 24) and different and not _NEVER_SEED & set(words) else ""


def is_base32(text: str) -> bool:
    """Whether groups of four are base32 and neither words nor numbers: at least two groups mix letters and digits."""
    groups = re.split(r"[ -]", text)
    mixed = sum(not group.isalpha() and not group.isdigit() for group in groups)
    return mixed >= 2 and (text.isupper() or text.islower())


def is_chinese_id(text: str) -> bool:
    """Whether the last character is the check digit of a resident identity number (ISO 7064 mod 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17].upper()


def is_id(text: str, _before: str = "") -> str:
    """`text` if at least five digits are in it, as a document's number has."""
    return text if sum(map(str.isdigit, text)) >= 5 else ""


def is_chinese_mobile(text: str) -> bool:
    """Whether the digits are grouped as people write a mobile number, or not at all."""
    return len(re.sub(r"\D", "", text)) == 11 and re.fullmatch(r"\d{3}([ -]?)\d{4}\1\d{4}", text) is not None


def has_digits_and_letters(text: str) -> bool:
    """Whether at least three of the groups mix letters and digits, as a licence key's do."""
    return sum(not group.isalpha() and not group.isdigit() for group in text.split("-")) >= 3
