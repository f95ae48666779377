"""Report section on accepted suggestions from the journal: counts, text kept, by time and version.

Numbers only leave this file. Whether it helps and whether it gets better is said in a sentence each, with an interval,
or not at all while there is too little to tell it from chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from shadowpen.daemon.evaluation.bootstrap import Interval, ratio_change
from shadowpen.daemon.storage.journal import Contents, Edit
from shadowpen.daemon.storage.kept import LOOKED_AT, kept_characters
from shadowpen.daemon.typist.keystrokes import READING_KEYS

NOT_COUNTED = "Keys saved are not counted while learning is off: `shadowpen learn on` counts from then on."
_PERIOD_DAYS = 28
_LEAST_OUTCOMES = 50  # in each of two periods that are compared
_LEAST_DAYS = 4
_LONGEST_BY_DAY = 31


@dataclass(frozen=True)
class Part:
    """Figures of one part of the journal.

    What became of the suggestions of a day, a week or a version.

    `passed_over` were seen for a while and not taken. Of the `looked_at` characters that could be looked at ten minutes
    later, `kept` still stood there word for word. `typed` characters of notes were typed for them.
    """

    name: str
    taken: int = 0
    characters: int = 0
    passed_over: int = 0
    looked_at: int = 0
    kept: int = 0
    typed: int = 0

    @property
    def taken_share(self) -> float | None:
        return _share(self.taken, self.taken + self.passed_over)

    @property
    def kept_share(self) -> float | None:
        return _share(self.kept, self.looked_at)

    @property
    def keys_saved(self) -> float:
        """A suggestion costs a key to take; one that is read in vain costs a quarter."""
        return self.characters - self.typed - self.taken - READING_KEYS * self.passed_over


@dataclass(frozen=True)
class Own:
    """The journal in figures. `by_time` is by day, or by week where it is long.

    `expanded` are the paragraphs that were made of notes; `rated` of them have a rating, on average `rating`.
    """

    whole: Part
    expanded: Part
    rated: int
    rating: float | None
    by_time: tuple[Part, ...]
    by_version: tuple[Part, ...]
    helps: str
    better: str


def figures(contents: Contents, *, counting: bool = True) -> Own:
    """All that the page says of a journal; the same journal gives the same figures.

    `counting`: learning is on, so that what is accepted gets into the journal.
    """
    outcomes = sorted(_outcomes(contents), key=lambda one: one.day)
    days = {one.day for one in outcomes}
    by_week = bool(days) and (max(days) - min(days)).days > _LONGEST_BY_DAY
    expanded = [edit for edit in contents.edits if edit.was_taken and edit.accepted.notes]
    ratings = [edit.rating for edit in expanded if edit.rating is not None]
    return Own(
        whole=_part("all", outcomes),
        expanded=_part("paragraphs made of notes", [_taken(edit) for edit in expanded]),
        rated=len(ratings),
        rating=fmean(ratings) if ratings else None,
        by_time=_grouped(outcomes, [_week(one.day) if by_week else one.day.isoformat() for one in outcomes]),
        by_version=_grouped(outcomes, [one.version for one in outcomes]),
        helps=_helps(outcomes, counting=counting),
        better=_better(outcomes),
    )


@dataclass(frozen=True)
class _Outcome:
    day: date
    version: str
    taken: bool
    characters: int = 0
    looked_at: int = 0
    kept: int = 0
    typed: int = 0


_Counts = Callable[[_Outcome], tuple[int, int]]


def _outcomes(contents: Contents) -> Iterable[_Outcome]:
    for edit in contents.edits:
        if edit.was_taken:
            yield _taken(edit)
    for event in contents.dismissed:
        yield _Outcome(event.time.date(), event.model or "unknown", taken=False)


def _taken(edit: Edit) -> _Outcome:
    accepted, later = edit.accepted, edit.kept.get(LOOKED_AT)
    characters = len(accepted.taken)
    return _Outcome(
        accepted.time.date(),
        accepted.model or "unknown",
        taken=True,
        characters=characters,
        looked_at=0 if later is None else characters,
        kept=0 if later is None else kept_characters(accepted.taken, later),
        typed=len(accepted.notes),
    )


def _grouped(outcomes: Sequence[_Outcome], names: Sequence[str]) -> tuple[Part, ...]:
    groups: dict[str, list[_Outcome]] = {}
    for name, one in zip(names, outcomes, strict=True):
        groups.setdefault(name, []).append(one)
    return tuple(_part(name, group) for name, group in sorted(groups.items()))


def _part(name: str, outcomes: Sequence[_Outcome]) -> Part:
    return Part(
        name=name,
        taken=sum(one.taken for one in outcomes),
        characters=sum(one.characters for one in outcomes),
        passed_over=sum(not one.taken for one in outcomes),
        looked_at=sum(one.looked_at for one in outcomes),
        kept=sum(one.kept for one in outcomes),
        typed=sum(one.typed for one in outcomes),
    )


def _week(day: date) -> str:
    """The Monday of its week."""
    return (day - timedelta(days=day.weekday())).isoformat()


def _helps(outcomes: Sequence[_Outcome], *, counting: bool) -> str:
    whole = _part("", outcomes)
    if not counting:
        before = f" Before that you accepted {_suggestions(whole.taken)}." if whole.taken else ""
        return f"{NOT_COUNTED}{before}"
    if whole.taken < _LEAST_OUTCOMES:
        so_far = f"{_suggestions(whole.taken)} so far" if whole.taken else "no suggestion yet that was counted"
        needed = f"{_LEAST_OUTCOMES} are needed, and only those accepted while learning is on are counted."
        return f"It is too early to tell whether Shadowpen helps you: you accepted {so_far}; {needed}"
    told = (
        f"You accepted {whole.taken:,} suggestions with {whole.characters:,} characters, "
        f"which saved you about {max(0, whole.keys_saved):,.0f} keys"
    )
    seen = [one for one in outcomes if one.looked_at]
    if not seen:
        return f"{told}."
    days = _by_day(seen, lambda one: (one.kept, one.looked_at))
    found = ratio_change([], days)
    return f"{told}; ten minutes later {found.mean:.0%}{_bounds(found, signed=False)} of it was still there unchanged."


def _suggestions(count: int) -> str:
    return f"{count:,} {'suggestion' if count == 1 else 'suggestions'}"


def _better(outcomes: Sequence[_Outcome]) -> str:
    """The newest four weeks against all before: which share of what was seen was taken."""
    newest = max((one.day for one in outcomes), default=date.min)
    since = newest - timedelta(days=_PERIOD_DAYS - 1) if outcomes else newest
    before, after = ([one for one in outcomes if (one.day >= since) is later] for later in (False, True))
    periods = [_by_day(part, lambda one: (int(one.taken), 1)) for part in (before, after)]
    if min(len(before), len(after)) < _LEAST_OUTCOMES or min(map(len, periods)) < _LEAST_DAYS:
        return "It is too early to tell whether it is improving: that takes more than four weeks of use."
    found = ratio_change(*periods)
    told = f"of what you saw in the last four weeks you accepted {_points(found.mean)} points"
    bounds = _bounds(found, signed=True)
    if found.low is not None and found.low > 0:
        return f"It is improving: {told} more than before{bounds}."
    if found.high is not None and found.high < 0:
        return f"It is getting worse: {told} less than before{bounds}."
    return f"There is no clear change: {told} more or less than before{bounds}."


def _by_day(outcomes: Iterable[_Outcome], of: _Counts) -> list[tuple[float, float]]:
    """(part, whole) of each day: what is written on one day stands or falls together."""
    days: dict[date, tuple[float, float]] = {}
    for one in outcomes:
        part, whole = of(one)
        known = days.get(one.day, (0.0, 0.0))
        days[one.day] = (known[0] + part, known[1] + whole)
    return [days[day] for day in sorted(days)]


def _bounds(found: Interval, *, signed: bool) -> str:
    if found.low is None or found.high is None:
        return ""
    if signed:
        return f" (95 %: {100 * found.low:+.1f} to {100 * found.high:+.1f})"
    return f" (95 %: {found.low:.0%} to {found.high:.0%})"


def _points(share: float) -> str:
    return f"{abs(100 * share):.1f}"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
