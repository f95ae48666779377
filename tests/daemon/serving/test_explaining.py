"""daemon/serving/explaining.py: from a decision to the answer of who asks why."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from support.waiting import wait_until

from shadowpen.daemon.memory.places import Place
from shadowpen.daemon.serving.explaining import Explaining
from shadowpen.daemon.showing.decisions import Decision
from shadowpen.daemon.wire.protocol import Explanation, Reply, Source, Why

OFFERED = Decision(7.0, "ab", "offered", 0.61, 12, False, model="m@2", likelihood=0.4, remembered=1.0)


class Desk:
    """What was posted, and the threads that looked for places."""

    def __init__(self) -> None:
        self.posted: list[tuple[bytes, Reply]] = []
        self.asked: list[tuple[str, str]] = []
        self.fails = False
        self.explaining = Explaining(self.where, lambda client, reply: self.posted.append((client, reply)))

    def where(self, id: str) -> Sequence[Place]:
        self.asked.append((id, threading.current_thread().name))
        if self.fails:
            raise OSError("the disk has gone")
        return [Place("/notes/2023.md", 12), Place("untitled:1")]

    def why(self, decision: Decision | None) -> Explanation:
        before = len(self.posted)
        self.explaining.explain(b"me", Why(id="w", of="r1"), decision)
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
    ((id, thread),) = desk.asked
    assert id == "r1" and thread != threading.current_thread().name


def test_for_what_the_model_made_no_file_is_read(desk: Desk) -> None:
    unsure = Decision(7.0, "ab", "unsure", 0.2, 0, True, model="m@2")
    assert desk.why(unsure) == Explanation(id="w", reason="unsure", probability=0.2, model="m@2", explicit=True)
    assert desk.asked == []


def test_a_request_that_nobody_remembers_has_no_reason(desk: Desk) -> None:
    assert desk.why(None) == Explanation(id="w")


def test_files_that_cannot_be_read_cost_the_places_alone(desk: Desk) -> None:
    desk.fails = True
    told = desk.why(OFFERED)
    assert (told.reason, told.sources) == ("offered", [])
