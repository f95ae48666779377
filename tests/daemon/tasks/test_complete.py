import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest
from support.models.scripted_model import TEXT, make_context
from support.models.words import Written

from shadowpen.daemon.memory.attribution import AttributedText
from shadowpen.daemon.memory.memory import Memory
from shadowpen.daemon.memory.phrases import Phrase, Word
from shadowpen.daemon.memory.recall import NOTHING, Recall
from shadowpen.daemon.showing.suggestions import Sources
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.wire.protocol import Complete, Completion


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, min_probability=0.3)


def complete(
    context: Context, prefix: str, suffix: str = "", deadline_s: float = math.inf, **more: bool
) -> list[Completion]:
    request = Complete(id="1", document="d", prefix=prefix, suffix=suffix, **more)
    return [r for r in CompleteTask().steps(request, context, deadline_s) if isinstance(r, Completion)]


def text(replies: list[Completion]) -> str:
    (reply,) = replies
    return reply.suggestions[0].text if reply.suggestions else ""


def calls(context: Context) -> list[int]:
    return context.sessions.engine.calls  # type: ignore[attr-defined]


def test_it_goes_on_as_the_text_it_knows(context: Context) -> None:
    ghost = text(complete(context, "The quick brown fox jumps"))
    assert ghost.startswith(" over the lazy dog.")
    assert TEXT.startswith("The quick brown fox jumps" + ghost)


@pytest.mark.parametrize("cut", range(1, 8))
def test_the_word_begun_is_completed_wherever_it_was_cut(context: Context, cut: int) -> None:
    before = "The quick brown fox jumps over the lazy dog. The quick brown fox "
    ghost = text(complete(context, before + "sleeps u"[:cut]))
    assert (before + "sleeps u"[:cut] + ghost).startswith(before + "sleeps under"[: len(before) + 6])


def test_a_character_cut_in_two_is_healed(context: Context) -> None:
    ghost = text(complete(context, TEXT[: TEXT.index("ße aus")]))
    assert ghost.startswith("ße")


def test_typing_on_inside_a_word_costs_no_model_call(context: Context) -> None:
    complete(context, "The quick brown fox ")
    before = len(calls(context))
    for typed in ("j", "ju", "jum", "jump"):
        assert text(complete(context, "The quick brown fox " + typed))
    assert len(calls(context)) == before


def test_accepting_what_was_offered_reads_nothing_again(context: Context) -> None:
    prefix = "The quick brown fox"
    ghost = text(complete(context, prefix))
    known = len(calls(context))
    complete(context, prefix + ghost)
    assert all(tokens == 1 for tokens in calls(context)[known:])


def test_an_unsure_model_stays_silent_and_says_why(tmp_path: Path) -> None:
    context = make_context(tmp_path, confidence=0.2, min_probability=0.3)
    (reply,) = complete(context, "The quick brown fox")
    assert reply.suggestions == []
    assert reply.reason == "unsure"


def test_on_request_it_says_what_it_would_not_say_by_itself(tmp_path: Path) -> None:
    context = make_context(tmp_path, confidence=0.2, min_probability=0.3)
    assert text(complete(context, "The quick brown fox", explicit=True)).startswith(" ")


def test_before_a_word_that_stands_there_text_is_put_in(context: Context) -> None:
    assert text(complete(context, "The quick ", "cats sleep"))


def test_at_the_deadline_it_answers_and_goes_on_behind_it(context: Context) -> None:
    request = Complete(id="1", document="d", prefix="The quick brown fox")
    steps = CompleteTask().steps(request, context, time.perf_counter())
    replies = [next(steps)]
    assert isinstance(replies[0], Completion)
    assert not replies[0].final
    asked = len(calls(context))
    assert all(reply is None for reply in steps)
    assert len(calls(context)) > asked
    done = len(calls(context))
    assert text(complete(context, "The quick brown fox"))
    assert len(calls(context)) == done, "what was made behind the answer serves the next request"


def test_inside_a_word_it_keeps_quiet_unless_asked(context: Context) -> None:
    (reply,) = complete(context, "The quick br", "own fox")
    assert (reply.suggestions, reply.reason, calls(context)) == ([], "inside_word", [])


def test_it_does_not_repeat_what_follows(context: Context) -> None:
    ghost = text(complete(context, "The quick brown fox jumps over the", " lazy dog."))
    assert "lazy" not in ghost


def test_an_empty_document_is_no_error(context: Context) -> None:
    assert len(complete(context, "")) == 1


def jump(context: Context, deadline_s: float) -> tuple[list[Completion], list[int]]:
    """Ask at the end of a long text that has not been read; the answers, and the tokens of each call."""
    for _ in range(50):
        context.sessions.pace.took(100, 0.1)  # a millisecond a token
    before = len(calls(context))
    return complete(context, TEXT * 12 + "The quick brown fox jumps", deadline_s=deadline_s), calls(context)[before:]


def test_after_a_jump_the_last_words_answer_first(context: Context) -> None:
    replies, read = jump(context, time.perf_counter() + 0.2)
    assert text(replies[:1]).startswith(" over the lazy dog.")
    answered = read.index(1)
    assert sum(read[:answered]) <= 48 < 400 < sum(read)  # and the rest behind it
    more = "The quick brown fox jumps over"
    before = len(calls(context))
    complete(context, TEXT * 12 + more)
    assert sum(calls(context)[before:]) < 48


def test_who_has_the_time_gets_an_answer_from_all_of_it(context: Context) -> None:
    _, read = jump(context, math.inf)
    assert sum(read[: read.index(1)]) > 400


