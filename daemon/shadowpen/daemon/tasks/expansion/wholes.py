"""Parts of a note that stay together: dates, times, ranges, amounts with units, names of two words.

Between "day" and "2" no small word can stand, and before "3 March" no article. What is short is written out where it
can mean one thing only. English; the words that make a part of a note a whole are few, and all of them stand here.
Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from shadowpen.daemon.tasks.expansion.small_words import ARTICLES, CONTRACTED, PRONOUNS, VERBS
from shadowpen.daemon.text.function_words import is_function_word
from shadowpen.daemon.text.shortenings import full_forms, short_forms


@dataclass(frozen=True)
class Whole:
    """A part of a note up to `end`, the `forms` that tell it, and the small words that cannot stand before it."""

    end: int
    forms: tuple[str, ...]
    bars: frozenset[str] = frozenset()


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|March|Mar|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept(?:ember)?|Sep|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:rs(?:day)?)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b\.?"
_DATE = rf"(?:(?:{_DAY},? )?\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{1,2}}\b(?!:)(?:, \d{{4}})?)"
_NUMBER = r"\d+(?:[.,]\d+)*"
_TIMES = ("hour", "minute", "second", "week", "month", "year")
_LONG_TIMES = ("weeks", "months", "years")
_UNITS = {short: f"{time}s" for time in _TIMES for short in (*short_forms(time), *short_forms(f"{time}s"))}
_UNITS |= {"sec": "seconds", "s": "seconds"}  # behind a number only
_UNIT = (
    rf"(?:(?:{'|'.join(_UNITS)}|[kcmn]?m|k?g|mg|m?l|[kMGT]B|°[CF]|percent|degrees|euros|pounds|dollars|hours?|minutes?|"
    r"seconds?|days?|weeks?|months?|years?|[ap]\.?m)\b(?:/\w+)?\.?(?!\w)|%)"
)
_LABELS = {
    "ch": "chapter",
    "rm": "room",
    "pg": "page",
    "para": "paragraph",
    "ch.": "chapter",
    "p.": "page",
    "pp.": "pages",
    "fig.": "figure",
    "vol.": "volume",
    "no.": "no.",
}
_LABEL = (
    rf"(?:{'|'.join(re.escape(label) for label in reversed(_LABELS))}|day|week|year|chapter|page|part|phase|step|stage|"
    r"round|section|clause|version|figure|table|volume|number|level|grade|room|bed|floor|gate|platform|plot|line|bus|route|run|"
    r"sample|group|question|item|class|ward|team|act|scene|episode|exercise|track|unit)"
)
_NEXT_WORD = re.compile(r" ([a-z]{3,})")
_TO = r"(?: ?[-–] ?| (?:->|=>|→) | to | until )"
_NAME = r"[A-Z][a-zà-ÿ]+"


def _range(match: re.Match[str]) -> tuple[str, ...]:
    return (f"{_written(match['from'])} to {_written(match['till'])}",)


def _change(match: re.Match[str]) -> tuple[str, ...]:
    told = f"{match['from']} to {match['till']}"
    return f"from {told}", told


def _changed_number(match: re.Match[str]) -> tuple[str, ...]:
    told = _change(match)
    return *told, f"went {told[0]}"  # behind a verb, as in "raised 100 -> 120", only the first two


def _date(match: re.Match[str]) -> tuple[str, ...]:
    return (_written(match[0]),)


def _amount(match: re.Match[str]) -> tuple[str, ...]:
    number, unit = match["number"].strip(), match["unit"]
    number = re.sub(r"(?<=\d) ?[-–] ?", " to ", number)
    full = _UNITS.get(unit.rstrip("."))
    if full is None:
        told: tuple[str, ...] = (f"{number}{' ' if match['blank'] else ''}{unit}",)
    elif number == "1":
        told = f"1 {full[:-1]}", f"one {full[:-1]}"
    else:
        after = _NEXT_WORD.match(match.string, match.end())
        is_lead = after and not unit.rstrip(".").endswith("s") and not is_function_word(after[1])
        long = f"{number}-{full[:-1]}"  # "a 5-year guarantee"; but "cook 20 min", and then how
        told = (f"{number} {full}",) if not is_lead else (long,) if full in _LONG_TIMES else (f"{number} {full}", long)
    return tuple(f"{lead} {form}" for form in told for lead in _LEADS[match["lead"].strip()]) if match["lead"] else told


def _about(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(f"{lead} {match['number']}" for lead in _LEADS[match["lead"].strip()])


def _label(match: re.Match[str]) -> tuple[str, ...]:
    label = match["label"]
    return (f"{_LABELS.get(label, label)} {match['which']}",)


def _titled(match: re.Match[str]) -> tuple[str, ...]:
    return (match[0][0].upper() + match[0][1:],)


def _as_it_stands(match: re.Match[str]) -> tuple[str, ...]:
    return (match[0],)


_LEADS = {
    "~": ("about", "around"),
    "c.": ("about", "around"),
    "ca.": ("about", "around"),
    ">": ("more than", "over"),
    "<": ("less than", "under"),
}
_LEAD = r"(?:~ ?|ca?\. ?|[<>] )"
_AMOUNT = rf"(?P<lead>(?:{_LEAD})?)(?P<number>[-−]?{_NUMBER}(?: ?[-–] ?{_NUMBER})?)(?P<blank> ?)(?P<unit>{_UNIT})"
# In this order; the first that fits a place takes it.
_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, ...]]], ...] = tuple(
    (re.compile(pattern), forms)
    for pattern, forms in (
        (rf"(?P<from>{_DATE}){_TO}(?P<till>{_DATE})", _range),
        (rf"(?P<from>{_DAY})[-–](?P<till>{_DAY})", _range),
        (_DATE, _date),
        (rf"(?P<from>{_NUMBER}) (?:->|=>|→) (?P<till>{_NUMBER})", _changed_number),
        (rf"(?P<from>{_NAME}) (?:->|=>|→) (?P<till>{_NAME})", _change),
        (_AMOUNT, _amount),
        (rf"(?P<lead>{_LEAD})(?P<number>{_NUMBER})", _about),
        (rf"(?P<label>{_LABEL}) (?P<which>\d[\w.]*\w|\d|[A-Z]\b)(?! ?{_UNIT})", _label),
        (rf"(?:[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof)\b\.? {_NAME}", _titled),
        (r"so far\b(?! (?:away|from|off|apart)\b)", _as_it_stands),
    )
)
_WEEKDAY = re.compile(rf"{_DAY}(?!-)")
_NAMES = re.compile(rf"{_NAME}(?: {_NAME})+")
_NO_NAME = re.compile(rf"{_DAY}|{_MONTH}")


def whole_at(note: str, start: int) -> Whole | None:
    """The whole that begins at `start` of `note`, where a word does; None where none begins."""
    for pattern, forms in _KINDS:
        if match := pattern.match(note, start):
            told = forms(match)
            articles = ARTICLES if "-" not in told[-1] else frozenset()  # "a 5-year guarantee"
            # It has its own; and what is best so far is not so far from anything.
            verbs = VERBS if told[-1].startswith("went ") or told[-1] == "so far" else frozenset()
            # "Bus 41" is not what somebody is.
            pronouns = PRONOUNS | CONTRACTED if forms is _label else frozenset()
            return Whole(match.end(), told, articles | verbs | pronouns)
    if not start:  # where a word is capital for its place: "Sat by the window"
        return None
    if day := _WEEKDAY.match(note, start):
        return Whole(day.end(), (_written(day[0]),), ARTICLES)
    names = _NAMES.match(note, start)
    if names and not any(_NO_NAME.fullmatch(word) for word in names[0].split()):
        return Whole(names.end(), (names[0],))
    return None


def _written(date: str) -> str:
    """A date with its day and month written out."""
    return " ".join(_word(word) for word in date.split())


def _word(word: str) -> str:
    full = full_forms(word.rstrip(".,")) if word[:1].isalpha() else ()
    return full[0] + "," * word.endswith(",") if full else word
