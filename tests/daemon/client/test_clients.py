"""Both clients of Python programs: the same verbs, results and errors, blocking and on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest
from support import daemons
from support.models import fake_model
from support.waiting import until

from shadowpen.client import AsyncWritingClient, ShadowpenError, WritingClient, connect, connect_async
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, RequestInvalid
from shadowpen.daemon.wire.protocol import Status


@pytest.fixture
def daemon(layout: store.Layout) -> Iterator[None]:
    """A daemon with the fake model."""
    fake_model.install(layout)
    with daemons.in_thread(layout, fake_model.load):
        yield


@pytest.fixture
def client(daemon: None) -> Iterator[WritingClient]:
    with connect("a test", start=False) as client:
        yield client


@pytest.fixture
async def async_client(daemon: None) -> AsyncIterator[AsyncWritingClient]:
    async with connect_async("a test", start=False) as client:
        yield client


def test_a_completion_is_text_with_where_it_comes_from(client: WritingClient) -> None:
    done = client.complete("The harbour lay", " still.")
    assert (done.text, done.alternatives, done.model) == ("The harbour lay", (), "fake@1")


def test_a_continuation_grows_and_ends(client: WritingClient) -> None:
    grown: list[str] = []
    done = client.continue_text("Go", max_words=3, on_text=grown.append)
    assert grown and done.text == grown[-1] == " word 0 word 1 word 2"  # several may come as one
    assert all(later.startswith(text) for text, later in pairwise(grown))


def test_an_expansion_has_paragraphs_and_what_each_lacks(client: WritingClient) -> None:
    done = client.expand("roof leaks", candidates=2, max_words=50, seed=3, settings={"temperature": "0.5"})
    assert [paragraph.text for paragraph in done.paragraphs] == [
        "1. roof leaks 50 3 0.5 None",
        "2. roof leaks 50 3 0.5 None",
    ]
    assert done.text == done.paragraphs[0].text and done.paragraphs[0].missing == ("x",)
    assert len(client.expand("roof", settings={"candidates": 3}).paragraphs) == 3


def test_of_the_text_before_the_notes_go_the_heading_and_the_paragraph(client: WritingClient) -> None:
    def sent(context: str) -> str:
        return client.expand("roof", context=context, candidates=1).text.rpartition("None")[2]

    assert (
        sent("# House\n\nOld.\n\n## The roof ##\n\nIt rained.\n\nAll night\nlong.\n") == " [The roof/All night\nlong.]"
    )
    assert sent("It rained.\n\n## The roof\n\n") == " [The roof/]"
    assert sent("It rained.") == " [/It rained.]" and sent("") == ""


def test_the_tasks_are_those_of_the_daemon(client: WritingClient) -> None:
    tasks = {task.name: task.package for task in client.tasks()}
    assert {"complete", "continue", "expand"} <= tasks.keys() and set(tasks.values()) == {"shadowpen"}


def test_a_text_of_any_length_may_be_sent(client: WritingClient) -> None:
    assert client.complete("x " * 100_000, "y " * 100_000).text


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"temperature": 9}, "between 0.01 and 2"), ({"top_k": "many"}, "a whole number"), ({"heat": 1}, "no setting")],
)
def test_a_wrong_setting_is_said_before_anything_is_sent(
    client: WritingClient, settings: dict[str, object], words: str
) -> None:
    for ask in (client.continue_text, client.expand):
        with pytest.raises(ConfigInvalid, match=words) as caught:
            ask("x", settings=settings)
        assert caught.value.hint


def test_limits_and_failures_are_sentences_with_a_hint(client: WritingClient) -> None:
    with pytest.raises(RequestInvalid, match="0 words"):
        client.continue_text("x", max_words=0)
    with pytest.raises(ShadowpenError) as caught:
        client.complete("!raise")
    assert caught.value.message and caught.value.hint


def test_no_daemon_is_said(layout: store.Layout) -> None:
    with pytest.raises(ShadowpenError, match="No daemon is running"):
        connect(start=False)


async def test_the_asynchronous_client_does_the_same(async_client: AsyncWritingClient) -> None:
    grown: list[str] = []
    one, two, three = await asyncio.gather(
        async_client.complete("The harbour lay", document="a"),
        async_client.continue_text("Go", max_words=2, document="b", on_text=grown.append),
        async_client.expand("roof leaks", candidates=2),
    )
    assert (one.text, two.text, len(three.paragraphs)) == ("The harbour lay", " word 0 word 1", 2)
    assert grown[-1] == " word 0 word 1"
    assert {task.name for task in await async_client.tasks()} >= {"complete"}


async def test_a_call_that_is_cancelled_ends_in_the_daemon(
    async_client: AsyncWritingClient, layout: store.Layout
) -> None:
    def counted(kind: str, name: str) -> int:
        with daemons.connect(layout) as watcher:
            report = watcher.request(Status(id="s")).report  # type: ignore[union-attr]
        return getattr(report, kind).get(name, 0)

    call = asyncio.create_task(async_client.continue_text("!hang"))
    await until(lambda: counted("requests", "continue") == 1, "the call in the daemon")
    call.cancel()
    await until(lambda: counted("failures", "request_cancelled") == 1, "its end there")
