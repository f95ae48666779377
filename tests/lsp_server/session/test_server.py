"""The whole server as editors see it: a process on stdio, a real daemon behind it, a model that answers by rule."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from support.editor import SERVER, URI, Editor
from support.rule_daemon import STEPS, paragraph

RULES = Path(__file__).parents[2] / "support" / "rule_daemon.py"
EXTENSION = Path(__file__).parents[3] / "plugins" / "vscode" / "package.json"
LIMIT_S = 60

pytestmark = pytest.mark.asyncio(loop_scope="module")


@contextlib.contextmanager
def rules(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon of rules in `home`, from when it can be reached."""
    with subprocess.Popen([sys.executable, str(RULES)], env={**os.environ, "SHADOWPEN_HOME": str(home)}) as daemon:
        while not (home / "run" / "connection.json").exists():
            assert daemon.poll() is None
            time.sleep(0.005)
        yield daemon
        daemon.terminate()


@pytest.fixture(scope="module")
def daemon_home() -> Iterator[Path]:
    """A state folder with a daemon of rules in it, shared by the tests of this file."""
    with tempfile.TemporaryDirectory(prefix="sp-") as folder, rules(Path(folder)):
        yield Path(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_editor(daemon_home: Path) -> AsyncIterator[Editor]:
    editor = Editor()
    await editor.start(daemon_home)
    yield editor
    await editor.leave()


@pytest_asyncio.fixture(loop_scope="module")
async def editor(shared_editor: Editor) -> AsyncIterator[Editor]:
    """An editor with a server of its own since before this test, no document open and nothing heard."""
    shared_editor.forget()
    yield shared_editor
    shared_editor.close()


async def test_what_is_offered_to_clients(daemon_home: Path) -> None:
    editor = Editor()
    capabilities = (await editor.start(daemon_home)).capabilities
    assert capabilities.inline_completion_provider == types.InlineCompletionOptions()
    sync = capabilities.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert (sync.open_close, sync.change) == (True, types.TextDocumentSyncKind.Incremental)
    assert isinstance(capabilities.code_action_provider, types.CodeActionOptions)
    assert list(capabilities.code_action_provider.code_action_kinds or ()) == ["refactor.rewrite", "quickfix"]
    assert capabilities.execute_command_provider is not None
    assert sorted(capabilities.execute_command_provider.commands) == [
        "shadowpen.accept",
        "shadowpen.addFolder",
        "shadowpen.addWord",
        "shadowpen.continue",
        "shadowpen.dismiss",
        "shadowpen.expand",
        "shadowpen.learn",
        "shadowpen.manual",
        "shadowpen.pause",
        "shadowpen.rate",
        "shadowpen.report",
        "shadowpen.resume",
        "shadowpen.status",
        "shadowpen.verb",
        "shadowpen.why",
    ]
    # VS Code's client gives each of them to the editor under its name, which must be free there.
    own = {each["command"] for each in json.loads(EXTENSION.read_text("utf-8"))["contributes"]["commands"]}
    assert own.isdisjoint(capabilities.execute_command_provider.commands)
    assert await editor.leave() == 0


async def test_a_suggestion_at_the_cursor_with_its_command(editor: Editor) -> None:
    editor.open("The quick")
    (item,) = await editor.ask(0, 9, explicit=True)
    here = types.Position(0, 9)
    assert item.insert_text == " brown fox jumps over the lazy dog"
    assert item.range == types.Range(here, here)
    assert item.command.command == "shadowpen.accept"
    assert item.command.arguments[1] == item.insert_text
    assert item.filter_text is None


async def test_the_key_pressed_again_gives_more_of_it_and_it_is_told_while_it_grows(editor: Editor) -> None:
    editor.open("Step")
    editor.insert(" by step", 0, 4)
    for text in STEPS.values():
        (item,) = await editor.ask(0, 12, explicit=True)
        assert item.insert_text == text
        await editor.until(lambda text=text: text.rpartition(" ")[0] in editor.growing)
    editor.insert(STEPS["paragraph"], 0, 12)
    (item,) = await editor.ask(0, 12 + len(STEPS["paragraph"]), explicit=True)
    assert item.insert_text == " after pt."


async def test_what_was_waved_away_is_not_gone_on_with(editor: Editor) -> None:
    editor.open("Step by step")
    (item,) = await editor.ask(0, 12, explicit=True)
    await editor.command("shadowpen.dismiss", item.command.arguments[0])
    assert await editor.texts(0, 12) == [STEPS["clause"]]


HARD = "Größe 🥸 one\r\ntwo\u2028three 你好\x0cfour\r\n\tשלום עולם\x85 five"
PLACES = [(0, "one"), (1, "two"), (1, "three"), (1, "你好"), (1, "four"), (2, "עולם"), (2, "five")]


@pytest.mark.parametrize("encoding", list(types.PositionEncodingKind))
async def test_positions_in_every_encoding(daemon_home: Path, encoding: types.PositionEncodingKind) -> None:
    """The model is asked at the very place: after any character, on lines that pygls would split elsewhere."""
    editor = Editor()
    result = await editor.start(daemon_home, encodings=[encoding])
    assert result.capabilities.position_encoding == encoding
    editor.open(HARD)
    for line, word in PLACES:
        shown = HARD.split("\r\n")[line]
        column = shown.index(word) + len(word)
        character = units(shown[:column], encoding)
        assert await editor.texts(line, character) == [
            f" after {word[-3:] if len(word) > 2 else shown[column - 3 : column]}"
        ]
        editor.insert("🥸!", line, character)
        assert await editor.texts(line, character + units("🥸!", encoding)) == [f" after {shown[column - 1]}🥸!"]
        end = types.Position(line, character + units("🥸!", encoding))
        span = types.Range(types.Position(line, character), end)
        editor.change(types.TextDocumentContentChangePartial(span, ""))
    await editor.leave()


def units(text: str, encoding: types.PositionEncodingKind) -> int:
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding.value]
    return len(text.encode(codec)) // {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding.value]


