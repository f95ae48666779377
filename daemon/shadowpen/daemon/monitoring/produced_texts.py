"""Count in memory how expansions, continuations and the output of verbs do.

What was offered and what stands of it ten minutes later is held until the two were compared, and never written. Safe to
use from several threads. Knows neither the file of the record nor how texts are compared.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from shadowpen.daemon.monitoring import similarity
from shadowpen.daemon.monitoring.similarity import Similarity, TextPair
from shadowpen.daemon.storage.kept import edit_distance, kept_characters
from shadowpen.daemon.wire.journal_events import Produced

_MOST_PAIRS = 128
_MOST_KNOWN = 512
BY_RULES = "rules"  # the version of what no model had a part in

Key = tuple[str, str, str]  # day, task, version
_Name = TypeVar("_Name", bound=Hashable)


@dataclass
class TaskCounts:
    """Of `texts` that a task made and the user took, `characters` long.

    Ten minutes later `kept` of the characters still stood there, and `edited` letters were changed. `compared` of the
    texts were compared with what stood; `bleu`, `chrf` and `rouge_l` add up what that said, each 0 to 100. `encoded`
    of them were compared by an encoder, and `bert_score` adds up what that said, each 0 to 100.
    """

    texts: int = 0
    characters: int = 0
    kept: int = 0
    edited: int = 0
    compared: int = 0
    bleu: float = 0.0
    chrf: float = 0.0
    rouge_l: float = 0.0
    encoded: int = 0
    bert_score: float = 0.0

    def add(self, other: TaskCounts) -> None:
        for name in TASK_NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.characters if self.characters else None

    @property
    def edited_share(self) -> float | None:
        """Letters changed for each that was taken."""
        return self.edited / self.characters if self.characters else None

    @property
    def similarity(self) -> Similarity | None:
        """The mean over the texts that were compared."""
        if not self.compared:
            return None
        return Similarity(*(getattr(self, name) / self.compared for name in Similarity._fields))

    @property
    def mean_bert_score(self) -> float | None:
        """The mean over the texts that an encoder compared."""
        return self.bert_score / self.encoded if self.encoded else None


def by_task(found: Mapping[Key, TaskCounts]) -> dict[str, TaskCounts]:
    """Each task's figures over all days and versions."""
    return _together((task, one) for (_, task, _), one in sorted(found.items()))


def by_task_and_version(found: Mapping[Key, TaskCounts]) -> dict[tuple[str, str], TaskCounts]:
    """Each task's figures by version, over all days."""
    return _together(((task, version), one) for (_, task, version), one in sorted(found.items()))


def by_day_and_task(found: Mapping[Key, TaskCounts]) -> dict[str, dict[str, TaskCounts]]:
    """Each day's figures by task, over all versions, the earliest day first."""
    return {
        day: _together((task, one) for (on, task, _), one in sorted(found.items()) if on == day)
        for day in sorted({day for day, _, _ in found})
    }


def _together(found: Iterable[tuple[_Name, TaskCounts]]) -> dict[_Name, TaskCounts]:
    result: defaultdict[_Name, TaskCounts] = defaultdict(TaskCounts)
    for name, one in found:
        result[name].add(one)
    return dict(result)


TASK_NUMBERS = tuple(one.name for one in fields(TaskCounts))


class ProducedTexts:
    """The numbers since they were last taken.

    `today` gives the day, `measure` says how alike texts are, and `encode` how alike they are to an encoder; either may
    say less than it was asked.
    """

    def __init__(
        self,
        today: Callable[[], str],
        measure: Callable[[Sequence[TextPair]], list[Similarity]] = similarity.measured,
        encode: Callable[[Sequence[TextPair], str], list[float]] = lambda pairs, folder: [],
    ) -> None:
        self._today, self._measure, self._encode = today, measure, encode
        self._lock = threading.Lock()
        self._counts: defaultdict[Key, TaskCounts] = defaultdict(TaskCounts)
        self._pairs: deque[tuple[Key, TextPair]] = deque(maxlen=_MOST_PAIRS)
        self._known: OrderedDict[str, None] = OrderedDict()  # ids: an event may come twice

    def produced(self, events: Iterable[Produced]) -> None:
        """Count these texts."""
        for event in events:
            pair = TextPair(event.offered, event.text)
            kept, edited = kept_characters(*pair), edit_distance(*pair)
            with self._lock:
                if event.id in self._known:
                    continue
                self._known[event.id] = None
                if len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
                key = (self._today(), event.task, event.model or BY_RULES)
                self._counts[key].add(TaskCounts(1, len(event.offered), kept, edited))
                self._pairs.append((key, pair))

    def take(self, *, compare: bool = True, encoder: str = "") -> dict[Key, TaskCounts]:
        """All numbers since the last time, which begin anew.

        To `compare` takes seconds, and longer where there is the folder of an `encoder`.
        """
        with self._lock:
            found, self._counts = self._counts, defaultdict(TaskCounts)
            pairs = list(self._pairs)
            self._pairs.clear()
        if pairs and compare:
            texts = [pair for _, pair in pairs]
            for (key, _), score in zip(pairs, self._measure(texts), strict=False):
                found[key].add(TaskCounts(compared=1, **score._asdict()))
            for (key, _), alike in zip(pairs, self._encode(texts, encoder) if encoder else [], strict=False):
                found[key].add(TaskCounts(encoded=1, bert_score=alike))
        return dict(found)

    def give_back(self, found: dict[Key, TaskCounts]) -> None:
        """These could not be written: they count again."""
        with self._lock:
            for key, one in found.items():
                self._counts[key].add(one)

    def forget(self) -> None:
        """Hold no text: something was forgotten."""
        with self._lock:
            self._pairs.clear()
