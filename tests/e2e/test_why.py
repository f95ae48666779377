"""Why a suggestion, asked in an editor: real language server, real daemon, a tiny model and an author's folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from support import daemons
from support.editor import URI, Editor

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.learning.forgetting import Wish
from shadowpen.daemon.memory import service
from shadowpen.daemon.wire.launch import COMMAND

# The model has read "She wrote a letter to her brother, and then another one", but knows only what follows one word.
TYPED = "She wrote a letter to her"
PARAGRAPHS = (
    "When the boats came back in the evening, we often sat upon the wall and spoke of the weather until it was dark.",
    "Nobody in the village would have said that this was a waste of time, for there was little else to do in winter.",
    "He gave the key to her brother, and then another one to the man who looked after the house when she was away.",
)


@pytest.fixture
def notes(layout: store.Layout, tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the author agreed to, and the index made of it; the words that count stand in line 5."""
    path = tmp_path / "notes" / "village.md"
    path.parent.mkdir()
    path.write_text("\n\n".join(PARAGRAPHS) + "\n", "utf-8")
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "folders", [str(path.parent)])
    monkeypatch.setattr("shadowpen.daemon.learning.conditions.priority.lower_priority", lambda: None)
    assert service.main() == 0
    daemons.start(store.layout(), command=COMMAND)
    return path


async def hover(editor: Editor, character: int) -> str:
    params = types.HoverParams(types.TextDocumentIdentifier(URI), types.Position(0, character))
    told = await editor.text_document_hover_async(params)
    assert told is not None and isinstance(told.contents, types.MarkupContent)
    return told.contents.value


async def test_the_share_of_the_memory_and_the_line_that_led_to_the_words(
    home: Path, layout: store.Layout, notes: Path
) -> None:
    editor = Editor()
    await editor.start(home)
    editor.open(TYPED)
    assert (await editor.texts(0, len(TYPED)))[0].startswith(" brother, and")

    told = await hover(editor, len(TYPED))
    data = await editor.command("shadowpen.why")
    assert 0 < data["remembered"] < 1 and data["model_share"] == pytest.approx(1 - data["remembered"])
    assert data["sources"] == [{"document": str(notes), "line": 5}]
    own, model = f"{data['remembered']:.0%}", f"{data['model_share']:.0%}"
    assert f"{own} from your own text: [notes/village.md line 5]({notes.as_uri()}#L5)" in told
    assert f"{model} written by the default model" in told

    wish = Wish(phrase="her brother, and then another one")
    learning = config.load(layout.config_file).learning
    forgetting.carry_out(layout, forgetting.plan(layout, learning, wish))
    assert forgetting.reload_daemon(store.layout())
    data = await editor.command("shadowpen.why")
    assert data["sources"] == [] and "village" not in await hover(editor, len(TYPED))
    log = layout.log_file.read_text("utf-8")
    assert "brother" not in log and "village" not in log
    await editor.leave()
