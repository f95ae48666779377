from __future__ import annotations

from typing import Any

from shadowpen.daemon.base.errors import ModelMissing
from shadowpen.lsp_server.session.status import ServerState, StatusReporter, Training

MISSING = ModelMissing("No model is installed.", "Run shadowpen setup.")


class Screen:
    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.shown: list[str] = []
        self.status = StatusReporter(lambda method, params: self.sent.append((method, params)), self.shown.append)

    @property
    def states(self) -> list[str]:
        return [params["state"] for method, params in self.sent if method == "shadowpen/status"]

    @property
    def kinds(self) -> list[tuple[bool, str]]:
        return [(params["busy"], params["kind"]) for method, params in self.sent if method == "didChangeStatus"]


def test_each_change_is_sent_once_in_both_forms() -> None:
    screen = Screen()
    for _ in range(3):
        screen.status.ready("m@base")
    screen.status.failed(MISSING)
    assert screen.states == ["ready", "error"]
    assert screen.kinds == [(False, "Normal"), (False, "Error")]
    assert screen.sent[-2][1] == {
        "state": "error",
        "message": "No model is installed.",
        "hint": "Run shadowpen setup.",
        "model": "m@base",
        "modelName": "the model m",
        "training": None,
        "pausedUntil": None,
        "manual": False,
        "question": "",
        "code": "model_missing",
    }


def test_a_training_run_is_news_that_stays_until_it_ends() -> None:
    screen = Screen()
    screen.status.ready("m@base")
    screen.status.training(Training("Learning", 0.21))
    with screen.status.busy("Continuing the paragraph."):
        screen.status.training(Training("Learning", 0.22))
    assert screen.status.now.params()["training"] == {"message": "Learning", "fraction": 0.22}
    assert screen.status.now.params()["state"] == "ready"
    screen.status.training(None)
    assert screen.status.now.params()["training"] is None


def test_an_error_is_shown_once_however_often_it_comes() -> None:
    screen = Screen()
    for _ in range(5):
        screen.status.failed(MISSING)
        screen.status.waiting()
    assert screen.shown == ["No model is installed. Run shadowpen setup."]
    assert screen.states == ["error"]


def test_an_answer_ends_an_error() -> None:
    screen = Screen()
    screen.status.failed(MISSING)
    screen.status.ready("m@base")
    assert screen.status.now.state is ServerState.READY
    assert screen.status.now.hint == ""


def test_busy_ends_with_what_was_before() -> None:
    screen = Screen()
    screen.status.ready("m@base")
    with screen.status.busy("Continuing."):
        screen.status.ready("m@base")
        assert screen.states[-1] == "busy"
    assert screen.states == ["ready", "busy", "ready"]


def test_an_error_under_work_stays() -> None:
    screen = Screen()
    with screen.status.busy("Continuing."):
        screen.status.failed(MISSING)
    assert screen.states[-1] == "error"


def test_what_the_user_switched_off_stays_off_until_it_is_switched_on() -> None:
    screen = Screen()
    screen.status.off(ServerState.PAUSED, "Suggestions are paused.")
    screen.status.ready("m@base")
    assert screen.states == ["paused"]
    screen.status.on()
    assert screen.states == ["paused", "ready"]


def test_a_documents_state_is_sent_when_it_changes() -> None:
    screen = Screen()
    for reason in ("", "The document is over 1 MB.", "The document is over 1 MB.", ""):
        screen.status.document("file:///a.md", reason)
    assert [params["documentState"] for _, params in screen.sent] == [
        {"uri": "file:///a.md", "state": "inactive", "reason": "The document is over 1 MB."},
        {"uri": "file:///a.md", "state": "ready", "reason": ""},
    ]


def test_an_error_under_a_pause_leaves_it_paused() -> None:
    screen = Screen()
    screen.status.off(ServerState.PAUSED, "Suggestions are paused.", until=60.0)
    screen.status.failed(MISSING)
    screen.status.ready("m@base")
    assert screen.states == ["paused", "error", "paused"]
    assert screen.status.now.params()["pausedUntil"] == 60.0
    screen.status.on()
    assert screen.status.now.params()["pausedUntil"] is None


def test_the_manual_mode_is_said_beside_ready() -> None:
    screen = Screen()
    screen.status.ready("m@base")
    screen.status.manual("On your key only.")
    assert (screen.status.now.params()["manual"], screen.status.now.message) == (True, "On your key only.")
    screen.status.ready("m@base")
    assert screen.status.now.message == "On your key only."
    screen.status.manual("")
    assert (screen.status.now.params()["manual"], screen.status.now.message) == (False, "")
