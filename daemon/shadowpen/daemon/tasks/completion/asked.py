"""Text on request: greedy decoding that neither loops nor stops too early.

Walks to the end of a clause, a sentence, a line or a paragraph, and takes a mark that is likely once it is long enough.
Knows nothing of what is shown, nor of other texts that it could be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.completion.extents import (
    ENOUGH_WORDS,
    LEAST_WORDS,
    MOST_WORDS,
    end_of,
    last_mark,
    whole_words,
    word_count,
)
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.text.tokenizer import complete_text
from shadowpen.daemon.wire.protocol import Extent

_OWN_RUN = 3  # tokens of its own that it does not say twice in a row
_READ_RUN = 6  # tokens of the text before it that it does not say again
_READ_TOKENS = 256
_LIKELY_MARK = 0.15  # once it is long enough; less and less is needed with each further word
_LEAST_LEFT = 0.1  # where what is forbidden is all that the model can think of, it is right
_LEAST_PARAGRAPH = 30  # words, as of a paragraph that is continued
_NEVER = -1e9  # not infinite: what is forbidden as a whole has a sum that can be reckoned with
_LONGEST = 400  # tokens
_WORD = re.compile(r"\S+")


@dataclass
class Asked(Decoding):
    """A request for text of some extent.

    `shown` stands on the screen already and is behind the prompt; `extent` and `most_words` are of all of the text.

    `begins_line` says that a new line may come first, `one_line` that none may come at all. In a `hurry` it ends with a
    mark as soon as it is a clause.
    """

    shown: str = ""
    extent: Extent = "clause"
    most_words: int = MOST_WORDS["clause"]
    begins_line: bool = False
    one_line: bool = False
    hurry: bool = False
    _mark: float = 0.0  # log-probability of all the marks that the next token is chosen from; 0: it is from all tokens

    @property
    def text(self) -> str:
        return self.shown + complete_text(self.data)

    @property
    def end(self) -> int | None:
        """Where the text has reached its extent."""
        return end_of(self.text, self.extent, len(self.shown))

    @property
    def is_enough(self) -> bool:
        """Whether there is nothing to add, for the extent is reached, the model ends, or it is as long as it may be."""
        if not self.steps:
            return False
        longer = self.extent in ("line", "paragraph")
        return (
            self.steps[-1].ended
            or self.end is not None
            or word_count(self.text) > self.most_words
            or (longer and end_of(self.text, "sentence", self._enough_at()) is not None)
        )

    def walk(self) -> Iterator[None]:
        """Go on until it is enough; yields after each step."""
        for _ in range(_LONGEST):
            yield from self.advance()
            yield
            if self.is_enough:
                return

    def branches(self, count: int) -> list[Asked]:
        """As `others`: what goes on with another token."""
        return [other for other in self.others(count) if isinstance(other, Asked)]

    def sure(self) -> str:
        """What of the text stays as it is, whatever comes next: whole words, within the extent."""
        end = self.end
        if end is not None:
            return self.text[:end]
        if self.steps and self.steps[-1].ended:
            return self.text.rstrip()
        kept = whole_words(self.text)
        words = list(_WORD.finditer(kept))
        if len(words) > self.most_words:
            kept = kept[: words[self.most_words - 1].end()]
        return kept if len(kept) > len(self.shown) else self.shown

    def candidate(self) -> Candidate | None:
        """All that is sure, up to the last sentence of a longer text; None where that adds nothing."""
        text = self.sure()
        if self.end is None and self.extent in ("line", "paragraph"):
            text = text[: _last_sentence(text + "\n", len(self.shown))] or text
        if len(text.strip()) <= len(self.shown.strip()):
            return None
        probability = math.exp(self.log_probability)
        return Candidate(text, probability, probability, self.steps[0].margin)

    def short(self) -> Candidate | None:
        """As `candidate`, for a text that the time cut short: it ends with its last mark, if it has one."""
        made = self.candidate()
        cut = last_mark(made.text) if made is not None and self.end is None else None
        return made if made is None or cut is None else replace(made, text=made.text[:cut])

    def _enough_at(self) -> int:
        """Where the words that are enough of it end."""
        words = list(_WORD.finditer(self.text))
        enough = min(ENOUGH_WORDS[self.extent], self.most_words)
        return max(len(self.shown), words[enough - 1].end() if len(words) >= enough else len(self.text))

    # --- the choice of tokens --------------------------------------------------------------------------

    def _opinions(self, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        own, logits = super()._opinions(ids)
        self._mark = 0.0
        return (own, logits) if self.required else (own, self._constrained(logits))

    def _constrained(self, logits: np.ndarray) -> np.ndarray:
        allowed = np.ones(len(logits), bool)
        allowed[self._forbidden()] = False
        probabilities = np.exp(logits - logits.max())
        probabilities /= probabilities.sum()
        if float(probabilities[allowed].sum()) < _LEAST_LEFT:
            return logits
        marks = self.language.vocabulary.marks
        of_marks = float(probabilities[marks][allowed[marks]].sum())
        if of_marks >= self._wanted_of_marks():
            allowed[np.setdiff1d(np.arange(len(logits)), marks)] = False
            self._mark = math.log(of_marks)
        return np.where(allowed, logits, np.float32(_NEVER))

    def _take(self, token: int, log_probability: float, margin: float, lent: float) -> None:
        super()._take(token, log_probability + self._mark, margin, lent)

    def _wanted_of_marks(self) -> float:
        """How likely marks must be for one of them to come next, whatever is likelier; above 1: never."""
        enough = LEAST_WORDS if self.hurry else ENOUGH_WORDS[self.extent]
        over = word_count(self.text) - min(enough, self.most_words)
        behind_word = self.text[-1:].isalnum()
        if over < 0 or not behind_word or self.extent not in ("clause", "sentence"):
            return 2.0
        return max(0.01, _LIKELY_MARK / (1 + over))

    def _forbidden(self) -> np.ndarray:
        vocabulary, tokenizer = self.language.vocabulary, self.language.tokenizer
        ends = np.asarray(list(tokenizer.eos_ids), np.int64)
        forbidden = [np.asarray(self._said(), np.int64)]
        may_end = self._may_end()
        if not may_end:
            forbidden.append(ends)
        if self.one_line or not (may_end or (self.begins_line and not self.text.strip())):
            forbidden.append(vocabulary.with_newline)
        others = vocabulary.special
        forbidden.append(others[~np.isin(others, ends)])
        return np.concatenate(forbidden)

    def _may_end(self) -> bool:
        """Whether the text may end here: something was added, and there is enough of it."""
        longer = self.extent in ("line", "paragraph")
        words = word_count(self.text)
        if word_count(complete_text(self.data)) < (LEAST_WORDS if longer else 1):
            return False
        least = _LEAST_PARAGRAPH if self.extent == "paragraph" else LEAST_WORDS
        return words >= min(least, self.most_words // 2)

    def _said(self) -> list[int]:
        """Tokens that would repeat the text just before."""
        made = len([step for step in self.steps if not step.ended])
        own = self.ids[len(self.ids) - made :] if made else []
        return _followers(own, _OWN_RUN) + _followers(self.ids[-_READ_TOKENS:], _READ_RUN)


def _followers(ids: list[int], run: int) -> list[int]:
    """Tokens that followed the last `run` - 1 of `ids` earlier."""
    tail = ids[len(ids) - run + 1 :]
    if len(ids) < run:
        return []
    return [ids[at + run - 1] for at in range(len(ids) - run + 1) if ids[at : at + run - 1] == tail]


def _last_sentence(text: str, beyond: int) -> int | None:
    """Where the last sentence of `text` ends that is longer than `beyond`."""
    end = end_of(text, "sentence", beyond)
    while end is not None and (further := end_of(text, "sentence", end)) is not None:
        end = further
    return end