async def test_neovims_own_client_gets_items_without_a_range(daemon_home: Path) -> None:
    editor = Editor()
    await editor.start(daemon_home, name="Neovim", encodings=[types.PositionEncodingKind.Utf8])
    editor.open("The quick")
    (item,) = await editor.ask(0, 9, explicit=True)
    assert item.range is None
    await editor.leave()


@pytest.mark.parametrize("text", ["say nothing", "say blanks"])
async def test_nothing_is_an_empty_list(editor: Editor, text: str) -> None:
    editor.open(text)
    assert await editor.ask(0, len(text), explicit=True) == []


async def test_typing_along_keeps_the_id(editor: Editor) -> None:
    editor.open("The quick")
    (first,) = await editor.ask(0, 9, explicit=True)
    for at, letter in enumerate(" brown f", start=9):
        editor.insert(letter, 0, at)
        (item,) = await editor.ask(0, at + 1)
    assert item.insert_text == "ox jumps over the lazy dog"
    assert list(item.command.arguments) == [first.command.arguments[0], item.insert_text]


@pytest.mark.parametrize(("line", "character"), [(0, 999_999), (77, 0), (77, 5)])
async def test_a_cursor_outside_the_text_is_taken_as_the_nearest_place(
    editor: Editor, line: int, character: int
) -> None:
    editor.open("abc")
    assert await editor.texts(line, character) == [" after abc"]


async def test_a_position_that_is_none_is_refused_and_the_server_goes_on(editor: Editor) -> None:
    editor.open("abc")
    raw = {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}, "context": {"triggerKind": 1}}
    with pytest.raises(JsonRpcException):
        await asyncio.wait_for(editor.request("textDocument/inlineCompletion", raw), LIMIT_S)
    assert await editor.texts(0, 3) == [" after abc"]


async def test_an_empty_document_and_one_that_is_not_open(editor: Editor) -> None:
    editor.open("")
    assert await editor.texts(0, 0) == [" after "]
    assert await editor.ask(0, 0, "file:///unknown.md") == []
    editor.insert("x", 3, 3, "file:///unknown.md")
    assert await editor.texts(0, 0) == [" after "]


async def test_bytes_that_are_no_utf8_cost_nothing(daemon_home: Path) -> None:
    editor = Editor()
    await editor.start(daemon_home)
    item = {"uri": URI, "languageId": "markdown", "version": 1, "text": "a@b"}
    message = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}
    editor.raw(json.dumps(message).encode().replace(b"@", b"\xff"))
    assert await editor.texts(0, 3) == [" after a\ufffdb"]
    await editor.leave()


