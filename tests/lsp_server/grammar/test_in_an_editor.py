"""The whole way: an editor, the server's process, Harper in its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from support.editor import URI, Editor
from support.waiting import until

from shadowpen.daemon.base import config_file, store


async def test_a_mistake_is_shown_and_mended_and_a_word_becomes_the_authors(home: Path, layout: store.Layout) -> None:
    config_file.write(layout.config_file, "grammar", "enabled", True)
    editor, told = Editor(), list[types.PublishDiagnosticsParams]()
    editor.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: told.append(params))
    await editor.start(home)
    editor.open("😀 They recieved\r\nthe zorblat.")
    await until(lambda: told, "diagnostics", 60)
    first, second = told[-1].diagnostics
    assert (told[-1].uri, told[-1].version) == (URI, editor.version)
    assert first.range == types.Range(types.Position(0, 8), types.Position(0, 16))
    assert second.range == types.Range(types.Position(1, 4), types.Position(1, 11))

    async def fixes(diagnostic: types.Diagnostic) -> list[dict[str, Any]]:
        span = get_converter().unstructure(diagnostic.range)
        context = {"diagnostics": [], "only": ["quickfix"]}
        asked = {"textDocument": {"uri": URI}, "range": span, "context": context}
        return await editor.request(types.TEXT_DOCUMENT_CODE_ACTION, asked)

    best = (await fixes(first))[0]
    assert best["title"] == "Replace with “received”" and best["isPreferred"]
    add = (await fixes(second))[-1]["command"]
    assert (add["command"], add["arguments"]) == ("shadowpen.addWord", ["zorblat"])
    assert await editor.command(add["command"], *add["arguments"])
    await until(lambda: len(told[-1].diagnostics) == 1, "the word to be known")
    editor.close()
    await until(lambda: not told[-1].diagnostics, "nothing to be shown any more")
    await editor.leave()
