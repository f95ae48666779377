"""What M-x shadowpen-status says."""

from __future__ import annotations

from ..conftest import Start


def test_the_question_comes_with_the_command_that_answers_it(start: Start) -> None:
    session = start()
    session.ready()
    session.server.notify("shadowpen/status", state="ready", message="", hint="", question="May it be kept?")
    session.wait_value("(plist-get (shadowpen-client-status) :question)", "May it be kept?")
    session.remote.ask("(progn (shadowpen-status) nil)")
    session.screen.wait_for("May it be kept? M-x shadowpen-learn")
    session.server.notify("shadowpen/status", state="ready", message="", hint="", question="")
    session.wait_value("(plist-get (shadowpen-client-status) :question)", "")
    assert "shadowpen-learn" not in session.remote.ask("(shadowpen-status)")
