"""Two models at once in an editor: real language server, real daemon, the tiny model, and a server that writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types
from support import daemons
from support.editor import URI, Editor
from support.servers import openai_stand_in as stand_in
from support.servers.openai_stand_in import OpenAiStandIn
from tiny import LINES

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.wire.launch import COMMAND

TYPED = " ".join(LINES[0].split()[:4])
NOTES = "- harbour closed\n- two boats\n"
PROSE = "The harbour was closed, and only two boats lay there."


@pytest.fixture
def server(
    home: Path, layout: store.Layout, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenAiStandIn]:
    """A server that the settings name for writing, and a daemon that read them."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    with OpenAiStandIn(stand_in.answering(lambda asked: PROSE)) as server:
        config_file.write(layout.config_file, "engine", "writing", "openai")
        config_file.write(layout.config_file, "engine", "address", server.url)
        daemons.start(store.layout(), command=COMMAND)
        yield server


async def test_the_server_expands_and_the_built_in_model_writes_ghost_text(home: Path, server: OpenAiStandIn) -> None:
    editor = Editor()
    await editor.start(home)
    editor.open(f"# Diary\n\nIt rained all day.\n\n{NOTES}\n{TYPED}")

    notes = types.Range(types.Position(4, 0), types.Position(6, 0))
    done = await editor.command("shadowpen.expand", URI, notes)
    assert (done["applied"], done["text"]) == (True, PROSE)
    assert "Heading: Diary" in server.prompts[0] and "It rained all day." in server.prompts[0]
    assert (await editor.texts(7, len(TYPED)))[0].startswith(f" {LINES[0].split()[4]}")
    assert len(server.asked) == 1

    server.behaviour = stand_in.redirects_to("http://192.0.2.1/v1/chat/completions")
    refused = await editor.command("shadowpen.continue", URI, types.Position(2, 18))
    assert not refused["applied"] and "never followed" in refused["reason"]
    await editor.until(lambda: any("never followed" in message for message in editor.messages))
    assert (await editor.texts(7, len(TYPED)))[0]
    await editor.leave()
