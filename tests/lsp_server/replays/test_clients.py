"""Every client's own order of events: what was taken is recorded once, and what was only typed never."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from shadowpen.daemon.base import config_file, store
from shadowpen.lsp_server.ghost_text import edit_reporter

from . import clients
from .driver import URI
from .writer import Writer

GHOST = " brown fox jumps"


@pytest.fixture(autouse=True)
def kept(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The writer agreed to the journal, and reads faster than any writer."""
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    monkeypatch.setattr(edit_reporter, "_NOTICED_MS", 0)
    yield


@pytest_asyncio.fixture(params=clients.CLIENTS, ids=str)
async def writer(request: pytest.FixtureRequest, kept: None) -> AsyncIterator[Writer]:
    writer = Writer(request.param)
    await writer.start()
    writer.wire.daemon.suggests(GHOST)
    yield writer


async def told(writer: Writer) -> tuple[list[str], list[tuple[str, int]], int]:
    """What was recorded as taken, each end of a suggestion, and what the server counted as taken, after the end."""
    writer.flush()
    accepted = (await writer.wire.counts())["accepted"]
    await writer.leave()
    taken = [event["taken"] for event in writer.wire.journal("accepted")]
    return taken, writer.wire.outcomes(), accepted


async def test_shown_and_left_alone(writer: Writer) -> None:
    assert await writer.ask() == [GHOST]
    assert await writer.ask() == [GHOST]
    assert await told(writer) == ([], [("shown", 0)], 0)


async def test_taken_whole(writer: Writer) -> None:
    await writer.ask()
    await writer.take()
    assert writer.text == "The quick" + GHOST
    assert await told(writer) == ([GHOST], [("shown", 0), ("taken", len(GHOST))], 1)
    (accepted,) = writer.wire.journal("accepted")
    assert (accepted["context"], accepted["suggested"], accepted["document"]) == ("The quick", GHOST, URI)
    assert [event["text"] for event in writer.wire.journal("kept")] == [GHOST]


async def test_taken_word_by_word(writer: Writer) -> None:
    if not writer.client.piece or not writer.client.last:
        await writer.ask()
        await writer.take()
    else:
        await writer.ask()
        assert [await writer.take_word() for _ in range(3)] == [" brown", " fox", " jumps"]
    writer.flush()
    counts = await writer.wire.counts()
    assert counts == {"shown": 1, "accepted": 1, "accepted_characters": len(GHOST)}
    taken, outcomes, _ = await told(writer)
    assert taken == [GHOST], "one suggestion, of which more and more was taken"
    assert outcomes[-1] == ("taken", len(GHOST))
    assert [kind for kind, _ in outcomes].count("shown") == 1
    assert {characters for kind, characters in outcomes if kind == "taken"} <= {len(" brown"), len(" brown fox"), 16}
    assert [event["text"] for event in writer.wire.journal("kept")] == [GHOST]


async def test_one_word_taken_then_something_else_is_typed(writer: Writer) -> None:
    await writer.ask()
    piece = await writer.take_word() if writer.client.piece else await writer.take()
    writer.type(" and on.")
    assert writer.text == f"The quick{piece} and on."
    taken, outcomes, count = await told(writer)
    assert (taken, outcomes[1:], count) == ([piece], [("taken", len(piece))], 1)


async def test_typed_along_to_the_end(writer: Writer) -> None:
    await writer.ask()
    for typed, letter in enumerate(GHOST[:-1], 1):
        writer.type(letter)
        assert await writer.ask() == [GHOST[typed:]], "the rest, and never another text"
        if typed < len(" brown fox"):
            assert len(writer.wire.daemon.of("Complete")) == 1, "no request to the model before the last word"
    writer.type(GHOST[-1])
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([], 0)
    assert outcomes == [("shown", 0), ("typed_out", 0)]


async def test_some_typed_along_and_the_rest_taken(writer: Writer) -> None:
    await writer.ask()
    writer.type(" br")
    assert await writer.ask() == [GHOST[3:]]
    await writer.take()
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([GHOST[3:]], 1)
    assert writer.wire.journal("accepted")[0]["context"] == "The quick br"
    assert outcomes == [("shown", 0), ("taken", len(GHOST) - 3)]


async def test_typed_along_and_taken_without_asking_again(writer: Writer) -> None:
    await writer.ask()
    writer.type(" b")
    await writer.take()
    assert writer.text == "The quick" + GHOST
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([GHOST[2:]], 1)
    assert outcomes == [("shown", 0), ("taken", len(GHOST) - 2)]


async def test_typed_over(writer: Writer) -> None:
    await writer.ask()
    writer.type(" red squirrel")
    assert (await told(writer))[::2] == ([], 0)
    assert writer.wire.outcomes() == [("shown", 0), ("typed_over", 0)]
    (passed,) = writer.wire.journal("dismissed")
    assert (passed["how"], passed["typed"], passed["suggested"]) == ("typed_over", "red squirrel", GHOST[1:])


