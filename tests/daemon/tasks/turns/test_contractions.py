"""daemon/tasks/turns/contractions.py"""

from __future__ import annotations

import pytest

from shadowpen.daemon.tasks.turns.contractions import less_formal, more_formal


@pytest.mark.parametrize(
    ("formal", "informal"),
    [
        ("It is late and I am tired.", "It's late and I'm tired."),
        ("We do not know, and she will not say.", "We don't know, and she won't say."),
        ("They cannot come; you are early.", "They can't come; you're early."),
        ("He is not here.", "He isn't here."),
        ("There is snow, and that is all we will get.", "There's snow, and that's all we'll get."),
    ],
)
def test_what_is_contracted_can_be_written_out_again(formal: str, informal: str) -> None:
    assert less_formal(formal) == informal
    assert more_formal(informal) == formal


def test_only_an_auxiliary_is_contracted() -> None:
    assert less_formal("I have a dog that I have seen.") == "I have a dog that I've seen."
    assert less_formal("It has a roof, and it has been mended.") == "It has a roof, and it's been mended."


@pytest.mark.parametrize(
    "text",
    [
        "That is how it is.",
        'She said "it is late" and `do not` wrote https://x.org/it is.',
        "She did not only read it.",
    ],
)
def test_ends_of_clauses_quotations_code_and_not_only_stay(text: str) -> None:
    kept = less_formal(text)
    assert kept.replace("That's", "That is") == text


@pytest.mark.parametrize("text", ["Anna's roof.", "It's closed.", "Don't you know?", "I'd walked."])
def test_what_could_stand_for_two_things_is_not_written_out(text: str) -> None:
    assert more_formal(text) == text
