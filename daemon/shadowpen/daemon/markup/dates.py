"""Dates in front matter and file names.

Where a date can be read in two ways (3/2/2012), slashes mean month first and dots or dashes day first: texts are put in
their order by it, and a month's error matters less than no date at all. This file knows neither heads nor files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import PurePath

_KEYS = [
    "date",
    "published",
    "date_published",
    "datepublished",
    "publishdate",
    "publish_date",
    "pubdate",
    "published_at",
    "created",
    "datecreated",
    "date_created",
    "creation_date",
    "created_at",
    "creationdate",
    "datetime",
    "written",
    "day",
    "revdate",
    "draft_date",
    "timestamp",
    "time",
    "dc.date",
    "docdate",
    "updated",
    "lastmod",
    "modified",
    "last_modified",
    "date_modified",
    "last_updated",
]
# English, German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Russian, Polish, Czech.
_NAMES = """
january jan januar jänner janvier enero ene gennaio gen januari janeiro января styczeń stycznia leden ledna
february feb februar februari février fevrier febrero febbraio fevereiro fev févr febr февраля luty lutego únor února
march mar märz maerz mrz mars marzo maart mrt março marco марта marzec marca březen března
april apr avril avr abril abr aprile апреля kwiecień kwietnia duben dubna
may mai mayo maggio mag mei maio maj мая maja květen května
june jun juni juin junio giugno giu junho июня czerwiec czerwca červen června
july jul juli juillet juil julio luglio lug julho июля lipiec lipca červenec července
august aug août aout agosto ago augustus augusti августа sierpień sierpnia srpen srpna
september sep sept septembre septiembre settembre set setembro сентября wrzesień września září
october oct oktober okt octobre octubre ottobre ott outubro out октября październik października říjen října
november nov novembre noviembre novembro ноября listopad listopada listopadu
december dec dezember dez décembre decembre diciembre dic dicembre dezembro desember des декабря grudzień prosinec
""".strip().split("\n")
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_ISO = re.compile(r"(?<!\d)(\d{4})([-/._])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:\d{4}(?:\d{2}(?:\d{3})?)?)?(?!\d)")
_NAMED_PARTS = re.compile(r"year\s*[:=]\s*(\d{4}).{0,20}?month\s*[:=]\s*(\d{1,2}).{0,20}?day\s*[:=]\s*(\d{1,2})", re.S)
_EASTERN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?(?![\d:])")
_YEAR = re.compile(r"(?<!\d)((?:1[5-9]|20)\d{2})(?!\d)")
_MONTH = re.compile(r"\s*(\d{4})[-/.](\d{1,2})\s*\Z")
_SECONDS = re.compile(r"\s*(\d{9,10})(\d{3})?\s*\Z")
_MOST_CHARACTERS = 200


def told(fields: Mapping[str, str]) -> str:
    """The day that a head's fields tell, as 2012-02-03; "" if they tell none."""
    named = {re.sub(r"[ -]", "_", name): value for name, value in fields.items()}
    return next((found for key in _KEYS if key in named and (found := day(named[key]))), "")


def day(words: str) -> str:
    """The day in `words`, as 2012-02-03; the first of the month or year where they tell no more; "" for none."""
    words = words[:_MOST_CHARACTERS]
    return _whole(words) or next((found for read in (_month, _seconds, _year) if (found := read(words))), "")


def in_name(path: str) -> str:
    """The day in a file's name, or in those of the folders it is in (2012/02/03.md); "" for none."""
    pure = PurePath(path)
    found = _named(pure.stem)
    if found:
        return found
    parts = [*pure.parent.parts[-2:], pure.stem]
    if len(parts) == 3 and re.fullmatch(r"(?:19|20)\d\d", parts[0]) and re.fullmatch(r"\d{1,2}", parts[1]):
        first = re.match(r"(\d{1,2})(?!\d)", parts[2])
        return _date(int(parts[0]), int(parts[1]), int(first[1]) if first else 1)
    return ""


def _named(name: str) -> str:
    for form in (_ISO, _COMPACT):
        for found in form.finditer(name):
            groups = [int(group) for group in found.groups() if group.isdigit()]
            if 1900 <= groups[0] < 2100 and (told := _date(*groups)):
                return told
    return _spelled(name) if _YEAR.search(name) else ""


def _whole(words: str) -> str:
    readers: tuple[Callable[[str], str], ...] = (_iso, _compact, _parts, _spelled, _year_last)
    return next((found for read in readers if (found := read(words))), "")


def _iso(words: str) -> str:
    found = _ISO.search(words) or re.search(r"(?<!\d)(\d{4})(-)(\d{1,2})-(\d{1,2})", words)
    return _date(int(found[1]), int(found[3]), int(found[4])) if found else ""


def _compact(words: str) -> str:
    found = _COMPACT.search(words)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found and 1500 <= int(found[1]) < 2100 else ""


def _parts(words: str) -> str:
    found = _NAMED_PARTS.search(words) or _EASTERN.search(words)
    return _date(*map(int, found.groups())) if found else ""


def _spelled(words: str) -> str:
    """ "3 February 2012", "Feb 3rd, 2012", "3. Februar 2012"."""
    month = next((_MONTHS[word] for word in map(str.lower, _WORD.findall(words)) if word in _MONTHS), 0)
    year = _YEAR.search(words)
    if not month or year is None:
        return ""
    others = words[: year.start()] + " " + words[year.end() :]
    found = _DAY.search(others)
    return _date(int(year[1]), month, int(found[1])) if found else ""


def _year_last(words: str) -> str:
    found = _YEAR_LAST.search(words)
    if found is None:
        return ""
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day_first = _date(year, second, first)
    month_first = _date(year, first, second)
    return (month_first or day_first) if found[2] == "/" else (day_first or month_first)


def _month(words: str) -> str:
    if found := _MONTH.match(words):
        return _date(int(found[1]), int(found[2]), 1)
    month = next((_MONTHS[word] for word in map(str.lower, _WORD.findall(words)) if word in _MONTHS), 0)
    year = _YEAR.search(words)
    return _date(int(year[1]), month, 1) if month and year else ""


def _seconds(words: str) -> str:
    found = _SECONDS.match(words)
    return datetime.fromtimestamp(int(found[1]), UTC).strftime("%Y-%m-%d") if found else ""


def _year(words: str) -> str:
    return f"{words.strip()}-01-01" if _YEAR.fullmatch(words.strip()) else ""


def _date(year: int, month: int, number: int) -> str:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return ""