async def test_a_document_over_a_megabyte_is_inactive_until_it_shrinks(editor: Editor) -> None:
    editor.open("word " * 1_000_000)
    assert await editor.ask(0, 10, explicit=True) == []
    inactive = {"uri": URI, "state": "inactive", "reason": "The document is over 1 MB."}
    await editor.until(lambda: any(status.get("documentState") == inactive for status in editor.statuses))
    editor.change(types.TextDocumentContentChangeWholeDocument("The quick"))
    assert await editor.texts(0, 9) == [" brown fox jumps over the lazy dog"]


@pytest.mark.parametrize("uri", ["git:/a.md", "file:///home/me/.env", "file:///home/me/.ssh/notes.md"])
async def test_documents_that_are_not_read(editor: Editor, uri: str) -> None:
    editor.open("The quick", uri)
    assert await editor.ask(0, 9, uri, explicit=True) == []
    await editor.until(lambda: any(status.get("documentState", {}).get("uri") == uri for status in editor.statuses))


async def test_a_cancelled_request_is_cancelled_in_the_daemon(editor: Editor) -> None:
    editor.open("slowly")
    request = editor.protocol.send_request(
        types.TEXT_DOCUMENT_INLINE_COMPLETION, editor.asking(0, 6, explicit=True), msg_id="cancelled"
    )
    await jobs(editor, 1)
    editor.protocol.notify(types.CANCEL_REQUEST, types.CancelParams(id="cancelled"))
    with pytest.raises(JsonRpcException):
        await asyncio.wait_for(asyncio.wrap_future(request), LIMIT_S)
    await jobs(editor, 0)


async def jobs(editor: Editor, count: int) -> None:
    """Wait until the daemon works on `count` requests that never answer."""
    while (await editor.command("shadowpen.status"))["daemon"]["model"]["documents"] != count:
        pass


async def test_the_latest_request_wins(editor: Editor) -> None:
    editor.open("slowly")
    first = asyncio.ensure_future(editor.ask(0, 6, explicit=True))
    await jobs(editor, 1)
    editor.change(types.TextDocumentContentChangeWholeDocument("The quick"))
    assert await editor.texts(0, 9) == [" brown fox jumps over the lazy dog"]
    assert await asyncio.wait_for(first, LIMIT_S) == []


async def counts(editor: Editor) -> dict[str, int]:
    found: dict[str, int] = (await editor.command("shadowpen.status"))["counts"]
    return found


async def test_acceptances_are_counted_once_by_text_or_command(editor: Editor) -> None:
    before = await counts(editor)
    editor.open("The quick")
    (item,) = await editor.ask(0, 9, explicit=True)
    editor.insert(item.insert_text, 0, 9)
    await editor.command("shadowpen.accept", *item.command.arguments)
    after = await counts(editor)
    assert after["accepted"] - before["accepted"] == 1
    assert after["accepted_characters"] - before["accepted_characters"] == len(item.insert_text)


async def test_a_partial_acceptance_told_by_the_client(editor: Editor) -> None:
    before = await counts(editor)
    editor.open("The quick")
    (item,) = await editor.ask(0, 9, explicit=True)
    editor.insert(" ", 0, 9)
    editor.protocol.notify(
        "textDocument/didPartiallyAcceptCompletion",
        {
            "item": {"insertText": item.insert_text, "command": {"arguments": item.command.arguments}},
            "acceptedLength": 1,
        },
    )
    assert (await counts(editor))["accepted"] - before["accepted"] == 1


SENSELESS = {"textDocument": {"uri": URI}, "position": {"line": -1, "character": "x"}}


async def test_notifications_of_any_shape_are_survived(editor: Editor) -> None:
    editor.open("abc")
    for method in ("didShowCompletion", "didPartiallyAcceptCompletion", "didFocus"):
        for params in (
            {},
            {"item": None},
            {"item": {"insertText": 5}},
            {"textDocument": {"uri": URI}},
            SENSELESS,
            None,
        ):
            editor.protocol.notify(f"textDocument/{method}", params)
    assert await editor.texts(0, 3) == [" after abc"]
    assert editor.messages == []


