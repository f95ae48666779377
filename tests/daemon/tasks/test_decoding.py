"""daemon/tasks/decoding.py: what the author wrote before counts with what the model says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.models.scripted_model import make_context
from support.models.words import as_learned

from shadowpen.daemon.memory.blending import blend
from shadowpen.daemon.memory.index.codes import Code
from shadowpen.daemon.memory.index.live import LiveText
from shadowpen.daemon.memory.recall import Recall, recall
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.text.healing import heal

BEFORE = "The quick brown fox jumps"


class Memory:
    """What the author wrote: `text`, as often as told."""

    def __init__(self, context: Context, text: str, times: int = 6) -> None:
        tokenizer = context.language.tokenizer
        self.code = Code.of(len(tokenizer.token_bytes))
        self.live, self.asked = LiveText(self.code, tokenizer.token_bytes), 0
        for number in range(times):
            list(self.live.learn(as_learned(self.code, tokenizer.encode(text), str(number))))

    def look_up(self, ids: Sequence[int]) -> Recall:
        self.asked += 1
        return recall([self.live], ids, self.code)

    def forget(self) -> None:
        for origin in list(self.live.documents):
            self.live.drop(origin)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, confidence=0.3)


def written(context: Context, text: str, memory: Memory | None = None, tokens: int = 8) -> str:
    """What the greedy text after `text` is."""
    healed = heal(text, context.language.tokenizer)
    ids = context.language.tokenizer.encode(healed.head)
    decoding = Decoding(context.sessions.get("d"), context.language, ids, healed.stub, memory)
    for _ in range(tokens):
        for _ in decoding.advance():
            pass
    return decoding.data.decode(errors="replace")


def test_what_the_author_writes_outweighs_a_doubtful_model(context: Context) -> None:
    memory = Memory(context, BEFORE + " under the harbour.")
    assert written(context, BEFORE).startswith(" over the")
    assert written(context, BEFORE, memory).startswith(" under the")


@pytest.mark.parametrize("text", [" under the", " into the"])  # as a token, and in pieces that begin other words too
@pytest.mark.parametrize(("typed", "rest"), [(" o", "ver the"), (" ov", "er the"), (" over ", "the")])
def test_it_does_not_count_against_what_is_typed(context: Context, text: str, typed: str, rest: str) -> None:
    assert written(context, BEFORE + typed, Memory(context, BEFORE + text)).startswith(rest)


def test_it_counts_where_it_goes_on_as_was_typed(context: Context) -> None:
    memory = Memory(context, BEFORE + " under the harbour.")
    assert written(context, BEFORE + " un", memory).startswith("der the h")


def test_the_models_own_opinion_is_what_is_kept(context: Context) -> None:
    """What the memory says is asked for anew at every key, and forgotten with it."""
    memory = Memory(context, BEFORE + " under the harbour.")
    assert written(context, BEFORE, memory, tokens=2) == " under"
    memory.forget()
    calls = list(context.sessions.engine.calls)  # type: ignore[attr-defined]
    assert written(context, BEFORE, memory, tokens=2) == " over"
    assert context.sessions.engine.calls == calls  # type: ignore[attr-defined]


def decoded(context: Context, text: str, memory: Memory | None, stub: bytes = b"") -> Decoding:
    ids = context.language.tokenizer.encode(text)
    decoding = Decoding(context.sessions.get("d"), context.language, ids, stub, memory)
    for _ in range(8):
        for _ in decoding.advance():
            pass
    return decoding


def test_what_the_memory_lent_to_a_text_is_told_token_by_token(context: Context) -> None:
    tokenizer = context.language.tokenizer
    before = tokenizer.encode(BEFORE)
    memory = Memory(context, BEFORE + " under the harbour.")
    decoding = decoded(context, BEFORE, memory)

    text = decoding.data.decode()
    told = decoding.lent(text)
    assert told.before == tuple(before[-16:]) and tokenizer.decode(list(told.ids)) == text
    for at, part in enumerate(told.parts):
        ids = [*before, *told.ids[:at]]
        logits = decoding.session.after(ids)
        assert logits is not None
        recalled, token = memory.look_up(ids), told.ids[at]
        own, blended = _probabilities(logits), _probabilities(blend(logits, recalled))
        known = {one for followers in recalled.followers for one in followers.counted.weights}
        other = next(one for one in range(len(own)) if one not in known)
        left = blended[other] / own[other]  # what each of the model's probabilities was multiplied by
        assert part == pytest.approx(1 - left * own[token] / blended[token], abs=1e-4)
    assert told.parts[0] > 0.5, "the model would have said something else"
    sizes = [len(tokenizer.decode([token])) for token in told.ids]
    mean = sum(part * size for part, size in zip(told.parts, sizes, strict=True)) / len(text)
    assert told.share == pytest.approx(mean)


def _probabilities(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64) - float(logits.max()))
    return np.asarray(powers / powers.sum())


def test_of_a_shortened_text_its_beginning_is_told(context: Context) -> None:
    decoding = decoded(context, BEFORE, Memory(context, BEFORE + " under the harbour."), b" un")
    whole, word = decoding.lent(decoding.data.decode()), decoding.lent("der")
    assert word.before == whole.before == tuple(context.language.tokenizer.encode(BEFORE)[-16:])
    assert context.language.tokenizer.decode(list(word.ids)) == " under"
    assert word.parts == whole.parts[: len(word.ids)]


def test_what_was_typed_already_is_nobody_elses(context: Context) -> None:
    memory = Memory(context, BEFORE + " under the harbour.")
    decoding = decoded(context, BEFORE, memory, b" under")
    told = decoding.lent(" the")
    assert context.language.tokenizer.decode(list(told.ids)) == " under the"
    assert 0 not in told.led and told.parts[0] == 0.0 and told.share == pytest.approx(told.parts[-1])


def test_without_a_memory_all_is_the_models_own(context: Context) -> None:
    decoding = decoded(context, BEFORE, None)
    told = decoding.lent(decoding.data.decode())
    assert (told.share, set(told.parts)) == (0.0, {0.0}) and not any(told.led)
    forgotten = Memory(context, BEFORE + " under the harbour.")
    forgotten.forget()
    assert decoded(context, BEFORE, forgotten).lent(" over").share == 0.0


def test_other_beginnings_are_ranked_with_it_too(context: Context) -> None:
    tokenizer = context.language.tokenizer
    ids = tokenizer.encode(BEFORE)

    def others(memory: Memory | None) -> list[bytes]:
        decoding = Decoding(context.sessions.get("d"), context.language, ids, memory=memory)
        for _ in decoding.session.reach(ids):
            pass
        return [other.data for other in decoding.others(2)]

    assert b" under" in others(Memory(context, BEFORE + " under the harbour.", times=1))
    assert b" under" not in others(None)
