"""Quality of expansions: real paragraphs become notes, and the expansion is compared with them.

Nobody can say what the one right paragraph is, so three plain figures stand for it: how much of the notes it tells,
how much it merely copies, and whether it is as long as a paragraph. Knows neither the model nor who runs it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from shadowpen.daemon.corpus.notes import MAX_WORDS, MIN_WORDS, fits, make_notes
from shadowpen.daemon.tasks.expansion.ranking import coverage, longest_common_run

MOST_COPIED_WORDS = 8

Expand = Callable[[Sequence[str], int], str]  # notes and a seed → a paragraph, "" for none


@dataclass(frozen=True)
class Expanded:
    """One expansion, measured.

    One paragraph made: `told` is the share of the notes' content words in it, `copied` the longest run of words
    that stands in the notes as well.
    """

    notes: tuple[str, ...]
    text: str
    told: float
    copied: int

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True)
class Summary:
    """Figures of many expansions.

    Of many: the mean share told, the longest run copied, and the share of 40 to 160 words.
    """

    paragraphs: int
    told: float
    longest_copied: int
    copied_little: float
    in_length: float


def choose(texts: Iterable[str], count: int, seed: int) -> list[str]:
    """`count` paragraphs of `texts`, chosen by `seed` among those that `fits` takes; all if they are fewer."""
    paragraphs = [paragraph.strip() for text in texts for paragraph in text.split("\n\n") if fits(paragraph)]
    random.Random(seed).shuffle(paragraphs)
    return paragraphs[:count]


def measure(paragraphs: Sequence[str], expand: Expand, seed: int) -> Iterator[Expanded]:
    """Make notes of each paragraph and a paragraph of the notes; the same for the same seed and model."""
    for number, paragraph in enumerate(paragraphs):
        notes = make_notes(paragraph, seed + number)
        text = expand(notes, seed)
        joined = " ".join(notes)
        yield Expanded(notes, text, coverage(text, joined), longest_common_run(text, joined))


def summarise(made: Sequence[Expanded]) -> Summary:
    """ValueError for nothing at all."""
    if not made:
        raise ValueError("nothing was expanded")
    return Summary(
        paragraphs=len(made),
        told=fmean(one.told for one in made),
        longest_copied=max(one.copied for one in made),
        copied_little=fmean(one.copied <= MOST_COPIED_WORDS for one in made),
        in_length=fmean(MIN_WORDS <= one.words <= MAX_WORDS for one in made),
    )


def markdown(examples: Iterable[Expanded]) -> str:
    """The examples as they came, for docs/expansions.md."""
    return "\n".join(_example(number, one) for number, one in enumerate(examples, 1))


def _example(number: int, one: Expanded) -> str:
    notes = "\n".join(f"- {note}" for note in one.notes)
    figures = f"{one.told:.0%} of the notes told, {one.words} words, longest run copied {one.copied} words"
    return f"### {number}\n\n{notes}\n\n> {one.text or '(nothing)'}\n\n{figures}.\n"