async def test_continuing_a_paragraph(editor: Editor) -> None:
    editor.open("A lead sentence.")
    here = {"line": 0, "character": 16}
    asked = {"textDocument": {"uri": URI}, "range": {"start": here, "end": here}, "context": {"diagnostics": []}}
    # lsprotocol takes a code action with a command for a bare command, so the typed method cannot be used.
    action, *_ = await editor.request("textDocument/codeAction", asked)
    assert (action["title"], action["kind"]) == ("Continue paragraph", "refactor.rewrite")
    result = await editor.command(action["command"]["command"], *action["command"]["arguments"])
    assert result == {"applied": True, "text": " It begins. It goes on.\nIt ends.", "reason": ""}
    kinds = [kind for kind, _ in editor.progress]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    reports = [value["message"] for kind, value in editor.progress if kind == "report"]
    assert reports[-1] == "It begins. It goes on. It ends."
    (edit,) = editor.edits
    assert edit.edit.document_changes is not None
    (change,) = edit.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.version, change.edits[0].new_text) == (  # type: ignore[union-attr]
        editor.version,
        " It begins. It goes on.\nIt ends.",
    )


async def test_a_client_that_brings_a_progress_token_gets_the_text_as_it_is(editor: Editor) -> None:
    editor.open("A lead sentence.")
    arguments = [URI, {"line": 0, "character": 16}]
    params = types.ExecuteCommandParams("shadowpen.continue", arguments, work_done_token="mine")
    await editor.workspace_execute_command_async(params)
    assert {value["token"] for _, value in editor.progress} == {"mine"}
    reports = [value["message"] for kind, value in editor.progress if kind == "report"]
    # A part that waits for the wire gives way to the next, so the last is the only one that is certain.
    assert reports[-1] == " It begins. It goes on.\nIt ends."
    assert all(reports[-1].startswith(report) for report in reports)


@pytest.mark.parametrize("by_request", [True, False])
async def test_continuing_can_be_cancelled(editor: Editor, by_request: bool) -> None:
    editor.open("slowly")
    arguments = [URI, {"line": 0, "character": 6}]
    request = editor.protocol.send_request(
        types.WORKSPACE_EXECUTE_COMMAND, types.ExecuteCommandParams("shadowpen.continue", arguments), msg_id="long"
    )
    await editor.until(lambda: editor.progress)
    await jobs(editor, 1)
    token = editor.progress[0][1]["token"]
    if by_request:
        editor.protocol.notify(types.CANCEL_REQUEST, types.CancelParams(id="long"))
        with pytest.raises(JsonRpcException):
            await asyncio.wait_for(asyncio.wrap_future(request), LIMIT_S)
    else:
        editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        assert not (await asyncio.wait_for(asyncio.wrap_future(request), LIMIT_S))["applied"]
    await jobs(editor, 0)
    await editor.until(lambda: editor.progress[-1][0] == "end")
    assert editor.edits == []


NOTES = "- ferry late\n- harbour\n"
SPAN = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}


async def test_expanding_a_selection(editor: Editor) -> None:
    editor.open(NOTES)
    asked = {"textDocument": {"uri": URI}, "range": SPAN, "context": {"diagnostics": []}}
    action, *_ = await editor.request("textDocument/codeAction", asked)
    assert (action["title"], action["kind"]) == ("Expand into a paragraph", "refactor.rewrite")
    result = await editor.command(action["command"]["command"], *action["command"]["arguments"])
    expected = paragraph(NOTES, 0, 0)
    assert result == {"applied": True, "text": expected, "reason": ""}
    kinds = [kind for kind, _ in editor.progress]
    assert (kinds[0], "report" in kinds, kinds[-1]) == ("begin", True, "end")
    (edit,) = editor.edits
    assert edit.edit.document_changes is not None
    (change,) = edit.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == editor.version
    (replaced,) = change.edits
    assert replaced.range == types.Range(types.Position(0, 0), types.Position(1, 9))  # type: ignore[union-attr]
    assert replaced.new_text == expected  # type: ignore[union-attr]