async def test_dismissed(writer: Writer) -> None:
    await writer.ask()
    await writer.dismiss()
    writer.wire.daemon.suggests("")
    asked = len(writer.wire.daemon.of("Complete"))
    again = await writer.ask()
    if writer.client.dismissed:
        assert again == [], "asked anew, and the daemon has nothing else"
        assert len(writer.wire.daemon.of("Complete")) == asked + 1
    writer.type("!")
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([], 0)
    assert outcomes == [("shown", 0), ("dismissed" if writer.client.dismissed else "typed_over", 0)]


async def test_taken_and_undone(writer: Writer) -> None:
    await writer.ask()
    await writer.take()
    writer.erase(len(GHOST))
    assert writer.text == "The quick"
    taken, outcomes, count = await told(writer)
    assert (taken, outcomes, count) == ([GHOST], [("shown", 0), ("taken", len(GHOST))], 1)
    assert [event["text"] for event in writer.wire.journal("kept")] == [""], "the journal knows that nothing was kept"


async def test_undone_redone_and_undone(writer: Writer) -> None:
    await writer.ask()
    await writer.take()
    for _ in range(2):
        writer.erase(len(GHOST))
        writer.flush()
        writer._change(GHOST, "change")
    taken, outcomes, count = await told(writer)
    assert (taken, outcomes, count) == ([GHOST], [("shown", 0), ("taken", len(GHOST))], 1)


async def test_taken_undone_shown_again_and_taken_again(writer: Writer) -> None:
    await writer.ask()
    await writer.take()
    writer.erase(len(GHOST))
    assert await writer.ask() == [GHOST]
    await writer.take()
    assert await told(writer) == ([GHOST], [("shown", 0), ("taken", len(GHOST))], 1), "one suggestion, taken once"


async def test_closed_and_opened_again(writer: Writer) -> None:
    await writer.ask()
    item = writer.item
    writer.close()
    writer.open("The quick")
    writer.wire.daemon.suggests(" dog")
    assert await writer.ask() == [" dog"], "what was made for the text before is gone with it"
    await writer.take()
    assert item is not None
    await writer.wire.command("shadowpen.accept", *item["command"]["arguments"])  # late, and about another text
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([" dog"], 1)
    assert outcomes == [("shown", 0), ("left", 0), ("shown", 0), ("taken", 4)]


async def test_turning_away_and_back_takes_nothing(writer: Writer) -> None:
    await writer.ask()
    await writer.turn()
    assert await writer.ask() == [GHOST]
    await writer.turn()
    await writer.take()
    assert await told(writer) == ([GHOST], [("shown", 0), ("taken", len(GHOST))], 1)


async def test_the_cursor_goes_elsewhere_and_writes_there(writer: Writer) -> None:
    await writer.ask()
    writer.cursor = 3
    writer.wire.daemon.suggests(" very")
    assert await writer.ask() == [" very"]
    await writer.take()
    assert writer.text == "The very quick"
    taken, outcomes, count = await told(writer)
    assert (taken, count) == ([" very"], 1)
    assert outcomes == [("shown", 0), ("left", 0), ("shown", 0), ("taken", 5)]


@pytest.mark.parametrize("client", [client for client in clients.CLIENTS if client.popup], ids=str)
class TestPopup:
    """The popup has a word selected: ghost text goes on from that word, in its range, or is not there."""

    async def test_an_item_goes_on_from_what_is_selected(self, client: clients.Client) -> None:
        writer = Writer(client)
        await writer.start("The qu")
        writer.wire.daemon.suggests("ick brown fox")
        (item,) = await writer.wire.ask(6, popup={"range": writer.wire.span(4, 6), "text": "quick"})
        assert item["insertText"] == "quick brown fox"
        assert item["range"] == writer.wire.span(4, 6)
        assert writer.wire.after(item, 6) == "The quick brown fox"
        await writer.take_popup(item)
        assert writer.text == "The quick brown fox"
        assert await told(writer) == (["ick brown fox"], [("shown", 0), ("taken", 13)], 1)

    async def test_only_the_word_of_the_popup_is_taken(self, client: clients.Client) -> None:
        writer = Writer(client)
        await writer.start("The qu")
        writer.wire.daemon.suggests("ick brown fox")
        await writer.wire.ask(6, popup={"range": writer.wire.span(4, 6), "text": "quick"})
        writer.wire.edit(4, 6, "quick")
        writer.cursor = 9
        assert await writer.ask() == [" brown fox"], "ghost text goes on without a model"
        await writer.take()
        (taken,), outcomes, _ = await told(writer)
        assert "ick brown fox".endswith(taken)
        assert outcomes[-1][0] == "taken"

    async def test_nothing_where_the_popup_says_otherwise(self, client: clients.Client) -> None:
        writer = Writer(client)
        await writer.start("The qu")
        writer.wire.daemon.suggests("ick brown fox")
        for word in ("quiet", "quick brown fox", "Qu"):
            assert await writer.wire.ask(6, popup={"range": writer.wire.span(4, 6), "text": word}) == []
        assert await told(writer) == ([], [], 0)

    async def test_nothing_where_the_popup_would_replace_what_is_behind_the_cursor(
        self, client: clients.Client
    ) -> None:
        writer = Writer(client)
        await writer.start("The quart")
        writer.wire.daemon.suggests("ick brown")
        assert await writer.wire.ask(6, popup={"range": writer.wire.span(4, 9), "text": "quick"}) == []
