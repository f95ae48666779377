"""What an editor refused is there at once when the same is asked again; anything else is written anew."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from shadowpen.daemon.wire.protocol import Continue, Expand, Expansion, Partial, Reply, RunVerb
from shadowpen.lsp_server.writing.late_texts import LateTexts

from ..fakes import FakeEditor


class Daemon:
    """Answers each request with another paragraph."""

    def __init__(self) -> None:
        self.asked = 0

    async def ask(
        self,
        message: Continue | Expand | RunVerb,
        timeout_s: float,
        *,
        patient: bool,
        on_partial: Callable[[Partial], None],
    ) -> Reply:
        self.asked += 1
        return Expansion(id=message.id, candidates=[f"Paragraph {self.asked}."])


async def expanded(texts: LateTexts, daemon: Daemon, id: str, notes: str, *, applies: bool) -> str:
    editor = FakeEditor(applies=applies)
    ask = texts.asking(daemon.ask, editor)
    reply = await ask(Expand(id=id, document="a", notes=notes), 1.0, patient=True, on_partial=lambda _: None)
    assert isinstance(reply, Expansion)
    await editor.apply("", types.WorkspaceEdit())
    return reply.candidates[0]


async def test_a_refused_text_comes_again_without_asking_until_it_is_taken() -> None:
    texts, daemon = LateTexts(), Daemon()

    assert await expanded(texts, daemon, "1", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "2", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "3", "the notes", applies=True) == "Paragraph 1."
    assert await expanded(texts, daemon, "4", "the notes", applies=True) == "Paragraph 2."


async def test_other_notes_are_written_anew() -> None:
    texts, daemon = LateTexts(), Daemon()

    assert await expanded(texts, daemon, "1", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "2", "other notes", applies=True) == "Paragraph 2."
    assert await expanded(texts, daemon, "3", "the notes", applies=True) == "Paragraph 3."
