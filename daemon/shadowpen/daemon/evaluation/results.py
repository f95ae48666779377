"""The folder of an evaluation: its settings, one line per finished text, and the summary.

    settings.json    what was measured and how; a run goes on only with the same
    texts.jsonl      one finished text an arm and line: numbers, names of files, no text
    summary.json     what `shadowpen report` shows (see metrics.summary)
    ends.json        arms of which every text is finished
    timings.jsonl    milliseconds, which differ from run to run
    arms/            what an arm that is not finished has learned; gone when it is

Knows no model.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.typist.keystrokes import Tally

SCHEMA = 2


class TextResult(msgspec.Struct, frozen=True, kw_only=True):
    """One text typed under one arm.

    `at_coverage` is the tally when `likely` of all `places` are shown, the likeliest; `words_right` maps "1", "2", …
    to (right, of) among those. `bits` are those of `bits_characters`; `learned_characters` were known before.
    """

    arm: str
    text: str
    model: str
    learned_characters: int
    as_served: Tally
    as_read: Tally
    at_coverage: Tally
    places: int
    likely: int
    words_right: dict[str, tuple[int, int]]
    bits: float
    bits_characters: int


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The median time to think of an answer in one text, without a deadline."""

    arm: str
    text: str
    answer_ms: float


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an arm in the results.

    An arm came to its end with `model`; `notes` is what is to be said of it.
    """

    model: str
    general_perplexity: float
    notes: list[str] = []


class Results:
    """The folder of one evaluation. `records` are the finished texts, in the order in which they were."""

    def __init__(self, folder: Path) -> None:
        self.folder = store.private_directory(folder)
        self.records = _lines(folder / "texts.jsonl", TextResult)
        self._timings = _lines(folder / "timings.jsonl", Timing)
        ends = _document(folder / "ends.json") or {}
        self.ends: dict[str, End] = msgspec.convert(ends, dict[str, End])

    @classmethod
    def begin(cls, folder: Path, settings: dict[str, Any], *, resume: bool) -> Results:
        """A new evaluation in an empty folder, or one that goes on; ConfigInvalid where neither is possible."""
        known = _document(folder / "settings.json")
        if known is None:
            if folder.exists() and any(folder.iterdir()):
                raise ConfigInvalid(f"{folder} is not empty and holds no evaluation.", "Name a new folder.")
        elif not resume:
            raise ConfigInvalid(
                f"{folder} holds an evaluation.", "Add --resume to go on with it, or name a new folder."
            )
        elif known != settings:
            different = ", ".join(sorted(k for k in {*known, *settings} if known.get(k) != settings.get(k)))
            raise ConfigInvalid(
                f"The evaluation in {folder} was started with other settings: {different}.",
                "Use the same settings, or another folder.",
            )
        else:
            return cls(folder)
        results = cls(folder)
        store.write_atomic(folder / "settings.json", msgspec.json.format(msgspec.json.encode(settings)) + b"\n")
        return results

    def of(self, arm: str) -> list[TextResult]:
        return [record for record in self.records if record.arm == arm]

    def add(self, record: TextResult, answer_ms: float) -> None:
        """A text is finished: on the disk when this returns."""
        self.records.append(record)
        self._timings.append(Timing(arm=record.arm, text=record.text, answer_ms=round(answer_ms, 2)))
        for name, rows in (("timings.jsonl", self._timings), ("texts.jsonl", self.records)):
            store.write_atomic(self.folder / name, b"".join(msgspec.json.encode(row) + b"\n" for row in rows))

    def answers_ms(self, arm: str) -> list[float]:
        return [timing.answer_ms for timing in self._timings if timing.arm == arm]

    def home(self, arm: str) -> Path:
        """Where an arm keeps what it has learned so far."""
        return store.private_directory(self.folder / "arms" / arm)

    def end(self, arm: str, end: End) -> None:
        """Every text of the arm is finished: what it has learned is no longer needed."""
        self.ends[arm] = end
        store.write_atomic(self.folder / "ends.json", msgspec.json.encode(self.ends) + b"\n")
        shutil.rmtree(self.folder / "arms" / arm, ignore_errors=True)

    def finish(self, summary: dict[str, Any]) -> None:
        store.write_atomic(self.folder / "summary.json", msgspec.json.format(msgspec.json.encode(summary)) + b"\n")


def read_summary(folder: Path) -> dict[str, Any]:
    """The summary in a folder; ConfigInvalid if there is none of this version."""
    summary = _document(folder / "summary.json")
    if summary is None or summary.get("schema") != SCHEMA:
        raise ConfigInvalid(f"{folder} holds no finished evaluation.", "`shadowpen eval writer --out DIR` makes one.")
    return summary


def _document(path: Path) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _lines(path: Path, kind: Any) -> list[Any]:
    try:
        return [msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} cannot be read as an evaluation's results.", "Name a new folder.") from error