def test_a_thrifty_machine_makes_nothing_behind_its_answer(context: Context, tmp_path: Path) -> None:
    prefix, soon = "The quick brown fox jumps", time.perf_counter()
    complete(context, prefix, deadline_s=soon)
    saving = dataclasses.replace(make_context(tmp_path, min_probability=0.3), thrifty=True)
    complete(saving, prefix, deadline_s=soon)
    assert 0 < len(calls(saving)) < len(calls(context))


def test_by_itself_it_stays_on_the_line_and_on_request_it_may_leave_it(context: Context) -> None:
    prefix = "The quick brown fox sleeps under the old oak"
    assert text(complete(context, prefix)) == " tree."
    assert "\n" in text(complete(context, prefix, explicit=True))


def test_silence_in_code_costs_no_model_call(context: Context) -> None:
    (reply,) = complete(context, "```\nThe quick brown fox")
    assert (reply.suggestions, reply.reason, calls(context)) == ([], "in_code", [])


def test_the_answer_says_how_likely_it_is_taken(context: Context) -> None:
    (reply,) = complete(context, "The quick brown fox")
    assert 0.3 < reply.probability < 1


class Remembered:
    """A memory that knows one phrase by heart."""

    def __init__(self, text: bytes, probability: float) -> None:
        self._phrase = Phrase((Word(text, probability),), (), 3, 1, ())
        self.offers: list[Phrase | AttributedText] = []

    @property
    def in_use(self) -> Self:
        return self

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase:
        return self._phrase

    def sources(self, remembered: Phrase | AttributedText) -> Sources:
        self.offers.append(remembered)
        return list

    def look_up(self, ids: Sequence[int]) -> Recall:
        return NOTHING


def test_what_the_author_wrote_before_needs_no_model_call(context: Context) -> None:
    remembering = dataclasses.replace(context, memory=Remembered(b" over the harbour wall", 0.95))
    steps = CompleteTask().steps(
        Complete(id="1", document="d", prefix="The quick brown fox jumps"), remembering, math.inf
    )
    first = next(steps)
    assert isinstance(first, Completion) and first.final
    assert first.suggestions[0].text == " over the harbour wall" and not calls(context)
    for reply in steps:
        assert reply is None
    assert calls(context)  # the window is read behind it


class Asked:
    """A real memory that recalls nothing whole, and what of it was offered."""

    def __init__(self, memory: Memory) -> None:
        self.look_up = memory.look_up
        self.offers: list[Phrase | AttributedText] = []

    @property
    def in_use(self) -> Self:
        return self

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> None:
        return None

    def sources(self, remembered: Phrase | AttributedText) -> Sources:
        self.offers.append(remembered)
        return list


def test_where_the_words_stand_that_led_the_model_to_its_text_can_be_asked(context: Context, tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", context.language.tokenizer)
    memory.learn(Written("untitled:note", "the lazy dog and the brown fox jumps over the harbour"))
    memory.learn(Written("untitled:other", "viele liebe Wünsche"))
    asked = Asked(memory)
    (reply,) = complete(dataclasses.replace(context, memory=asked), "The quick brown fox", explicit=True)

    suggestion = reply.suggestions[0]
    assert suggestion.text.startswith(" jumps over the")
    (lent,) = asked.offers
    assert isinstance(lent, AttributedText) and 0 < lent.share < 1
    assert suggestion.remembered == lent.share
    assert context.language.tokenizer.decode(list(lent.ids)) == " fox" + suggestion.text
    assert [place.document for place in memory.where(lent, memory.moment)] == ["untitled:note"]


def test_what_the_memory_has_no_part_in_is_not_noted(context: Context, tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", context.language.tokenizer)
    memory.learn(Written("untitled:note", "我喜欢写作"))
    asked = Asked(memory)
    (reply,) = complete(dataclasses.replace(context, memory=asked), "The quick brown fox", explicit=True)
    assert reply.suggestions[0].remembered == 0.0 and not asked.offers


def test_the_end_of_one_word_does_not_hide_the_longer_text_of_the_model(context: Context) -> None:
    remembering = dataclasses.replace(context, memory=Remembered(b"mps", 0.95))
    (reply,) = complete(remembering, "The quick brown fox ju")
    (suggestion,) = reply.suggestions
    assert suggestion.text.startswith("mps over the") and suggestion.remembered == 0.0


def test_the_end_of_one_word_is_offered_where_the_model_knows_nothing_better(context: Context) -> None:
    remembering = dataclasses.replace(context, memory=Remembered(b"ngbird", 0.95))
    (reply,) = complete(remembering, "Zzz qqq vvv xxyxx so")
    assert [(one.text, one.remembered) for one in reply.suggestions] == [("ngbird", 1.0)]


def test_what_the_memory_is_not_sure_of_is_left_to_the_model(context: Context) -> None:
    remembering = dataclasses.replace(context, memory=Remembered(b" over the harbour wall", 0.3))
    assert text(complete(remembering, "The quick brown fox jumps")).startswith(" over the lazy dog.")


def test_what_others_made_late_costs_no_model_call_before_its_answer(context: Context) -> None:
    prefix = TEXT + "The quick brown fox jumps"
    context.sessions.get("another document")
    request = Complete(id="1", document="d", prefix=prefix)
    steps = CompleteTask().steps(request, context, time.perf_counter() - 1)
    late = next(reply for reply in steps if reply is not None)
    assert isinstance(late, Completion) and not late.final and calls(context) == []
    list(steps)
    read = sum(calls(context))
    assert read > 48, "its text is read behind the answer"
    assert text(complete(context, prefix)).startswith(" over the lazy dog.")
    assert sum(calls(context)) - read < 48
