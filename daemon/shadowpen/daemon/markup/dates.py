"""Dates in front matter and file names.

Where a date can be read in two ways (3/2/2012), slashes mean month first and dots or dashes day first: texts are put in
their order by it, and a month's error matters less than no date at all. This file knows neither heads nor files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

# Without blanks, dashes and the like; what says when a text was begun comes before what says when it was changed.
_KEYS = [
    "date",
    "published",
    "datepublished",
    "publisheddate",
    "publishdate",
    "pubdate",
    "publishedat",
    "firstpublished",
    "issued",
    "posted",
    "post",
    "created",
    "datecreated",
    "createddate",
    "creationdate",
    "createdat",
    "datetime",
    "written",
    "day",
    "datum",
    "fecha",
    "data",
    "revdate",
    "draftdate",
    "timestamp",
    "time",
    "dcdate",
    "publishedtime",
    "pagedate",
    "dato",
    "erstellt",
    "tarih",
    "дата",
    "日期",
    "日付",
    "날짜",
    "تاريخ",
    "תאריך",
    "jbakedate",
    "docdate",
    "hugodate",
    "sent",
    "updated",
    "updatedat",
    "lastmod",
    "modified",
    "lastmodified",
    "datemodified",
    "modificationdate",
    "lastupdated",
]
_FIRST_LINE = "firstline"
# English, German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Russian, Polish, Czech, Ukrainian, Turkish,
# Hungarian, Greek, Romanian, Finnish, Croatian, Arabic, Hebrew.
_NAMES = """
january jan januar jänner janvier enero ene gennaio gen januari janeiro января styczeń stycznia leden ledna \
січня ocak január ιανουαρίου ιανουάριος ianuarie tammikuuta tammikuu siječnja يناير ינואר
february feb februar februari février fevrier febrero febbraio fevereiro fev févr febr февраля luty lutego únor února \
лютого şubat február φεβρουαρίου φεβρουάριος februarie helmikuuta helmikuu veljače فبراير פברואר
march mar märz maerz mrz mars marzo maart mrt março marco марта marzec marca březen března \
березня mart március μαρτίου μάρτιος martie maaliskuuta maaliskuu ožujka مارس מרץ
april apr avril avr abril abr aprile апреля kwiecień kwietnia duben dubna \
квітня nisan április απριλίου απρίλιος aprilie huhtikuuta huhtikuu travnja أبريل אפריל
may mai mayo maggio mag mei maio maj мая maja květen května \
травня mayıs május μαΐου μάιος toukokuuta toukokuu svibnja مايو מאי
june jun juni juin junio giugno giu junho июня czerwiec czerwca červen června \
червня haziran június ιουνίου ιούνιος iunie kesäkuuta kesäkuu lipnja يونيو יוני
july jul juli juillet juil julio luglio lug julho июля lipiec lipca červenec července \
липня temmuz július ιουλίου ιούλιος iulie heinäkuuta heinäkuu srpnja يوليو יולי
august aug août aout agosto ago augustus augusti августа sierpień sierpnia srpen srpna \
серпня ağustos augusztus αυγούστου αύγουστος elokuuta elokuu kolovoza أغسطس אוגוסט
september sep sept septembre septiembre settembre set setembro сентября wrzesień września září \
вересня eylül szeptember σεπτεμβρίου σεπτέμβριος septembrie syyskuuta syyskuu rujna سبتمبر ספטמבר
october oct oktober okt octobre octubre ottobre ott outubro out октября październik października říjen října \
жовтня ekim október οκτωβρίου οκτώβριος octombrie lokakuuta lokakuu أكتوبر אוקטובר
november nov novembre noviembre novembro ноября listopad listopada listopadu \
листопада kasım νοεμβρίου νοέμβριος noiembrie marraskuuta marraskuu studenoga نوفمبر נובמבר
december dec dezember dez décembre decembre diciembre dic dicembre dezembro desember des декабря grudzień prosinec \
грудня aralık δεκεμβρίου δεκέμβριος decembrie joulukuuta joulukuu prosinca ديسمبر דצמבר
""".strip().split("\n")
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_ISO = re.compile(r"(?<!\d)(\d{4})([-/._ ])\s?(\d{1,2})\2\s?(\d{1,2})(?!\d)")
_WEEK = re.compile(r"(?<!\d)(\d{4})-?W(\d{2})(?:-?([1-7]))?(?!\d)")
_DAY_OF_YEAR = re.compile(r"\s*(\d{4})-(\d{3})\s*\Z")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:\d{4}(?:\d{2}(?:\d{3})?)?)?(?!\d)")
_NAMED_PARTS = tuple(re.compile(rf"\b{part}\s*[:=]\s*(\d{{1,4}})") for part in ("year", "month", "day"))
_EASTERN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/._])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_YEAR_SHORT = re.compile(r"\s*(\d{1,2})([/.])(\d{1,2})\2(\d{2})\s*\Z")
_SPELLED_SHORT = re.compile(
    r"\s*(?:\w{2,12},?\s+)?"
    r"(?:(\d{1,2})\.?[- ]([^\W\d_]{3,9})\.?|([^\W\d_]{3,9})\.?[- ](\d{1,2}),?)[- ]['’]?(\d{2})\s*\Z"
)
_ROMAN = re.compile(r"(?<!\w)(\d{1,2})[. ]\s?(I{1,3}|IV|VI{0,3}|I?X|XI{1,2})[. ]\s?(\d{4})(?!\d)")
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_OLDEST_SHORT_YEAR = 70  # '70 is 1970, '69 is 2069, as in POSIX nearly
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?(?![\d:])")
_YEAR = re.compile(r"(?<!\d)((?:1[5-9]|20)\d{2})(?!\d)")
_MONTH = re.compile(r"\s*(\d{4})[-/.](\d{1,2})\s*\Z")
_MONTH_IN_NAME = re.compile(r"(?<![\d.-])((?:19|20)\d\d)[-_](0[1-9]|1[0-2])(?![\d-])")
_FOLDERS = 4  # above a file may tell its day
_OTHER_WORDS = 2  # that a first line may hold beside a day
_SECONDS = re.compile(r"\s*(\d{9,10})(\d{3})?\s*\Z")
_MOST_CHARACTERS = 200


def told(fields: Mapping[str, str]) -> str:
    """The day that a head's fields tell, as 2012-02-03; "" if they tell none."""
    named = {re.sub(r"[\W_]", "", name): value for name, value in fields.items()}
    found = next((found for key in _KEYS if key in named and (found := day(named[key]))), "")
    return found or _in_first_line(named.get(_FIRST_LINE, ""))


