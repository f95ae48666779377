"""Continue a paragraph by a text engine: streamed, ended at a sentence, never longer than asked for."""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.engine.text_engine import Await, TextRequest
from shadowpen.daemon.tasks.base import Clock
from shadowpen.daemon.tasks.by_text import prompts
from shadowpen.daemon.tasks.by_text.base import TextContext
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.wire.protocol import Continuation, Continue, Partial, Reply, Timings

_TOKENS_PER_WORD = 3  # of languages other than English too; words are counted here
_TOKENS_TO_THINK = 1024
_MOST_WORDS = 400
_TEMPERATURE = 0.7


class ContinueByText:
    """The task that continues a paragraph, by a text engine."""

    request_type = Continue

    def steps(self, request: Continue, context: TextContext, deadline_s: float) -> Iterator[Reply | Await | None]:
        clock, max_words = Clock(deadline_s), max(1, min(_MOST_WORDS, request.max_words))
        made, shown, text = "", "", ""
        with context.writing(_request(request, context, max_words)) as stream:
            for piece in context.pieces(stream):
                if isinstance(piece, Await):
                    yield piece
                    continue
                made += piece.text
                text = _continued(request.prefix, made, context)
                words = text.rpartition(" ")[0]
                if words != shown and words.strip():
                    shown = words
                    yield Partial(id=request.id, text=words)
                if "\n" in text.strip() or len(text.split()) > max_words:
                    break
        yield Continuation(
            id=request.id,
            text=finish(text, max_words),
            model=context.model_name,
            timings=Timings(total_ms=clock.elapsed_ms),
        )


def _request(request: Continue, context: TextContext, max_words: int) -> TextRequest:
    before = context.window(request.prefix)
    if context.kind == "chat":
        prompt = prompts.to_continue(before, max_words)
        tokens = max_words * _TOKENS_PER_WORD + _TOKENS_TO_THINK
        return TextRequest(prompt, tokens, context.limit_s, _TEMPERATURE)
    # A blank at the end of a prompt is half of a token: the model puts it before the next word itself.
    return TextRequest(
        before.rstrip(" ") or "\n", max_words * _TOKENS_PER_WORD, context.limit_s, _TEMPERATURE, stop=("\n\n",)
    )


def _continued(prefix: str, made: str, context: TextContext) -> str:
    """What of the answer stands behind the cursor."""
    if context.kind == "chat":
        return prompts.joined(prefix, prompts.answer_alone(made))
    return made[1:] if prefix.endswith(" ") and made.startswith(" ") else made
