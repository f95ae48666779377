"""The report is shown in Neovim itself, so that it is seen wherever Neovim runs."""

from __future__ import annotations

from .conftest import Start


def test_it_is_a_buffer_that_q_closes_and_that_no_server_reads(start: Start) -> None:
    session = start({"The quick": " brown fox jumps."})
    show = "require('shadowpen.report').show(...)"
    session.screen.lua(show, {"text": "# What Shadowpen does for you\n\nIt saved you 12 keys.\n"})
    session.screen.wait_for("It saved you 12 keys.")
    assert session.screen.lua("return vim.bo.modifiable") is False
    session.screen.lua(show, {"text": "# What Shadowpen does for you\n\nIt saved you 13 keys.\n"})
    session.screen.wait_for("It saved you 13 keys.")
    assert len(session.screen.lua("return vim.api.nvim_list_wins()")) == 2
    session.quiet()
    assert len(session.server.all("textDocument/didOpen")) == 1
    session.keys("q")
    session.screen.wait_gone("It saved you 13 keys.")


def test_without_a_report_nothing_is_opened(start: Start) -> None:
    session = start()
    for answer in ({"text": "", "reason": "The disk is full."}, {}):
        session.screen.lua("require('shadowpen.report').show(...)", answer)
    assert len(session.screen.lua("return vim.api.nvim_list_wins()")) == 1
