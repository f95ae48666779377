"""Summarize a text by its own key sentences, in their order.

No word is written, so nothing can be made up. This file knows neither editors nor files.
"""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.verbs.passages import options, passages
from shadowpen.daemon.tasks.verbs.ranking import ranked
from shadowpen.daemon.wire.protocol import Reply, RunVerb, Timings, VerbResult

MOST_WORDS = 10_000
_MOST_SENTENCES = 50  # of a summary
_ONE_OF = 6  # sentences is kept where nobody says how many
_MOST_BY_ITSELF = 5


class SummarizeVerb:
    """The verb `summarize`; option `sentences`, 0 for one in six, at most five."""

    request_type = RunVerb
    title = "Summarize"
    summary = "Choose the sentences that tell most of a text."
    reads_model = False
    measured = "ROUGE-L of one sentence 0.222 (the first sentence: 0.214)."
    unavailable = ""

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        wanted = int(str(options(request.options, {"sentences": 0})["sentences"]))
        text = summary(request.text, request.language, wanted)
        yield VerbResult(id=request.id, text=text, timings=Timings(total_ms=clock.elapsed_ms))


def summary(text: str, language: str, count: int = 0) -> str:
    """The best `count` sentences of `text` in their order; RequestInvalid where it has none, or far too many words."""
    words = len(text.split())
    if words > MOST_WORDS:
        raise RequestInvalid(f"{words:,} words are too many for a summary.", f"Select at most {MOST_WORDS:,} words.")
    paragraphs = [passage.sentences for passage in passages(text, language) if passage.kind != "heading"]
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    if not sentences:
        raise RequestInvalid("There are no sentences to choose from.", "Select a paragraph first.")
    if count < 1:
        count = min(_MOST_BY_ITSELF, -(-len(sentences) // _ONE_OF))
    scores = ranked(paragraphs)
    best = sorted(range(len(sentences)), key=lambda place: -scores[place])[: min(count, _MOST_SENTENCES)]
    return " ".join(sentences[place] for place in sorted(best))
