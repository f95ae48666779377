import math
from dataclasses import replace
from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.sections import ContinuationSettings
from shadowpen.daemon.tasks.continuation import ContinueTask, finish
from shadowpen.daemon.wire.protocol import Continuation, Continue, Partial, Sampling


def test_partials_grow_into_the_final_text(tmp_path: Path) -> None:
    context = make_context(tmp_path, confidence=0.999)
    request = Continue(id="1", document="d", prefix="Thank you for", max_words=20)
    replies = [r for r in ContinueTask().steps(request, context, math.inf) if r is not None]
    *partials, last = replies
    assert isinstance(last, Continuation)
    assert last.text == " your letter of Friday. I was glad to receive the parcel."
    assert len(partials) >= 5
    assert all(isinstance(p, Partial) and last.text.startswith(p.text) for p in partials)


def test_the_word_begun_is_healed(tmp_path: Path) -> None:
    context = make_context(tmp_path, confidence=0.999)
    request = Continue(id="1", document="d", prefix="Thank you for your let", max_words=20)
    *_, last = ContinueTask().steps(request, context, math.inf)
    assert isinstance(last, Continuation)
    assert last.text.startswith("ter of Friday.")


def test_a_paragraph_that_would_end_goes_on(tmp_path: Path) -> None:
    """The model knows only a new paragraph after this sentence, but more of this one was asked for."""
    context = make_context(tmp_path, confidence=0.999)
    request = Continue(id="1", document="d", prefix="I was glad to receive the parcel.", max_words=5)
    *_, last = ContinueTask().steps(request, context, math.inf)
    assert isinstance(last, Continuation)
    assert last.text.strip() and not last.text.startswith("\n")


def test_the_length_in_tokens_is_a_setting_and_a_wish(tmp_path: Path) -> None:
    set_to = ContinuationSettings(max_new_tokens=2)
    context = replace(make_context(tmp_path, confidence=0.999), continuation=set_to)

    def words(sampling: Sampling) -> int:
        request = Continue(id="1", document="d", prefix="Thank you for", max_words=20, sampling=sampling)
        *_, last = ContinueTask().steps(request, context, math.inf)
        assert isinstance(last, Continuation)
        return len(last.text.split())

    assert words(Sampling()) <= 2 < words(Sampling(max_new_tokens=40))


@pytest.mark.parametrize(
    ("text", "words", "ended"),
    [
        (" One two.\n\nThree", 9, " One two."),
        (" One two. Three four fi", 9, " One two."),
        (" One two three fo", 9, " One two three"),
        (" One. Two. Three. Four.", 2, " One. Two."),
        (' He said "yes." And', 9, ' He said "yes."'),
        ("他来了。他走", 9, "他来了。"),
        ("", 9, ""),
        ("  \n", 9, ""),
    ],
)
def test_it_ends_with_a_paragraph_a_sentence_or_a_word(text: str, words: int, ended: str) -> None:
    assert finish(text, words) == ended
