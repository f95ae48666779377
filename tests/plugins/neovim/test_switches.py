"""Where ghost text is meant and where not: filetypes, switches, the server's own state and its death."""

from __future__ import annotations

import itertools

import pytest

from .conftest import PLUGIN, Session, Start

FOX = {"The quick": " brown fox jumps."}
GHOST = "The quick brown fox jumps."
REQUEST = "textDocument/inlineCompletion"
FOCUS = "textDocument/didFocus"


def status(session: Session) -> str:
    return session.screen.lua("return require('shadowpen').status()")


def messages(session: Session) -> str:
    return session.screen.lua("return vim.fn.execute('messages')")


def report(session: Session) -> str:
    return session.screen.lua("return table.concat(require('shadowpen.status').report(), ' ')")


def test_the_server_sees_no_file_that_is_not_prose(start: Start) -> None:
    session = start(FOX)
    session.screen.command("edit code.py")
    session.keys("iThe quick")
    session.screen.wait_buffer("The quick")
    session.quiet()
    assert [params["textDocument"]["languageId"] for params in session.server.params("textDocument/didOpen")] == [
        "markdown"
    ]
    assert "filetype 'python'" in report(session)
    assert status(session) == ""


def test_filetypes_of_the_writers_choice(start: Start) -> None:
    session = start(FOX, options="filetypes = { norg = true, markdown = false }", wait=False)
    session.screen.command("edit notes.draft")
    session.screen.command("set filetype=norg.draft")
    session.ready()
    assert [params["textDocument"]["languageId"] for params in session.server.params("textDocument/didOpen")] == [
        "norg.draft"
    ]


def test_a_buffer_switched_off_by_the_writers_autocommand_is_never_seen(start: Start) -> None:
    session = start(FOX, name="public.md")
    session.screen.lua(
        "vim.api.nvim_create_autocmd('BufReadPost', { pattern = 'private*',"
        " callback = function() vim.b.shadowpen_enabled = false end })"
    )
    for name in ("private.md", "other.md"):
        (session.file.parent / name).write_text("text\n")
        session.screen.command(f"edit {name}")
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    opened = [params["textDocument"]["uri"] for params in session.server.params("textDocument/didOpen")]
    assert [uri.split("/")[-1] for uri in opened] == ["public.md", "other.md"]


def test_a_change_of_filetype_detaches_and_attaches(start: Start) -> None:
    session = start(FOX)
    session.screen.command("set filetype=lua")
    session.server.wait("textDocument/didClose")
    session.screen.command("set filetype=text")
    session.server.wait("textDocument/didOpen", 2)


@pytest.mark.parametrize("command", ["file other.md", "saveas other.md"])
def test_a_renamed_file_is_another_document(start: Start, command: str) -> None:
    session = start({"The quick": " brown fox"})
    session.screen.command(command)
    opened = session.server.wait("textDocument/didOpen", 2)["message"]["params"]["textDocument"]
    closed = session.server.wait("textDocument/didClose")["message"]["params"]["textDocument"]
    assert (opened["uri"].rpartition("/")[2], closed["uri"].rpartition("/")[2]) == ("other.md", "text.md")
    session.keys("iThe quick")
    session.screen.wait_for("The quick brown fox")
    session.quiet()
    assert {params["textDocument"]["uri"] for params in session.server.params("textDocument/didChange")} == {
        opened["uri"]
    }


def test_a_name_that_is_refused_leaves_the_file_with_the_server(start: Start) -> None:
    session = start({"The quick": " brown fox"})
    session.screen.command("call bufload(bufadd('other.xyz'))")
    session.screen.command("silent! file other.xyz")
    opened = session.server.wait("textDocument/didOpen", 2)["message"]["params"]["textDocument"]
    assert opened["uri"].endswith("/text.md")
    session.keys("iThe quick")
    session.screen.wait_for("The quick brown fox")


