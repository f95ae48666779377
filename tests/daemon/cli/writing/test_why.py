"""`shadowpen why`: the suggestion, and the sentences that led to it, by the installed model."""

from __future__ import annotations

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.cli.writing import led_by
from shadowpen.daemon.tasks.completion.occlusion import OccludedSentence, Occlusion

TEXT = "It rained. The boats lay in the harbour. She wrote a letter"


@pytest.mark.usefixtures("with_model")
def test_the_suggestion_and_each_sentence_before_it(shadowpen: Shadowpen) -> None:
    found = shadowpen("why", "--context", "--json", stdin=f"{TEXT}\n".encode()).json

    assert found["suggestion"].startswith(" to her brother") and 0 < found["likelihood"] <= 1
    assert [one["text"] for one in found["context"]["sentences"]] == ["It rained.", "The boats lay in the harbour."]
    assert found["context"]["untried"] == 0
    # It knows which word follows which: what stands further back makes no difference to it.
    assert all(one["times_likelier"] == pytest.approx(1, abs=0.1) for one in found["context"]["sentences"])
    told = shadowpen("why", "--context", "--seconds", "0", stdin=TEXT.encode())
    assert told.out.startswith("“ to her brother") and "2 sentences were not tried" in told.out


@pytest.mark.usefixtures("with_model")
def test_a_server_cannot_be_asked_and_no_text_is_refused(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert shadowpen("why", stdin=b" ").status == 2
    config_file.write(layout.config_file, "engine", "ghost_text", "openai")
    assert "A server writes" in shadowpen("why", stdin=TEXT.encode()).err


def test_what_led_to_it_comes_first_in_plain_words() -> None:
    text = "One. Two. Three. And"
    places = ((0, 4, 0.25), (5, 9, 1.2), (10, 16, -0.5))
    lines = list(led_by.lines(text, Occlusion(-3.0, tuple(OccludedSentence(*one) for one in places), 0)))
    assert lines[0].startswith("These sentences led to it.")
    assert [line.split() for line in lines[1:]] == [["3.3", "Two."], ["1.3", "One."]]
    assert next(led_by.lines("And", Occlusion(-3.0, (), 0))).startswith("There is no whole sentence")