async def test_a_preview_streams_the_text_and_gets_the_candidates(editor: Editor) -> None:
    editor.open(NOTES)
    for seed in (0, 1):
        options = {"preview": True, "seed": seed, "candidates": 2, "colour": "unknown"}
        params = types.ExecuteCommandParams("shadowpen.expand", [URI, SPAN, options], work_done_token=f"mine {seed}")
        result = await editor.workspace_execute_command_async(params)
        assert result == {
            "applied": False,
            "candidates": [paragraph(NOTES, seed, rank) for rank in (0, 1)],
            "missing": [[], ["harbour"]],
            "added": [],
            "tells": [],
            "version": editor.version,
            "reason": "",
        }
    reports = [value["message"] for kind, value in editor.progress if kind == "report" and value["token"] == "mine 0"]
    best = paragraph(NOTES, 0, 0)
    assert reports[-1] == best[: len(best) // 2]
    assert all(best.startswith(report) for report in reports)
    assert editor.edits == []


@pytest.mark.parametrize("by_request", [True, False])
async def test_expanding_can_be_cancelled(editor: Editor, by_request: bool) -> None:
    editor.open("slowly")
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 6}}
    params = types.ExecuteCommandParams("shadowpen.expand", [URI, span, {"preview": True}], work_done_token="mine")
    request = editor.protocol.send_request(types.WORKSPACE_EXECUTE_COMMAND, params, msg_id="long")
    await editor.until(lambda: editor.progress)
    await jobs(editor, 1)
    if by_request:
        editor.protocol.notify(types.CANCEL_REQUEST, types.CancelParams(id="long"))
        with pytest.raises(JsonRpcException):
            await asyncio.wait_for(asyncio.wrap_future(request), LIMIT_S)
    else:
        editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams("mine"))
        assert (await asyncio.wait_for(asyncio.wrap_future(request), LIMIT_S))["candidates"] == []
    await jobs(editor, 0)


async def test_five_thousand_words_are_refused_in_a_sentence(editor: Editor) -> None:
    editor.open("word " * 5_000)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 25_000}}
    result = await editor.command("shadowpen.expand", URI, span)
    assert (result["applied"], "5000 words" in result["reason"]) == (False, True)
    await editor.until(lambda: any("at most 400 words" in message for message in editor.messages))
    assert (await editor.command("shadowpen.status"))["state"] == "ready"


async def test_an_edit_the_editor_does_not_make_is_told_and_made_the_second_time(editor: Editor) -> None:
    editor.open("A lead sentence.")
    editor.edits_allowed = False
    refused = await editor.command("shadowpen.continue", URI, {"line": 0, "character": 16})
    assert not refused["applied"]
    await editor.until(lambda: any("did not take" in message for message in editor.messages))

    editor.edits_allowed = True
    taken = await editor.command("shadowpen.continue", URI, {"line": 0, "character": 16})
    assert taken["applied"] and taken["text"] == refused["text"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("shadowpen.accept", []),
        ("shadowpen.continue", [URI]),
        ("shadowpen.continue", [URI, {"line": "x"}]),
        ("shadowpen.continue", [URI, {"line": -1, "character": 0}]),
        ("shadowpen.expand", [URI]),
        ("shadowpen.expand", [URI, {"start": {"line": 0, "character": 0}}]),
        ("shadowpen.expand", [URI, SPAN, {"seed": "x"}]),
        ("shadowpen.expand", [URI, SPAN, {"preview": 1}]),
        ("shadowpen.expand", [URI, SPAN, {}, 4]),
        ("shadowpen.pause", ["long"]),
        ("shadowpen.pause", [-1]),
        ("shadowpen.pause", [True]),
        ("shadowpen.pause", [1, 2]),
        ("shadowpen.manual", ["perhaps"]),
        ("shadowpen.unknown", []),
    ],
)
async def test_wrong_arguments_are_refused(editor: Editor, name: str, arguments: list[object]) -> None:
    with pytest.raises(JsonRpcException):
        await asyncio.wait_for(editor.command(name, *arguments), LIMIT_S)


async def test_pausing_and_going_on(editor: Editor) -> None:
    editor.open("The quick")
    assert (await editor.command("shadowpen.pause"))["state"] == "paused"
    assert await editor.ask(0, 9) == []
    assert len(await editor.ask(0, 9, explicit=True)) > 0
    assert (await editor.command("shadowpen.pause"))["state"] == "ready"
    assert (await editor.command("shadowpen.pause", 15))["pausedUntil"] > time.time() + 800
    assert (await editor.command("shadowpen.pause", "tomorrow"))["pausedUntil"] > time.time()
    assert (await editor.command("shadowpen.pause", "on"))["pausedUntil"] is None
    assert (await editor.command("shadowpen.resume"))["state"] == "ready"
    editor.insert(" brown", 0, 9)
    assert len(await editor.ask(0, 15)) == 1


