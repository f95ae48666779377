"""From an editor's keys to the journal on the disk: real language server, real daemon, a model of rules."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from support.editor import Editor

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.learning.forgetting import Wish
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal

RULES = Path(__file__).parents[1] / "support" / "rule_daemon.py"
GHOST = " brown fox jumps over the lazy dog"


@pytest.fixture
def writing_home(home: Path) -> Path:
    """A home whose author agreed to learning."""
    config_file.write(store.layout().config_file, "learning", "enabled", "on")
    return home


async def start_daemon(home: Path) -> asyncio.subprocess.Process:
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, str(RULES), env={**os.environ, "SHADOWPEN_HOME": str(home)}
    )
    while not store.layout().connection_file.exists():
        assert daemon.returncode is None
        await asyncio.sleep(0.005)
    return daemon


async def stop(daemon: asyncio.subprocess.Process) -> None:
    daemon.terminate()
    await daemon.wait()


async def take(editor: Editor, uri: str, pieces: list[str]) -> None:
    editor.open("The quick", uri=uri)
    at = len("The quick")
    assert await editor.texts(0, at, uri=uri) == [GHOST]
    for piece in pieces:
        editor.insert(piece, 0, at, uri=uri)
        at += len(piece)


async def test_every_acceptance_is_there_once_with_what_was_kept(writing_home: Path) -> None:
    daemon = await start_daemon(writing_home)
    editor = Editor()
    await editor.start(writing_home)
    await take(editor, "file:///a.md", [GHOST])
    await take(editor, "file:///b.md", [" brown", " fox", " jumps"])
    editor.insert(" red", 0, len("The quick"), uri="file:///b.md")
    closed = types.TextDocumentIdentifier("file:///a.md")
    editor.text_document_did_close(types.DidCloseTextDocumentParams(closed))
    await editor.leave()
    await stop(daemon)
    edits = {edit.accepted.document: edit for edit in journal.read(store.layout().edits).edits}
    assert len(journal.read(store.layout().edits).edits) == 2
    assert (edits["file:///a.md"].accepted.taken, edits["file:///a.md"].kept) == (GHOST, {"closed": GHOST})
    assert edits["file:///b.md"].accepted.taken == " brown fox jumps"
    assert edits["file:///b.md"].kept == {"shutdown": " brown fox jumps"}
    assert edits["file:///b.md"].accepted.context == "The quick"


async def test_the_writer_rates_pastes_and_forgets(writing_home: Path) -> None:
    daemon = await start_daemon(writing_home)
    editor = Editor()
    await editor.start(writing_home)
    await take(editor, "file:///a.md", [GHOST])
    assert await editor.command("shadowpen.rate", "bad") == {"rated": True}
    editor.insert(
        " and a whole sentence that somebody else wrote about it, long before today. ",
        0,
        9 + len(GHOST),
        uri="file:///a.md",
    )
    await editor.leave()
    layout = store.layout()

    (edit,) = journal.read(layout.edits).edits
    assert edit.rating == 1
    pasted = forgotten.load(layout.pasted)
    assert pasted.covers("And a whole sentence that somebody else wrote about it, long before today!")
    plan = forgetting.plan(layout, LearningSettings(), Wish(phrase="fox jumps"))
    forgetting.carry_out(layout, plan)
    assert journal.read(layout.edits).edits == ()
    again = Editor()
    await again.start(writing_home)
    await take(again, "file:///b.md", [GHOST])
    await again.leave()
    await stop(daemon)
    assert journal.read(layout.edits).edits == ()
    assert not any(b"fox jumps" in path.read_bytes() for path in layout.data.rglob("*") if path.is_file())