def test_toggled_off_and_on_everywhere(start: Start) -> None:
    session = start(FOX)
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.screen.command("ShadowpenToggle")
    session.server.wait("textDocument/didClose")
    session.screen.wait_gone("brown")
    session.quiet()
    count = len(session.server.all(REQUEST))
    session.keys(".<Esc>oThe quick")
    session.screen.wait_buffer("The quick.", "The quick")
    session.quiet()
    assert len(session.server.all(REQUEST)) == count
    assert status(session) == ""
    session.screen.command("ShadowpenToggle")
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    session.keys("<Esc>oThe quick")
    session.screen.wait_for(GHOST)


def test_toggled_off_in_one_buffer(start: Start) -> None:
    session = start(FOX)
    session.screen.command("ShadowpenToggle buffer")
    session.server.wait("textDocument/didClose")
    assert "off, turned off for this buffer" in report(session)
    session.screen.command("edit other.md")
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)


def test_where_the_cursor_comes_to_rest_is_told(start: Start) -> None:
    session = start(FOX)
    session.screen.command("call setline(1, 'The quick brown fox')")
    session.quiet()
    before = len(session.server.params(FOCUS))
    session.keys("$")
    session.server.wait(FOCUS, before + 1)
    told = session.server.params(FOCUS)[before]
    assert told["position"]["character"] > 0 and told["textDocument"]["uri"].endswith("text.md")


def test_one_server_for_all_buffers_and_the_focus_is_told(start: Start) -> None:
    session = start(FOX)
    session.screen.command("edit other.md")
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    session.screen.command("buffer 1")
    session.screen.command("edit code.py")
    session.quiet()
    focus = [params.get("textDocument", {}).get("uri", "").split("/")[-1] for params in session.server.params(FOCUS)]
    changes = [file for file, _ in itertools.groupby(focus)]  # where the cursor rests in one is told again
    assert changes[0] == "text.md"
    assert changes[-3:] == ["other.md", "text.md", ""]
    assert len({event["pid"] for event in session.server.events}) == 1


def test_the_status_component_and_report(start: Start) -> None:
    session = start(FOX, before="vim.o.laststatus = 2; vim.o.statusline = \"%{v:lua.require'shadowpen'.status()}\"")
    session.screen.wait_for("shadowpen: starting")
    session.server.notify("shadowpen/status", state="ready", message="", hint="", model="tiny@base")
    session.screen.wait_for("shadowpen: ready")
    assert "ready (tiny@base)" in report(session)
    uri = session.server.params("textDocument/didOpen")[0]["textDocument"]["uri"]
    document = {"uri": uri, "state": "inactive", "reason": "The file is over 1 MB."}
    session.server.notify("shadowpen/status", state="ready", documentState=document)
    session.screen.wait_for("shadowpen: inactive")
    assert "inactive. The file is over 1 MB." in report(session)
    session.server.notify("shadowpen/status", state="ready", documentState=document | {"state": "active"})
    session.screen.wait_for("shadowpen: ready")
    session.keys(":ShadowpenStatus<CR>")
    session.screen.wait_for("This buffer: on.")
    session.keys("<CR>")


def test_an_error_of_the_server_shows_and_its_message_stays_on_one_line(start: Start) -> None:
    session = start(FOX)
    sentence = "No model is installed under the name default. Run `shadowpen setup` in a terminal and try again."
    session.server.notify("shadowpen/status", state="error", message=sentence, hint="")
    session.server.notify("window/showMessage", type=1, message=sentence)
    session.screen.wait_for("Shadowpen: No model is installed under")
    assert "… :ShadowpenStatus" in session.screen.frame.lines[-1]
    assert status(session) == "shadowpen: error"
    assert sentence in report(session)


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("ShadowpenPause 15", "shadowpen.pause", [15]),
        ("ShadowpenPause", "shadowpen.pause", []),
        ("ShadowpenPause 0", "shadowpen.pause", [0]),
        ("Shadowpen pause", "shadowpen.pause", ["on"]),
        ("Shadowpen pause 30", "shadowpen.pause", [30]),
        ("Shadowpen pause tomorrow", "shadowpen.pause", ["tomorrow"]),
        ("Shadowpen resume", "shadowpen.resume", []),
        ("Shadowpen manual on", "shadowpen.manual", ["on"]),
        ("Shadowpen rate good", "shadowpen.rate", ["good"]),
        ("Shadowpen report", "shadowpen.report", ["here"]),
        ("Shadowpen why", "shadowpen.why", []),
        ("ShadowpenLearn on", "shadowpen.learn", ["on"]),
        ("ShadowpenLearn off", "shadowpen.learn", ["off"]),
        ("ShadowpenLearn add /home/me/my essays", "shadowpen.addFolder", ["/home/me/my essays"]),
    ],
)
def test_orders_to_the_server(start: Start, line: str, command: str, arguments: list[object]) -> None:
    session = start(FOX)
    session.screen.command(line)
    session.server.wait_command(command)
    assert session.server.params("workspace/executeCommand") == [{"command": command, "arguments": arguments}]


