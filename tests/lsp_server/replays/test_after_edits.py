"""What was on the screen comes back after a slip of the finger, and after no other deletion, undo or paste.

The daemon here says nothing but by its own rules of quiet places, and then names one.
"""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.showing.silence.quiet import why_silent
from shadowpen.daemon.wire.protocol import Complete, Completion, Explanation, Reply, Request, Suggestion, Why

from .driver import INVOKED, URI, Client

BEGUN = "The quick"
GHOST = " brown fox jumps"


class Writer:
    """Types at the end of a document of one line, and asks after each key."""

    def __init__(self) -> None:
        self.wire = Client()
        self.reasons: dict[str, str] = {}
        self.wire.daemon.answers["Complete"] = self._says
        self.wire.daemon.answers["Why"] = self._why

    async def start(self) -> None:
        await self.wire.start()
        self.wire.open(BEGUN)
        assert await self.seen() == GHOST

    def _says(self, request: Request) -> Reply:
        assert isinstance(request, Complete)
        reason = why_silent(request, CompletionSettings())
        self.reasons[request.id] = reason
        found = [Suggestion(text=GHOST, probability=0.5)] if request.prefix == BEGUN and not reason else []
        return Completion(id=request.id, suggestions=found, model="m@base", reason=reason)

    def _why(self, request: Request) -> Reply:
        assert isinstance(request, Why)
        return Explanation(id=request.id, reason=self.reasons[request.of])

    @property
    def text(self) -> str:
        return self.wire.text[URI]

    async def seen(self, kind: int = 2) -> str | None:
        """The ghost text at the end, None for none."""
        return next(iter(await self.wire.texts(len(self.text), kind=kind)), None)

    async def put(self, *pieces: str) -> str | None:
        for piece in pieces:
            self.wire.edit(len(self.text), len(self.text), piece)
            seen = await self.seen()
        return seen

    async def cut(self, *lengths: int) -> str | None:
        for length in lengths:
            self.wire.edit(len(self.text) - length, len(self.text), "")
            seen = await self.seen()
        return seen

    async def reason(self) -> str:
        """The rule that the hover at the cursor names."""
        params = {"textDocument": {"uri": URI}, "position": self.wire.place(len(self.text))}
        told: str = (await self.wire.request("textDocument/hover", params))["contents"]["value"]
        return told.rpartition(": ")[2]


@pytest.fixture
async def writer() -> Writer:
    writer = Writer()
    await writer.start()
    return writer


@pytest.mark.parametrize("slip", ["x", "xy", "xyz", "🥸"])
async def test_a_slip_leads_back_onto_the_ghost_text_that_it_left(writer: Writer, slip: str) -> None:
    assert await writer.put(*" bro") == "wn fox jumps"
    asked = len(writer.wire.daemon.of("Complete"))
    assert await writer.put(*slip) is None
    for _ in slip[1:]:
        assert await writer.cut(1) is None
    assert await writer.cut(1) == "wn fox jumps"
    assert len(writer.wire.daemon.of("Complete")) - asked == 2 * len(slip) - 1, "the last answer is from memory"
    assert await writer.put("w") == "n fox jumps"
    await writer.wire.leave()


async def test_the_same_suggestion_can_still_be_taken_after_a_slip(writer: Writer) -> None:
    await writer.put(*" bro", "x")
    await writer.cut(1)
    writer.wire.edit(len(writer.text), len(writer.text), "wn fox jumps")
    assert (await writer.wire.counts())["accepted"] == 1
    assert [kind for kind, _ in writer.wire.outcomes()] == ["shown", "typed_over", "taken"]
    await writer.wire.leave()


@pytest.mark.parametrize("undone", [(1,), (1, 1, 1), (4,)])
async def test_letters_that_were_right_are_deleted_in_peace(writer: Writer, undone: tuple[int, ...]) -> None:
    await writer.put(*" bro")
    assert await writer.cut(*undone) is None
    assert await writer.reason() == "you have just deleted text"
    await writer.wire.leave()


async def test_the_next_key_along_it_brings_it_back(writer: Writer) -> None:
    await writer.put(*" bro")
    await writer.cut(1, 1)
    assert await writer.put("r") == "own fox jumps"
    await writer.wire.leave()


@pytest.mark.parametrize("beyond", ["wxyz", " a whole thought"])
async def test_a_longer_deletion_is_quiet_at_every_key(writer: Writer, beyond: str) -> None:
    await writer.put(*" bro", "?", *beyond)
    for _ in "?" + beyond:
        assert await writer.cut(1) is None
    assert await writer.reason() == "you have just deleted text"
    await writer.wire.leave()


async def test_an_undo_of_what_was_taken_is_quiet_and_so_is_its_redo(writer: Writer) -> None:
    await writer.put(GHOST[:10])
    assert await writer.cut(10) is None
    assert (writer.text, await writer.reason()) == (BEGUN, "you have just deleted text")
    assert await writer.put(GHOST[:10]) is None
    assert await writer.reason() == "you have just undone a change"
    await writer.wire.leave()


async def test_an_undo_that_is_told_again_as_nothing_is_quiet(writer: Writer) -> None:
    """Neovim 0.11 sends a line that became what it was after the undo itself."""
    await writer.put(" brown")
    assert await writer.cut(len(" brown")) is None
    writer.wire.edit(0, len(writer.text), writer.text)
    assert await writer.seen() is None
    assert await writer.reason() == "you have just deleted text"
    assert await writer.put(" ") == GHOST[1:]
    await writer.wire.leave()


async def test_an_undo_that_brings_a_word_back_is_quiet(writer: Writer) -> None:
    await writer.cut(5)
    assert await writer.put("quick") is None
    assert await writer.reason() == "you have just undone a change"
    assert await writer.put(" ") == "brown fox jumps"
    await writer.wire.leave()


async def test_a_paste_that_leads_onto_it_is_quiet(writer: Writer) -> None:
    writer.wire.edit(0, len(BEGUN), "")
    long = "One more sentence that somebody else wrote somewhere. And yet another of them.\n"
    writer.wire.edit(0, 0, long + BEGUN)
    assert await writer.seen() is None
    assert await writer.reason() == "you have just pasted text"
    await writer.wire.leave()


async def test_who_asks_by_a_key_gets_it_after_anything(writer: Writer) -> None:
    await writer.put(*" bro")
    await writer.cut(1, 1, 1, 1)
    assert await writer.seen() is None
    assert await writer.seen(INVOKED) == GHOST
    await writer.wire.leave()


async def test_without_the_daemon_it_is_quiet_too(writer: Writer) -> None:
    await writer.put(*" bro")
    writer.wire.daemon.answers["Complete"] = DaemonUnreachable("gone")
    assert await writer.cut(2) is None
    await writer.wire.leave()
