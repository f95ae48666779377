"""daemon/tasks/by_text/expansion.py"""

from __future__ import annotations

import pytest
from support.models.text_engine import ScriptedEngine, last, partials

from shadowpen.daemon.base.errors import RequestInvalid, ServerFailed
from shadowpen.daemon.tasks.by_text.expansion import ExpandByText
from shadowpen.daemon.wire.protocol import Expand, Turn

from .conftest import ContextOf

NEVER = float("inf")
NOTES = "harbour closed, two boats"
GOOD = "The harbour was closed, and only two boats lay there."
LACKING = "The harbour was closed for a while."
INVENTING = "The harbour was closed by Henry, and two boats lay there."


def request(notes: str = NOTES, **more: object) -> Expand:
    return Expand(id="1", document="d", notes=notes, **more)  # type: ignore[arg-type]


def in_turn(*texts: object) -> ScriptedEngine:
    left = list(texts)

    def script(request: object) -> list[object]:
        text = left[min(len(engine.asked), len(left)) - 1]
        return [text]

    engine = ScriptedEngine(script)  # type: ignore[arg-type]
    return engine


def test_one_paragraph_is_enough_that_tells_every_note_and_adds_nothing(context_of: ContextOf) -> None:
    engine = in_turn(GOOD)
    reply = last(ExpandByText().steps(request(), context_of(engine=engine), NEVER))
    assert (reply.candidates, reply.missing, reply.model) == ([GOOD], [[]], "scripted")
    assert len(engine.asked) == 1


def test_another_is_written_where_notes_are_missing_or_names_invented(context_of: ContextOf) -> None:
    engine = in_turn(LACKING, INVENTING, GOOD)
    reply = last(ExpandByText().steps(request(candidates=8), context_of(engine=engine), NEVER))
    assert reply.candidates[0] == GOOD and set(reply.candidates) == {GOOD, LACKING, INVENTING}
    assert len({asked.seed for asked in engine.asked}) == 3


def test_no_more_are_written_than_asked_for(context_of: ContextOf) -> None:
    engine = in_turn(LACKING)
    reply = last(ExpandByText().steps(request(candidates=1), context_of(engine=engine), NEVER))
    assert reply.candidates == [LACKING] and reply.missing == [["two", "boats"]]
    assert len(engine.asked) == 1


def test_a_failure_behind_the_first_paragraph_costs_only_the_others(context_of: ContextOf) -> None:
    failure = ServerFailed("gone")
    assert last(ExpandByText().steps(request(), context_of(engine=in_turn(LACKING, failure)), NEVER)).candidates == [
        LACKING
    ]
    with pytest.raises(ServerFailed):
        last(ExpandByText().steps(request(), context_of(engine=in_turn(failure)), NEVER))


def test_heading_and_paragraph_before_go_along(context_of: ContextOf) -> None:
    engine = in_turn(GOOD)
    asked = request(heading="Diary", before="It rained all day.")
    last(ExpandByText().steps(asked, context_of(engine=engine), NEVER))
    assert engine.asked[0].prompt[1].content.startswith("Heading: Diary\n\nText before:\nIt rained all day.\n\nNotes:")


def test_a_base_model_gets_the_prompt_that_ours_was_tuned_on(context_of: ContextOf) -> None:
    engine = in_turn(GOOD)
    last(ExpandByText().steps(request(), context_of(engine=engine, kind="base"), NEVER))
    assert engine.asked[0].prompt == "Notes:\n- harbour closed\n- two boats\n\nText:\n"


def test_links_are_not_for_the_model_to_write(context_of: ContextOf) -> None:
    engine = in_turn(GOOD)
    reply = last(
        ExpandByText().steps(request("[harbour](http://a.example) closed, two boats"), context_of(engine=engine), NEVER)
    )
    assert "a.example" not in engine.asked[0].prompt[1].content
    assert "[harbour](http://a.example)" in reply.candidates[0]


def test_the_first_paragraph_is_shown_while_it_grows(context_of: ContextOf) -> None:
    shown = partials(ExpandByText().steps(request(), context_of("The harbour ", "was closed, ", "two boats."), NEVER))
    assert shown == ["The harbour", "The harbour was closed,", "The harbour was closed, two"]


@pytest.mark.parametrize("notes", ["", "http://a.example", "word " * 900])
def test_what_cannot_be_expanded_is_not_sent(context_of: ContextOf, notes: str) -> None:
    engine = in_turn(GOOD)
    with pytest.raises(RequestInvalid):
        last(ExpandByText().steps(request(notes), context_of(engine=engine), NEVER))
    assert engine.asked == []


def test_a_model_that_only_thinks_wrote_nothing(context_of: ContextOf) -> None:
    assert last(ExpandByText().steps(request(), context_of("<think>What"), NEVER)).candidates == []


def test_any_instruction_goes_along_with_what_was_shown(context_of: ContextOf) -> None:
    again = "At the harbour, which was closed, lay two boats."
    turns = [Turn(instruction="end with the boats, mention Henry", shown=GOOD)]
    engine = in_turn(again)
    reply = last(ExpandByText().steps(request(turns=turns), context_of(engine=engine), NEVER))
    assert reply.candidates == [again]
    said = engine.asked[0].prompt
    assert [message.role for message in said] == ["system", "user", "assistant", "user"]
    assert said[2].content == GOOD and "end with the boats, mention Henry" in said[3].content


def test_a_name_that_the_user_asked_for_is_not_invented(context_of: ContextOf) -> None:
    engine = in_turn(INVENTING)
    turns = [Turn(instruction="say that Henry closed it", shown=GOOD)]
    assert last(ExpandByText().steps(request(turns=turns), context_of(engine=engine), NEVER)).candidates == [INVENTING]
    assert len(engine.asked) == 1
    other = in_turn(INVENTING)
    turns = [Turn(instruction="as a sailor would", shown=GOOD)]
    last(ExpandByText().steps(request(turns=turns), context_of(engine=other), NEVER))
    assert len(other.asked) == 3


def test_a_note_may_be_left_out_where_the_user_says_so(context_of: ContextOf) -> None:
    engine = in_turn(LACKING)
    turns = [Turn(instruction="leave the boats out", shown=GOOD)]
    assert last(ExpandByText().steps(request(turns=turns), context_of(engine=engine), NEVER)).candidates == [LACKING]
    assert len(engine.asked) == 1


def test_a_model_that_takes_no_instructions_can_do_what_is_in_the_list(context_of: ContextOf) -> None:
    short = "Harbour closed, two boats."
    engine = in_turn(GOOD, GOOD, short)
    turns = [Turn(instruction="shorter", shown=GOOD)]
    reply = last(ExpandByText().steps(request(turns=turns), context_of(engine=engine, kind="base"), NEVER))
    assert reply.candidates == [short]
    with pytest.raises(RequestInvalid, match="shorter, longer"):
        turns = [Turn(instruction="as a sailor would", shown=GOOD)]
        last(ExpandByText().steps(request(turns=turns), context_of(engine=engine, kind="base"), NEVER))
