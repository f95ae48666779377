"""Continue a paragraph: longer sampled text, streamed, ended at a sentence.

The word that was begun is ended as is likeliest; sampling begins behind it. Runs below ghost text: the
scheduler may put any request between two of its steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.sampling import Sampler, most_tokens
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.text.sentences import SENTENCE_END
from shadowpen.daemon.text.tokenizer import complete_text
from shadowpen.daemon.wire.protocol import Continuation, Continue, Partial, Reply, Timings

_RECENT_TOKENS = 128
_TOKENS_PER_WORD = 2
_PARAGRAPH_WORDS = 30  # before these it may not end: somebody asked for a paragraph


class ContinueTask:
    """The task that continues a paragraph.

    The text ends with the paragraph, or with the last whole sentence within `max_words`. LanguageUnwritten where the
    model does not write the language before the cursor.
    """

    request_type = Continue

    def steps(self, request: Continue, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        context.languages.check(request.prefix, context.model_name)
        key, healed = context.key(request.document), heal(request.prefix, context.language.tokenizer)
        prompt = context.window(key, healed.head)
        session = context.sessions.get(key)
        before = session.model_tokens
        data, shown = b"", ""
        for data in _generate(prompt, healed.stub, session, context, request):
            text = complete_text(data)
            words = text.rpartition(" ")[0]
            if words != shown and words.strip():
                shown = words
                yield Partial(id=request.id, text=words)
            else:
                yield None
            if "\n" in text.strip() or len(text.split()) > request.max_words:
                break
        timings = Timings(total_ms=clock.elapsed_ms, computed_tokens=session.model_tokens - before)
        text = finish(complete_text(data), request.max_words)
        yield Continuation(id=request.id, text=text, model=context.model_name, timings=timings)


def finish(text: str, max_words: int) -> str:
    """`text` up to its paragraph's end, else to its last whole sentence, else to its last whole word."""
    paragraph, newline, _ = text.partition("\n") if text.strip() else ("", "", "")
    if newline and len(paragraph.split()) <= max_words:
        return paragraph.rstrip()
    ends = [m.end() for m in SENTENCE_END.finditer(paragraph) if len(paragraph[: m.end()].split()) <= max_words]
    if ends:
        return paragraph[: ends[-1]]
    return paragraph.rpartition(" ")[0] or paragraph


def _generate(
    prompt: list[int], stub: bytes, session: KvSession, context: Context, request: Continue
) -> Iterator[bytes]:
    """All new bytes so far, once per step of the model (the prompt's steps repeat b"")."""
    language, max_words = context.language, request.max_words
    sampler = Sampler.of(context.continuation, request.sampling)
    begun = Decoding(session, language, prompt, stub)
    while begun.required:
        for _ in begun.advance():
            yield b""
        if begun.steps[-1].ended:
            return
        yield begun.data
    ids, data = begun.ids, begun.data
    for _ in range(most_tokens(max_words * _TOKENS_PER_WORD, context.continuation, request.sampling)):
        for _ in session.reach(ids):
            yield data
        logits = session.after(ids)
        assert logits is not None, "reach() makes them known"
        enough = len(data.split()) >= min(_PARAGRAPH_WORDS, max_words // 2)
        forbidden = _specials(context) if enough else _ends(context)
        token = sampler.pick(logits, ids[-_RECENT_TOKENS:], forbidden)
        if token in language.tokenizer.eos_ids:
            return
        data += language.tokenizer.token_bytes[token]
        ids = [*ids, token]
        yield data


def _specials(context: Context) -> np.ndarray:
    """Special tokens other than the end of a text."""
    special = context.language.vocabulary.special
    return special[~np.isin(special, list(context.language.tokenizer.eos_ids))]


def _ends(context: Context) -> np.ndarray:
    """All that would end the paragraph."""
    vocabulary = context.language.vocabulary
    eos = np.asarray(list(context.language.tokenizer.eos_ids), np.int64)
    return np.concatenate([vocabulary.special, vocabulary.with_newline, eos])
