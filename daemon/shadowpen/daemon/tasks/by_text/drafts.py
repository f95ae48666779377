"""Drafts: what an engine wrote for a place, and what remains of it while its letters are typed.

A letter that is typed is certain: of the tokens that could stand there only those that begin with it are left, and the
token that was written is as likely as it is among these. Knows neither engines nor what is shown.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from shadowpen.daemon.engine.text_engine import ProbableToken, TextPiece
from shadowpen.daemon.tasks.decoding import DecodingStep

_MOST_DOCUMENTS = 64
# Where the engine tells no probabilities: how likely a word is, and by how much less it is wrong with each letter of it
# that is typed already.
_ASSUMED, _LESS_WRONG, _ASSUMED_MARGIN = 0.4, 0.75, 0.5
_UNLISTED = 0.1  # of the tokens that no list of rivals holds, so many go on with any one letter
_WORD = re.compile(r"\s*\S+|\s+\Z")
BEGUN = re.compile(r"[\w'’-]*\Z")
_WORD_LETTER = re.compile(r"[\w'’-]")


@dataclass
class TextDraft:
    """What was written behind `before`; `ended` where the engine had no more to say."""

    before: str
    written: list[TextPiece] = field(default_factory=list)
    ended: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.written)

    def steps(self, prefix: str) -> list[DecodingStep]:
        """What is left of it behind `prefix`, as if it had been decoded there; nothing where that went another way."""
        typed = prefix[len(self.before) :]
        if not prefix.startswith(self.before) or not self.text.startswith(typed):
            return []
        if all(piece.tokens for piece in self.written):
            tokens = [token for piece in self.written for token in piece.tokens]
        else:
            tokens = _assumed(self.text, len(typed), len(BEGUN.findall(prefix)[0]))
        return list(_steps(tokens, typed, ended=self.ended))


class Drafts:
    """The last draft of each document."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, TextDraft] = OrderedDict()

    def begin(self, document: str, before: str) -> TextDraft:
        """A new, empty draft in the place of the last."""
        draft = self._of[document] = TextDraft(before)
        self._of.move_to_end(document)
        while len(self._of) > _MOST_DOCUMENTS:
            self._of.popitem(last=False)
        return draft

    def of(self, document: str) -> TextDraft | None:
        return self._of.get(document)

    def close(self, document: str) -> None:
        self._of.pop(document, None)


def _assumed(text: str, typed: int, letters: int) -> list[ProbableToken]:
    """The words of `text`, of which so many characters are `typed`, `letters` of them of the word at the cursor."""
    found = []
    for word in _WORD.finditer(text):
        at_cursor = word.start() <= typed < word.end() and not text[typed].isspace()
        wrong = (1 - _ASSUMED) * (_LESS_WRONG**letters if at_cursor else 1.0)
        found.append(ProbableToken(word[0], math.log(1 - wrong)))
    return found


def _steps(tokens: list[ProbableToken], typed: str, *, ended: bool) -> Iterator[DecodingStep]:
    made, log_probability = "", 0.0
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        covered = min(len(token.text), len(typed))
        typed = typed[covered:]
        if covered == len(token.text):
            continue
        made += token.text[covered:]
        log_probability += _given(token, token.text[:covered])
        yield DecodingStep(
            made.encode(),
            log_probability,
            _word_end(following, ended=ended),
            margin=_margin(token, token.text[:covered]),
        )


def _given(token: ProbableToken, letters: str) -> float:
    """The log-probability of `token`, whose first `letters` are known."""
    if not letters or not token.rivals:
        return token.log_probability
    known = [(text, math.exp(number)) for text, number in _known(token)]
    unlisted = max(0.0, 1.0 - sum(p for _, p in known)) * _UNLISTED ** len(letters.strip())
    return min(
        0.0, token.log_probability - math.log(sum(p for text, p in known if text.startswith(letters)) + unlisted)
    )


def _margin(token: ProbableToken, letters: str) -> float:
    if not token.rivals:
        return _ASSUMED_MARGIN
    alike = {text: math.exp(number) for text, number in _known(token) if text.startswith(letters)}
    own = alike.pop(token.text)
    return max(0.0, own - max(alike.values(), default=0.0)) / (own + sum(alike.values()))


def _word_end(following: ProbableToken | None, *, ended: bool) -> float:
    """How likely no further letter belongs to the word before."""
    if following is None:
        return float(ended)
    known = [(text, math.exp(number)) for text, number in _known(following)]
    return sum(p for text, p in known if not _WORD_LETTER.match(text)) / sum(p for _, p in known)


def _known(token: ProbableToken) -> list[tuple[str, float]]:
    """The token and its rivals, each once."""
    return list({**dict(token.rivals), token.text: max(token.log_probability, -50.0)}.items())
