"""Detect the code page of a text that is not UTF-8.

Where letters without marks are the more, it is a code page of one byte for a Latin script: of those the one in whose
letters the text's language is written. All others are charset-normalizer's to tell, but for Japanese that it takes for
Korean. This file knows no other encodings.
"""

from __future__ import annotations

import re
import unicodedata

# The likelier first: where two read all alike, the first is as good.
_LATIN = (
    *("cp1252", "iso-8859-15", "cp1250", "iso-8859-2", "cp1254", "cp1257", "mac-roman", "mac-latin2", "cp850", "cp852"),
    *("cp437", "iso-8859-10", "cp775", "cp865", "iso-8859-16", "cp861"),
)
_LETTERS = {
    "": "éèêëàâäöüïîôçñáíóúœæ",
    "ca": "àèéíïòóúüç·",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåéüöä",
    "de": "äöüßéèàç",
    "es": "áéíñóúü¿¡ºª",
    "et": "äõöüšž",
    "eu": "ñçü",
    "fi": "äöåšžé",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "ga": "áéíóú",
    "gl": "áéíóúñü",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "is": "áðéíóúýþæö",
    "it": "àèéìíîòóùú",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņōŗšūž",
    "mt": "ċġħżàèìòù",
    "nl": "éèëïöüáóúçàê",
    "no": "æøåéèêóòâôü",
    "nb": "æøåéèêóòâôü",
    "nn": "æøåéèêóòâôü",
    "pl": "ąćęłńóśźż",
    "pt": "ãõáâàçéêíóôúüºª",
    "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšžćđ",
    "sq": "ëç",
    "sv": "åäöéüà",
    "tr": "çğıöşüâîû",
}
_MARKS = "‘’‚“”„«»‹›–—…•·°§¶©®™€£¥¿¡¼½¾±×÷²³¹ªº†‡\u00a0\u2003´"
_OPENING = "‚„"
_AT_HOME = 0.75
_MULTIBYTE = re.compile("big5|cp9[345]|euc|gb|hz|johab|shift", re.IGNORECASE)
_LONGEST_CHARACTER = 4  # bytes, of GB 18030
_LEAST_PAIRED = 0.8
_HIRAGANA = 0.2  # of the characters: Japanese prose has twice as many, and no other script read as Japanese has them
_KOREAN = frozenset(("cp949", "euc_kr", "johab"))
_FEW = 4  # bytes that tell nothing but that somebody pasted a mark


def likeliest_code_page(sample: bytes) -> str:
    """Python's name of the encoding of `sample`, the lines of a text with other bytes than ASCII; "" for none."""
    high = sum(byte > 0x7F for byte in sample)
    plain = len(re.findall(rb"[A-Za-z]", sample))
    if high > max(plain, _FEW):
        return _by_library(sample) or _latin(sample, _AT_HOME)
    paired = sum(len(run) for run in re.findall(rb"[\x80-\xff][\x40-\xff]?[\x80-\xff]+", sample))
    library = _by_library(sample) if paired > _LEAST_PAIRED * high else ""
    if _MULTIBYTE.match(library):
        return library
    return _latin(sample, _AT_HOME) or _by_library(sample) or "cp1252"


def _japanese(sample: bytes) -> str:
    """The encoding in which `sample` is Japanese by its hiragana, "" if in none.

    GB 18030 has them at the places of EUC-JP, so this cannot tell those two apart.
    """
    for encoding in ("euc_jp", "cp932"):
        others = [one for one in sample.decode(encoding, "replace") if one > "\x7f"]
        hiragana = sum("ぁ" <= one <= "ゖ" for one in others)
        if hiragana > max(_FEW, _HIRAGANA * len(others)) and others.count("\ufffd") * 100 <= len(others) + 100:
            return encoding
    return ""


def _by_library(sample: bytes) -> str:
    import charset_normalizer

    for cut in range(_LONGEST_CHARACTER):  # the sample may end within one
        found = charset_normalizer.from_bytes(sample[: len(sample) - cut]).best()
        if found is not None:
            return (_japanese(sample) if found.encoding in _KOREAN else "") or found.encoding
    return _japanese(sample)


def _latin(sample: bytes, least: float) -> str:
    """The code page that makes most characters such as the language of the text has; "" if fewer than `least` are."""
    best, most = "", -1.0
    for encoding in _LATIN:
        text = sample.decode(encoding, "replace")
        score = _at_home(text)
        if score > most + 0.001:
            best, most = encoding, score
    return best if most >= least else ""


def _at_home(text: str) -> float:
    """The share of the characters beyond ASCII that the language of `text` is written with."""
    import py3langid

    language = str(py3langid.classify(text)[0])
    letters = _LETTERS.get(language, _LETTERS[""])
    others = [character for character in text if character > "\x7f"]
    home = sum(_weight(text, place, letters) for place, one in enumerate(text) if one > "\x7f")
    return home / len(others) if others else 0.0


def _weight(text: str, place: int, letters: str) -> float:
    character = text[place]
    if character.lower() in letters:
        # A capital within a word is a wrong letter, or a text in capitals.
        within = place > 0 and text[place - 1].islower() and character.isupper()
        return 0.0 if within else 1.0
    if character in _MARKS:
        if character in _OPENING and place and text[place - 1].isalpha():
            return 0.0
        between = 0 < place < len(text) - 1 and text[place - 1].isalpha() and text[place + 1].isalpha()
        return 0.0 if between and character not in "’‘·—–\u00a0…" else 1.0
    return 0.2 if unicodedata.category(character)[0] == "L" and character.islower() else 0.0
