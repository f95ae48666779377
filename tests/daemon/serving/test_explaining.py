"""daemon/serving/explaining.py: from a decision to the answer of who asks why."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from support.waiting import wait_until

from shadowpen.daemon.serving.explaining import Explaining
from shadowpen.daemon.showing.suggestions import ServedSuggestion
from shadowpen.daemon.wire.protocol import Explanation, LoggedDecision, Reply, Source, Why

OFFERED = LoggedDecision(
    time=7.0, document="ab", reason="offered", probability=0.61, characters=12, explicit=False, model="m@2",
    likelihood=0.4, remembered=1.0,
)  # fmt: skip
UNSURE = LoggedDecision(
    time=7.0, document="ab", reason="unsure", probability=0.2, characters=0, explicit=True, model="m@2"
)


class Desk:
    """What was posted, and the threads that looked for places."""

    def __init__(self) -> None:
        self.posted: list[tuple[bytes, Reply]] = []
        self.threads: list[str] = []
        self.fails = False
        self.explaining = Explaining(lambda client, reply: self.posted.append((client, reply)))

    def sources(self) -> list[Source]:
        self.threads.append(threading.current_thread().name)
        if self.fails:
            raise OSError("the disk has gone")
        return [Source(document="/notes/2023.md", line=12), Source(document="untitled:1")]

    def why(self, decision: LoggedDecision | None) -> Explanation:
        known = ServedSuggestion("r1", "d", decision=decision, sources=self.sources) if decision is not None else None
        before = len(self.posted)
        self.explaining.explain(b"me", Why(id="w", of="r1"), known)
        wait_until(lambda: len(self.posted) > before, "an explanation")
        client, reply = self.posted[-1]
        assert client == b"me" and isinstance(reply, Explanation) and reply.id == "w"
        return reply


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.explaining.close()


def test_what_was_remembered_is_looked_for_in_a_thread_of_its_own(desk: Desk) -> None:
    assert desk.why(OFFERED) == Explanation(
        id="w",
        reason="offered",
        probability=0.61,
        likelihood=0.4,
        remembered=1.0,
        sources=[Source(document="/notes/2023.md", line=12), Source(document="untitled:1")],
        model="m@2",
    )
    (thread,) = desk.threads
    assert thread != threading.current_thread().name


def test_for_what_the_model_made_no_file_is_read(desk: Desk) -> None:
    assert desk.why(UNSURE) == Explanation(id="w", reason="unsure", probability=0.2, model="m@2", explicit=True)
    assert desk.threads == []


def test_a_request_that_nobody_remembers_has_no_reason(desk: Desk) -> None:
    assert desk.why(None) == Explanation(id="w")


def test_files_that_cannot_be_read_cost_the_places_alone(desk: Desk) -> None:
    desk.fails = True
    told = desk.why(OFFERED)
    assert (told.reason, told.sources) == ("offered", [])