def day(words: str) -> str:
    """The day in `words`, as 2012-02-03; the first of the month or year where they tell no more; "" for none."""
    words = words[:_MOST_CHARACTERS].translate(_DASHES)
    return _whole(words) or next((found for read in (_short, _month, _seconds, _year) if (found := read(words))), "")


def in_name(path: str) -> str:
    """The day in a file's name, or in those of the folders it is in (2012/02/03.md); "" for none."""
    pure = PurePath(path.translate(_DASHES))
    folders = [part for part in pure.parent.parts if part not in ("/", "\\")][-_FOLDERS:]
    found = _named(pure.stem) or _along([*folders, pure.stem])
    return found or next((found for folder in reversed(folders) if (found := _named(folder))), "")


def _in_first_line(line: str) -> str:
    """The day that a title is: "Friday, 3 February 2012" over the page of a diary."""
    found = _whole(line)
    words = [word for word in map(str.lower, _WORD.findall(line)) if word not in _MONTHS]
    return found if len(words) <= _OTHER_WORDS else ""


def _along(parts: Sequence[str]) -> str:
    """The day that folders tell together: 2012/02/03, 2012-02/03, 2012/02 February/3 Friday."""
    for place, part in enumerate(parts):
        rest = parts[place + 1 :]
        if found := re.fullmatch(r"((?:19|20)\d\d)[-_. ](\d{1,2})", part):
            return _date(int(found[1]), int(found[2]), _number(rest[:1], 31) or 1) if rest else ""
        if rest and re.fullmatch(r"(?:19|20)\d\d", part):
            month = _number(rest[:1], 12) or _MONTHS.get(rest[0].lower(), 0)
            if month and len(rest) > 1:
                return _date(int(part), month, _number(rest[1:2], 31) or 1)
    return ""


def _number(parts: Sequence[str], most: int) -> int:
    """The number that the first of `parts` begins with; 0 for none."""
    found = re.match(r"(?:[^\W\d_]{3,12},?[ _-])?(\d{1,2})(?!\d)", parts[0]) if parts else None
    return int(found[1]) if found and 1 <= int(found[1]) <= most else 0


def _named(name: str) -> str:
    for form in (_ISO, _COMPACT):
        for found in form.finditer(name):
            groups = [int(group) for group in found.groups() if group.isdigit()]
            if 1900 <= groups[0] < 2100 and (told := _date(*groups)):
                return told
    other = _year_last(name) or _parts(name) or _week(name)
    if other:
        return other
    month = _MONTH_IN_NAME.search(name)
    if month is not None:
        return _date(int(month[1]), int(month[2]), 1)
    return _spelled(name) if _YEAR.search(name) else ""


def _whole(words: str) -> str:
    readers: tuple[Callable[[str], str], ...] = (_iso, _compact, _parts, _spelled, _year_last, _roman, _week)
    return next((found for read in readers if (found := read(words))), "")


def _iso(words: str) -> str:
    found = _ISO.search(words) or re.search(r"(?<!\d)(\d{4})(-)(\d{1,2})-(\d{1,2})", words)
    return _date(int(found[1]), int(found[3]), int(found[4])) if found else ""


def _compact(words: str) -> str:
    found = _COMPACT.search(words)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found and 1500 <= int(found[1]) < 2100 else ""


def _parts(words: str) -> str:
    """Numbers with their names: datetime(year: 2012, ...), 2012年2月3日."""
    named = [form.search(words) for form in _NAMED_PARTS]
    if found := _EASTERN.search(words):
        return _date(*map(int, found.groups()))
    return _date(*(int(part[1]) for part in named if part)) if all(named) else ""


def _week(words: str) -> str:
    """2012-W05-5, and 2012-034, the 34th day."""
    try:
        if found := _DAY_OF_YEAR.match(words):
            return (date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)).isoformat()
        found = _WEEK.search(words)
        return date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1)).isoformat() if found else ""
    except (ValueError, OverflowError):
        return ""


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


def _roman(words: str) -> str:
    """3.II.2012, as in Poland and Hungary."""
    found = _ROMAN.search(words)
    return _date(int(found[3]), 1 + _NUMERALS.index(found[2]), int(found[1])) if found else ""


def _short(words: str) -> str:
    """A year of two figures: 3-Feb-12, Feb 3 '12, 3.2.12."""
    if found := _SPELLED_SHORT.match(words):
        month = _MONTHS.get((found[2] or found[3]).lower(), 0)
        return _date(_century(found[5]), month, int(found[1] or found[4]))
    found = _YEAR_SHORT.match(words)
    return _year_last(f"{found[1]}{found[2]}{found[3]}{found[2]}{_century(found[4])}") if found else ""


def _century(figures: str) -> int:
    return int(figures) + (1900 if int(figures) >= _OLDEST_SHORT_YEAR else 2000)


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