async def test_a_pause_in_one_editor_is_one_in_all(editor: Editor, daemon_home: Path) -> None:
    other = Editor()
    await other.start(daemon_home)
    other.open("The quick")
    await other.ask(0, 9, explicit=True)
    await editor.command("shadowpen.manual", "on")
    await other.until(lambda: bool(other.statuses) and other.statuses[-1]["manual"])
    assert await other.ask(0, 9) == []
    await other.command("shadowpen.manual", "off")
    await editor.until(lambda: bool(editor.statuses) and not editor.statuses[-1]["manual"])
    await editor.command("shadowpen.pause", 0.01)
    await other.until(lambda: [status["state"] for status in other.statuses[-2:]] == ["paused", "ready"])
    await other.leave()


async def test_options_at_the_start_and_later(daemon_home: Path) -> None:
    editor = Editor()
    await editor.start(daemon_home, options={"languagesOff": ["latex"], "deadlineMs": "soon"})
    await editor.until(lambda: any("deadlineMs" in message for message in editor.messages))
    editor.open("The quick", language="latex")
    assert await editor.ask(0, 9, explicit=True) == []
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams({"shadowpen": {}}))
    assert len(await editor.ask(0, 9, explicit=True)) == 1
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))  # the server must ask: "off"
    await editor.until(lambda: any(status["state"] == "inactive" for status in editor.statuses))
    assert await editor.ask(0, 9, explicit=True) == []
    await editor.leave()


async def test_it_says_when_it_is_ready_and_which_model_answers(daemon_home: Path) -> None:
    editor = Editor()
    await editor.start(daemon_home)
    editor.open("The quick")
    await editor.ask(0, 9, explicit=True)
    await editor.until(lambda: any(status["model"] == "rules@base" for status in editor.statuses))
    report = await editor.command("shadowpen.status")
    assert (report["state"], report["model"]) == ("ready", "rules@base")
    assert report["daemon"]["pid"]
    await editor.leave()


async def test_an_editor_that_goes_without_a_word_leaves_no_server(daemon_home: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        *SERVER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "SHADOWPEN_HOME": str(daemon_home)},
    )
    out, _ = await asyncio.wait_for(server.communicate(b""), LIMIT_S)
    assert (server.returncode, out) == (0, b"")


async def test_a_daemon_that_is_killed_is_started_again_and_the_server_lives(home: Path) -> None:
    editor = Editor()
    with rules(home) as killed:
        await editor.start(home)
        editor.open("The quick")
        assert len(await editor.ask(0, 9, explicit=True)) == 1
        killed.kill()
    editor.change(types.TextDocumentContentChangeWholeDocument("Another text"))
    # The daemon started now is the real one, and has no model.
    assert await editor.ask(0, 12, explicit=True) == []
    await editor.until(lambda: editor.statuses[-1]["state"] == "error")
    assert editor.statuses[-1]["hint"]
    assert len(editor.messages) == 1
    for _ in range(3):
        assert await editor.ask(0, 12) == []
    assert len(editor.messages) == 1
    report = await editor.command("shadowpen.status")
    assert report["daemon"]["pid"] != killed.pid
    await editor.leave()


async def test_correcting_the_paragraph_at_the_cursor(editor: Editor) -> None:
    editor.open("One.\n\nSee teh house and teh\ngarden.\n")
    here = {"line": 2, "character": 4}
    asked = {"textDocument": {"uri": URI}, "range": {"start": here, "end": here}, "context": {"diagnostics": []}}
    _, action = await editor.request("textDocument/codeAction", asked)
    assert (action["title"], action["kind"]) == ("Correct spelling and grammar", "refactor.rewrite")
    result = await editor.command(action["command"]["command"], *action["command"]["arguments"])
    assert result == {"applied": True, "text": "See the house and the\ngarden.", "reason": ""}
    (edit,) = editor.edits
    assert edit.edit.document_changes is not None
    (change,) = edit.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.version == editor.version
    made = [(each.range.start.character, each.new_text) for each in change.edits if isinstance(each, types.TextEdit)]
    assert made == [(4, "the"), (18, "the")]


@pytest.mark.parametrize(
    "arguments", [[], [URI], [URI, SPAN], [URI, SPAN, 1], [URI, SPAN, "correct", {"a": [1]}], [URI, {}, "correct"]]
)
async def test_a_verb_needs_a_place_a_name_and_plain_options(editor: Editor, arguments: list[Any]) -> None:
    editor.open("One.")
    with pytest.raises(JsonRpcException):
        await editor.command("shadowpen.verb", *arguments)
