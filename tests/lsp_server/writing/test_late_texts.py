"""What an editor refused is there at once when the same is asked again; anything else is written anew."""

from __future__ import annotations

from lsprotocol import types

from shadowpen.daemon.wire.protocol import Expand, Expansion
from shadowpen.lsp_server.session.daemon_link import DaemonLink
from shadowpen.lsp_server.writing.late_texts import LateTexts

from ..fakes import FakeClient, FakeEditor


def client() -> FakeClient:
    """Answers each request with another paragraph."""
    made = FakeClient()
    made.answers["Expand"] = lambda request: Expansion(
        id=request.id, candidates=[f"Paragraph {len(made.of('Expand'))}."]
    )
    return made


async def expanded(texts: LateTexts, daemon: FakeClient, id: str, notes: str, *, applies: bool) -> str:
    editor = FakeEditor(applies=applies)
    ask = texts.asking(DaemonLink(daemon).ask, editor)
    reply = await ask(Expand(id=id, document="a", notes=notes), 1.0, patient=True, on_partial=lambda _: None)
    assert isinstance(reply, Expansion)
    await editor.apply("", types.WorkspaceEdit())
    return reply.candidates[0]


async def test_a_refused_text_comes_again_without_asking_until_it_is_taken() -> None:
    texts, daemon = LateTexts(), client()

    assert await expanded(texts, daemon, "1", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "2", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "3", "the notes", applies=True) == "Paragraph 1."
    assert await expanded(texts, daemon, "4", "the notes", applies=True) == "Paragraph 2."


async def test_other_notes_are_written_anew() -> None:
    texts, daemon = LateTexts(), client()

    assert await expanded(texts, daemon, "1", "the notes", applies=False) == "Paragraph 1."
    assert await expanded(texts, daemon, "2", "other notes", applies=True) == "Paragraph 2."
    assert await expanded(texts, daemon, "3", "the notes", applies=True) == "Paragraph 3."
