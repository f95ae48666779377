"""The sentence that led to the words is found by leaving it out; time and the window bound what is tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.models.scripted_model import ScriptedCache, ScriptedEngine, make_tokenizer

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.completion import occlusion
from shadowpen.daemon.tasks.completion.occlusion import occluded
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.text.vocabulary import Vocabulary

CAUSE = "The harbour froze over."
TEXT = f"It was a long winter. {CAUSE} Nobody came to visit. So the boats"
WORDS = " stayed in the harbour"


class CausedEngine(ScriptedEngine):
    """Finds the end of the text likelier while `cause` is not in its context."""

    cause: tuple[int, ...] = ()

    def run(self, cache: ScriptedCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        made = super().run(cache, ids, logits)
        known = " ".join(map(str, cache.ids))
        if " ".join(map(str, self.cause)) not in known:
            made += np.where(np.arange(self.vocabulary_size) == 0, 8.0, 0.0).astype(np.float32)
        return made


@pytest.fixture
def context(tmp_path: Path) -> Context:
    tokenizer = make_tokenizer(tmp_path, TEXT + WORDS)
    engine = CausedEngine(tokenizer.encode(TEXT + WORDS), tokenizer.size, 0, confidence=0.5)
    engine.cause = tuple(tokenizer.encode(" harbour froze over"))
    language = Language(tokenizer, Vocabulary(tokenizer.token_bytes))
    return Context("caused", language, SessionPool(engine, 1 << 30), CompletionSettings(), engine.context_length)


def test_the_sentence_that_led_to_the_words_stands_out(context: Context) -> None:
    found = occluded(context, TEXT, WORDS, 60)

    assert [TEXT[one.start : one.end] for one in found.left_out] == [
        "It was a long winter.", CAUSE, "Nobody came to visit.",
    ]  # fmt: skip
    first, cause, last = (one.nats for one in found.left_out)
    assert cause > 1 and cause > 3 * max(abs(first), abs(last))
    assert found.untried == 0 and len(context.sessions) == 0


def test_a_finished_sentence_at_the_end_is_left_out_too(context: Context) -> None:
    text = TEXT.removesuffix(" So the boats")
    assert len(occluded(context, text, WORDS, 60).left_out) == 3
    assert occluded(context, "So the boats", WORDS, 60).left_out == ()


def test_time_and_number_are_bounded_and_the_nearest_come_first(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (occluded(context, TEXT, WORDS, 0).left_out, occluded(context, TEXT, WORDS, 0).untried) == ((), 3)
    monkeypatch.setattr(occlusion, "MOST_SENTENCES", 1)
    found = occluded(context, TEXT, WORDS, 60)
    assert [TEXT[one.start : one.end] for one in found.left_out] == ["Nobody came to visit."]
    assert found.untried == 2


def test_what_the_model_does_not_read_is_not_tried(context: Context) -> None:
    narrow = dataclasses.replace(context, settings=CompletionSettings(context_tokens=64))
    found = occluded(narrow, "Long ago. " * 200 + TEXT, WORDS, 60)
    assert 3 <= len(found.left_out) + found.untried < 60