@pytest.mark.parametrize(
    ("line", "command", "answered", "said"),
    [
        ("Shadowpen pause 30", "shadowpen.pause", "Suggestions are paused until 14:30.", "are paused until 14:30."),
        ("Shadowpen pause tomorrow", "shadowpen.pause", "Suggestions are paused until Wednesday, 05:00.", "05:00."),
        ("ShadowpenPause", "shadowpen.pause", "Suggestions are paused.", "are paused."),
        ("Shadowpen resume", "shadowpen.resume", "", "Ghost text is on."),
        ("Shadowpen manual on", "shadowpen.manual", "Ghost text waits for its key.", "its key."),
        ("Shadowpen manual off", "shadowpen.manual", "", "Ghost text is on."),
    ],
)
def test_pause_resume_and_manual_mode_are_confirmed(
    start: Start, line: str, command: str, answered: str, said: str
) -> None:
    session = start(FOX, answers={command: {"message": answered}})
    session.screen.command(line)
    session.screen.wait_for("In all editors: ")
    assert said in session.screen.frame.lines[-1]


@pytest.mark.parametrize("line", ["pause -1", "manual", "sleep", "pause 1 2", "rate", "rate 6"])
def test_an_order_of_nonsense_is_none(start: Start, line: str) -> None:
    session = start(FOX)
    session.screen.command("Shadowpen " + line)
    session.quiet()
    assert "see :help :Shadowpen" in messages(session)
    assert session.server.all("workspace/executeCommand") == []


def test_orders_are_completed(start: Start) -> None:
    session = start(FOX)

    def completed(line: str) -> list[str]:
        return session.screen.lua(f"return vim.fn.getcompletion('{line}', 'cmdline')")

    assert completed("Shadowpen ") == ["manual", "next", "pause", "previous", "rate", "report", "resume", "why"]
    assert completed("Shadowpen p") == ["pause", "previous"]
    assert completed("Shadowpen rate ") == ["1", "2", "3", "4", "5", "bad", "good"]
    assert completed("Shadowpen pause ") == ["15", "30", "60", "tomorrow"]
    assert completed("Shadowpen manual o") == ["off", "on"]


def test_the_manual_mode_is_seen_in_the_status(start: Start) -> None:
    session = start(FOX)
    told = {"state": "ready", "message": "Ghost text waits for its key.", "manual": True}
    session.screen.lua("require('shadowpen.status').set(...)", told)
    assert status(session) == "shadowpen: manual"
    assert "waits for its key" in report(session)
    session.screen.lua("require('shadowpen.status').set(...)", told | {"state": "paused"})
    assert status(session) == "shadowpen: paused"


def test_an_order_without_a_server_and_one_that_is_none(start: Start) -> None:
    session = start(FOX, name="code.py", wait=False)
    session.screen.command("ShadowpenPause")
    session.screen.command("ShadowpenLearn perhaps")
    assert "no server is running here" in messages(session)
    assert "use :ShadowpenLearn on" in messages(session)


