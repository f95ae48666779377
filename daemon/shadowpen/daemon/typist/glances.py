"""The writer's time: the seconds that ghost text saves, and those that reading it costs.

Counting keys takes reading for nearly free. Here a writer looks at each text that appears, reads it up to its first
wrong word, and reaches for the key that takes it. What is saved are strokes of keys; pauses to think are not, since
thinking is left to do. Where the numbers are from:

- `key_s`: the median gap between two keys in the 198,000 logged keystrokes that `pace` is fitted to.
- `glance_s`: one fixation of the eyes, 225 ms (Rayner 1998, Psychological Bulletin 124, 372-422).
- `word_s`: silent reading of non-fiction, 238 words a minute (Brysbaert 2019, Journal of Memory and Language 109,
  104047).
- `take_s`: the median gap before a key that begins a word, from the same log: the hand leaves its flow. What it costs
  to decide has no number of its own.

That attending costs more than keys save is what people were found to do (Quinn and Zhai 2016, CHI, on phones), and that
even accurate suggestions gain no speed on a desktop keyboard (Roy et al. 2021, CHI). Knows no model and no editor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_WORD_CHARACTERS = 5.6  # a word of English prose and its blank


@dataclass(frozen=True)
class AttentiveTypist:
    """What each act costs such a writer, in seconds."""

    key_s: float = 0.136
    glance_s: float = 0.225
    word_s: float = 60 / 238
    take_s: float = 0.370


ATTENTIVE = AttentiveTypist()


@dataclass(frozen=True)
class TypingCounts:
    """What happened while a text was typed, as evaluation counts it (see evaluation.writer.Tally)."""

    characters: int
    keys: int
    shown: int
    used: int
    exact: int
    offered: int
    right: int


@dataclass(frozen=True)
class TimeSaved:
    """Seconds for a thousand characters. `break_even_key_s`: who needs longer for a key gains time, others lose it."""

    strokes_s: float
    reading_s: float
    taking_s: float
    break_even_key_s: float | None

    @property
    def saved_s(self) -> float:
        return round(self.strokes_s - self.reading_s - self.taking_s, 2)


def time_saved(counts: TypingCounts, typist: AttentiveTypist = ATTENTIVE) -> TimeSaved | None:
    """What ghost text saved or cost; None for no text. Below 0 it took more time than typing everything."""
    if not counts.characters:
        return None
    reading_s = counts.shown * typist.glance_s + _words_read(counts) * typist.word_s
    taking_s = counts.used * (typist.take_s - typist.key_s)
    saved_keys = counts.characters - counts.keys
    thousands = counts.characters / 1000
    return TimeSaved(
        strokes_s=round(saved_keys * typist.key_s / thousands, 2),
        reading_s=round(reading_s / thousands, 2),
        taking_s=round(taking_s / thousands, 2),
        break_even_key_s=_break_even_s(counts, saved_keys, reading_s, typist),
    )


def _words_read(counts: TypingCounts) -> float:
    """All that was right, and of each text that was not the first wrong word too."""
    first_wrong = (counts.shown - counts.exact) * _WORD_CHARACTERS
    return min(counts.offered, counts.right + first_wrong) / _WORD_CHARACTERS


def _break_even_s(counts: TypingCounts, saved_keys: int, reading_s: float, typist: AttentiveTypist) -> float | None:
    """The time of a key at which nothing is saved or lost: it counts for each key saved, and against each taking."""
    gained_keys = saved_keys + counts.used
    return round((reading_s + counts.used * typist.take_s) / gained_keys, 3) if gained_keys > 0 else None


def told(time: Mapping[str, float | None] | None) -> str:
    """What reading costs and whether it is worth it, of the fields of a `TimeSaved`; "" where there is nothing."""
    if not time or time.get("reading_s") is None:
        return ""
    costs = (
        f"Reading ghost text costs {time['reading_s']:.0f} s for 1,000 characters and reaching for the key "
        f"{time['taking_s']:.0f} s; the keys not pressed save {time['strokes_s']:.0f} s"
    )
    if not time["break_even_key_s"]:
        return f"{costs}."
    words_a_minute = 12 / time["break_even_key_s"]
    return (
        f"{costs}. It saves time for people who type fewer than {words_a_minute:.0f} words a minute; others lose some."
    )
