"""Count in memory how suggestions do, until the counts are written; a key only adds to a queue.

Of what was taken the text is held until it was looked at ten minutes later, to say how much of it still stands; never
written. Safe to use from several threads. Knows neither the file of the record nor alarms.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts, bucket
from shadowpen.daemon.storage.kept import LOOKED_AT, edit_distance, kept_characters
from shadowpen.daemon.wire.journal_events import Accepted, Forgotten, JournalEvent, Kept, Rated

if TYPE_CHECKING:
    from shadowpen.daemon.showing.judge import Fared  # would bring the readers of markup into `status`

_MOST_EDITS = 512
_MOST_SEEN = 100_000  # between two looks: more than anybody types in a day

_Known = TypeVar("_Known")


class Gathered:
    """The numbers since they were last taken. `seen` takes what is to be counted; `day` names the day of a time."""

    def __init__(self, day: Callable[[float], str] = record.day_of) -> None:
        self.seen: deque[Fared] = deque(maxlen=_MOST_SEEN)
        self._day = day
        self._lock = threading.Lock()
        self._counts: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
        self._taken: OrderedDict[str, Accepted] = OrderedDict()
        self._versions: OrderedDict[str, str] = OrderedDict()  # of what was taken, by id
        self._ratings: OrderedDict[str, float] = OrderedDict()

    def journalled(self, events: Iterable[JournalEvent]) -> None:
        """These events are in the journal now."""
        for event in events:
            if isinstance(event, Kept) and event.when == LOOKED_AT:
                self._looked_at(event)
            with self._lock:
                if isinstance(event, Accepted) and event.taken and event.model:
                    _remember(self._taken, event.id, event)
                    _remember(self._versions, event.id, event.model)
                elif isinstance(event, Forgotten):
                    self._taken.pop(event.id, None)
                elif isinstance(event, Rated) and event.id in self._versions:
                    self._rated(event, self._versions[event.id])

    def take(self) -> dict[tuple[str, str], Counts]:
        """All numbers since the last time, which begin anew."""
        with self._lock:
            while self.seen:
                self._count(self.seen.popleft())
            found, self._counts = self._counts, defaultdict(Counts)
        return dict(found)

    def give_back(self, found: dict[tuple[str, str], Counts]) -> None:
        """These could not be written: they count again."""
        with self._lock:
            for key, one in found.items():
                self._counts[key].add(one)

    def forget(self) -> None:
        """Hold no text: something was forgotten."""
        with self._lock:
            self._taken.clear()

    def _count(self, fared: Fared) -> None:
        counts = self._counts[self._day(fared.time_s), fared.version]
        if fared.kind == "answered":
            counts.latencies[bucket(fared.ms)] += 1
        counts.shown += fared.kind == "shown"
        if fared.kind == "taken":
            counts.taken += fared.first
            counts.characters += fared.characters

    def _of(self, version: str) -> Counts:
        return self._counts[self._day(time.time()), version]

    def _looked_at(self, event: Kept) -> None:
        with self._lock:
            taken = self._taken.pop(event.id, None)
        if taken is None:
            return
        kept, edited = kept_characters(taken.taken, event.text), edit_distance(taken.taken, event.text)
        with self._lock:
            counts = self._of(taken.model)
            counts.looked_at += len(taken.taken)
            counts.kept += kept
            counts.edited += edited

    def _rated(self, event: Rated, version: str) -> None:
        """The last rating of a suggestion counts."""
        counts = self._of(version)
        before = self._ratings.get(event.id)
        counts.ratings += before is None
        counts.rated += event.rating - (before or 0.0)
        _remember(self._ratings, event.id, event.rating)


def _remember(known: OrderedDict[str, _Known], id: str, what: _Known) -> None:
    known[id] = what
    known.move_to_end(id)
    if len(known) > _MOST_EDITS:
        known.popitem(last=False)
