"""Buffers without a name: each is a document of its own for the server, and one at a time is with it."""

from __future__ import annotations

import re

from ..conftest import Session, Start

FOX = {"The quick": " brown fox jumps."}
GHOST = "The quick brown fox jumps."
OPEN, CLOSE, REQUEST = "textDocument/didOpen", "textDocument/didClose", "textDocument/inlineCompletion"
ADDRESS = re.compile(r"untitled:nvim-\d+-\d+")


def addresses(session: Session, method: str) -> list[str]:
    return [params["textDocument"]["uri"] for params in session.server.params(method)]


def asked_of(session: Session) -> str:
    """The document of the newest request for ghost text."""
    session.server.wait(REQUEST)
    session.quiet()
    return addresses(session, REQUEST)[-1]


def status(session: Session) -> str:
    return session.screen.lua("return require('shadowpen').status()")


def nameless(session: Session, filetype: str = "markdown") -> str:
    """A new buffer without a name; the address that the server got."""
    before = len(session.server.all(OPEN))
    session.screen.command("enew")
    session.screen.command(f"set filetype={filetype}")
    session.server.wait(OPEN, before + 1)
    return addresses(session, OPEN)[-1]


def test_prose_without_a_name_has_ghost_text_under_an_address_of_its_own(start: Start) -> None:
    session = start(FOX)
    address = nameless(session)
    assert ADDRESS.fullmatch(address)
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    assert asked_of(session) == address
    assert set(addresses(session, "textDocument/didChange")) == {address}
    session.keys("<Tab>")
    session.screen.wait_buffer(GHOST)
    document = {"uri": address, "state": "inactive"}
    session.server.notify("shadowpen/status", state="ready", documentState=document)
    session.quiet()
    assert status(session) == "shadowpen: inactive"


def test_a_buffer_without_name_and_filetype_is_with_the_server_once_it_is_written_in(start: Start) -> None:
    session = start(FOX)
    session.screen.command("enew")
    session.quiet()
    assert len(session.server.all(OPEN)) == 1 and status(session) == ""
    session.keys("iThe quick")
    session.server.wait(OPEN, 2)
    assert session.server.params(OPEN)[-1]["textDocument"]["languageId"] == "text"
    session.keys("<Esc>ccThe quick")
    session.screen.wait_for(GHOST)


def test_of_two_the_server_holds_the_one_that_is_looked_at(start: Start) -> None:
    session = start(FOX)
    session.screen.command("set hidden")
    first = nameless(session)
    session.keys("iA fox<Esc>")
    session.screen.wait_buffer("A fox")
    second = nameless(session, "text")
    assert first != second
    session.server.wait(CLOSE)
    assert addresses(session, CLOSE) == [first]
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    assert asked_of(session) == second
    session.keys("<Esc>")
    session.screen.command("buffer #")
    session.server.wait(OPEN, 4)
    assert (addresses(session, CLOSE)[-1], addresses(session, OPEN)[-1]) == (second, first)
    assert session.server.params(OPEN)[-1]["textDocument"]["text"] == "A fox\n"
    session.keys("ccThe quick")
    session.screen.wait_for(GHOST)
    assert asked_of(session) == first


def test_it_stays_with_the_server_while_another_file_is_looked_at(start: Start) -> None:
    session = start(FOX, name="named.md")
    session.screen.command("set hidden")
    nameless(session)
    session.screen.command("edit named.md")
    session.quiet()
    assert addresses(session, CLOSE) == []
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    assert asked_of(session).endswith("/named.md")


def test_writing_it_to_a_file_makes_it_that_file(start: Start) -> None:
    session = start(FOX)
    address = nameless(session)
    session.keys("iA fox<Esc>")
    session.screen.wait_buffer("A fox")
    session.screen.command("write named.md")
    session.server.wait(OPEN, 3)
    assert addresses(session, CLOSE)[0] == address
    assert addresses(session, OPEN)[-1].endswith("/named.md")
    assert session.server.params(OPEN)[-1]["textDocument"]["text"] == "A fox\n"
    session.keys("ccThe quick")
    session.screen.wait_for(GHOST)
    assert asked_of(session).endswith("/named.md")


def test_naming_it_without_writing_it_makes_it_that_file_too(start: Start) -> None:
    session = start(FOX)
    address = nameless(session)
    session.keys("iA fox<Esc>")
    session.screen.wait_buffer("A fox")
    session.screen.command("file named.md")
    session.server.wait(OPEN, 3)
    assert addresses(session, CLOSE)[0] == address
    assert addresses(session, OPEN)[-1].endswith("/named.md")
    session.keys("ccThe quick")
    session.screen.wait_for(GHOST)


def test_an_edit_of_the_server_goes_into_the_buffer_itself(start: Start) -> None:
    session = start(FOX)
    address = nameless(session)
    session.keys("iA brown cat<Esc>")
    session.screen.wait_buffer("A brown cat")
    range_ = {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 11}}
    edits = [{"range": range_, "newText": "fox"}]
    session.server.wait("textDocument/didChange")
    session.quiet()
    version = session.server.params("textDocument/didChange")[-1]["textDocument"]["version"]
    document = {"uri": address, "version": version}
    reply = session.server.ask(
        "workspace/applyEdit", edit={"documentChanges": [{"textDocument": document, "edits": edits}]}
    )
    assert reply["result"]["applied"] is True
    session.screen.wait_buffer("A brown fox")
    reply = session.server.ask("workspace/applyEdit", edit={"changes": {address: edits}})
    assert reply["result"]["applied"] is True
    assert session.screen.lua("return #vim.api.nvim_list_bufs()") == 2, "no buffer was made for the edit"


def test_an_edit_of_a_code_action_goes_into_the_buffer_itself(start: Start) -> None:
    session = start(FOX)
    address = nameless(session)
    session.keys("iA brown cat<Esc>")
    session.screen.wait_buffer("A brown cat")
    range_ = {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 11}}
    session.screen.lua(
        "local action, sent = ...; local nameless = require('shadowpen.buffers.nameless');"
        "local function request(_, _, callback) callback(nil, { action }) end;"
        "local rpc = nameless.transport({ request = request });"
        "rpc.request('textDocument/codeAction', {}, function(_, result) sent = result[1] end);"
        "local client = vim.lsp.get_clients({ name = 'shadowpen' })[1];"
        "assert(sent.edit == nil); client.commands[sent.command.command](sent.command, { client_id = client.id })",
        {"title": "fox", "edit": {"changes": {address: [{"range": range_, "newText": "fox"}]}}},
    )
    session.screen.wait_buffer("A brown fox")


def test_a_buffer_that_is_no_file_is_never_seen(start: Start) -> None:
    session = start(FOX)
    session.screen.command("new")
    session.screen.command("setlocal buftype=nofile")
    session.keys("iThe quick<Esc>")
    session.screen.wait_buffer("The quick")
    session.quiet()
    assert len(session.server.all(OPEN)) == 1