def test_a_dead_server_is_told_and_comes_back_by_restart(start: Start) -> None:
    session = start(FOX)
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.server.order(exit=3)
    session.screen.wait_for("Shadowpen: the server stopped (exit code 3). :ShadowpenRestart")
    session.screen.wait_gone("brown")
    assert status(session) == "shadowpen: error"
    session.keys("<CR>And<Esc>")
    session.screen.wait_buffer("The quick", "And")
    session.screen.command("split other.md")
    assert len({event["pid"] for event in session.server.events}) == 1
    session.screen.command("quit")
    session.screen.command("ShadowpenRestart")
    session.server.wait("textDocument/didOpen", 3)
    session.quiet()
    session.keys("A. The quick")
    session.screen.wait_for("And. " + GHOST)
    session.quiet()
    assert session.server.all("textDocument/didChange")[-1]["text"] == "The quick\nAnd. The quick\n"


def test_restart_of_a_live_server_reports_no_death(start: Start) -> None:
    session = start(FOX)
    session.screen.command("ShadowpenRestart")
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    session.server.wait("exit")
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    assert "stopped" not in messages(session)


def test_a_program_that_is_not_there_is_told_once(start: Start) -> None:
    session = start(options="cmd = { 'no-such-shadowpen', 'lsp' },", wait=False)
    session.screen.wait_for("Shadowpen: 'no-such-shadowpen' cannot be run.")
    session.screen.command("edit other.md")
    assert messages(session).count("no-such-shadowpen") == 1


def test_wrong_options_are_named_and_the_defaults_hold(start: Start) -> None:
    session = start(FOX, options="throttle_ms = 'fast', colour = 'red', keys = { accept = false }")
    told = report(session)
    assert "throttle_ms must be a number" in told
    assert "there is no option colour" in told
    assert "keys.accept must be a string" in told
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.keys("<Tab>")
    session.screen.wait_buffer(GHOST)


def test_a_statusline_that_fails_stops_nothing(start: Start) -> None:
    session = start(FOX)
    session.screen.lua(
        """vim.o.laststatus = 2; vim.o.statusline = '%{v:lua.require"no such".module()}'
        require("shadowpen").restart()"""
    )
    session.server.wait("textDocument/didOpen", 2)
    session.quiet()
    session.keys("<CR>iThe quick")
    session.screen.wait_for(GHOST)


def test_commands_before_setup_say_what_is_missing(start: Start) -> None:
    session = start(init=f'vim.opt.runtimepath:prepend("{PLUGIN}")', wait=False)
    session.screen.command("ShadowpenToggle")
    assert 'require("shadowpen").setup()' in messages(session)
    assert session.screen.lua("return require('shadowpen').status()") == ""


def test_the_client_is_called_as_neovim_0_10_wants_it(start: Start) -> None:
    """A stand-in for the real 0.10, which no package carries: its calling convention, which later ones still take."""
    older = "local has = vim.fn.has; vim.fn.has = function(what) return what == 'nvim-0.11' and 0 or has(what) end"
    session = start(FOX, before=older + "; vim.deprecate = function() vim.g.dotted = 1 end")
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.keys("<C-Right><Tab>")
    session.screen.wait_buffer(GHOST)
    session.server.wait("textDocument/didPartiallyAcceptCompletion")
    session.server.wait_command("shadowpen.accept")
    assert session.screen.lua("return vim.g.dotted") == 1
    session.screen.command("ShadowpenRestart")
    session.server.wait("exit")


def test_a_training_run_is_seen_beside_the_state_until_it_ends(start: Start) -> None:
    session = start(FOX)
    told = "require('shadowpen.status').set({ state = 'ready', training = %s })"
    session.screen.lua(told % "{ message = 'Learning', fraction = 0.21 }")
    assert status(session) == "shadowpen: ready (learning 21%)"
    session.screen.lua("require('shadowpen.status').set({ state = 'busy' })")
    assert status(session) == "shadowpen: busy (learning 21%)"
    session.screen.lua(told % "vim.NIL")
    assert status(session) == "shadowpen: ready"
