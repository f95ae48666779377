"""The answers that a client gets: a plain, immutable result for each verb. Knows no sockets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from shadowpen.daemon.wire.protocol import Completion, Continuation, Expansion, Timings
from shadowpen.daemon.wire.reports import InstalledTask as InstalledTask


@dataclass(frozen=True)
class CompletedText:
    """What goes on at the cursor; `text` is "" where there is nothing worth showing, and `reason` then says why.

    `alternatives` begin with other words. `probability`, 0 to 1: that something of the text would be accepted.
    """

    text: str
    alternatives: tuple[str, ...]
    probability: float
    reason: str
    model: str
    timings: Timings


@dataclass(frozen=True)
class ContinuedText:
    """The rest of a paragraph: it begins where the text that was sent ends, with a blank if one belongs there."""

    text: str
    model: str
    timings: Timings


@dataclass(frozen=True)
class Paragraph:
    """One paragraph made of notes.

    `missing` are the content words of the notes that it does not tell. `added` are start and end, in characters, of the
    words that the notes have in no form; `tells` is for each sentence the place of its note, from 0.
    """

    text: str
    missing: tuple[str, ...]
    added: tuple[tuple[int, int], ...] = ()
    tells: tuple[int, ...] = ()


@dataclass(frozen=True)
class ExpandedNotes:
    """Different paragraphs made of the same notes, best first; none if the model wrote nothing."""

    paragraphs: tuple[Paragraph, ...]
    model: str
    timings: Timings

    @property
    def text(self) -> str:
        """The best paragraph, "" if there is none."""
        return self.paragraphs[0].text if self.paragraphs else ""


def completed(reply: Completion) -> CompletedText:
    texts = [suggestion.text for suggestion in reply.suggestions]
    return CompletedText(
        text=texts[0] if texts else "",
        alternatives=tuple(texts[1:]),
        probability=reply.probability,
        reason=reply.reason,
        model=reply.model,
        timings=reply.timings,
    )


def continued(reply: Continuation) -> ContinuedText:
    return ContinuedText(reply.text, reply.model, reply.timings)


def expanded(reply: Expansion) -> ExpandedNotes:
    parts = zip_longest(reply.candidates, reply.missing, reply.added, reply.tells, fillvalue=())
    paragraphs = tuple(
        Paragraph(text, tuple(missing), tuple(added), tuple(tells)) for text, missing, added, tells in parts if text
    )
    return ExpandedNotes(paragraphs, reply.model, reply.timings)
