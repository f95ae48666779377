"""A server that ends while Emacs is in the middle of a command, before Emacs has noticed."""

from __future__ import annotations

from ..conftest import Start

KILL = """
(global-set-key (kbd "C-c k")
  (lambda ()
    (interactive)
    (let ((process (jsonrpc--process shadowpen-client--connection)))
      (signal-process process 'KILL)
      (while (process-live-p process)))
    (insert "x")))
"""
NOTICE = "(progn (add-hook 'after-change-functions (lambda (&rest _) (setq noticed t)) nil t) nil)"


def test_hooks_and_ghost_text_outlive_it(start: Start) -> None:
    session = start({"one": " two three"}, before=KILL)
    session.remote.ask(NOTICE)
    session.keys("\x03k")
    session.wait_value("(plist-get (shadowpen-client-status) :state)", "error")
    session.remote.ask("(progn (setq noticed nil) nil)")
    session.keys("y")
    session.wait_buffer("xy")
    assert session.remote.ask("noticed") is True
    session.keys("\x1bxshadowpen-restart\r")
    session.server.wait("textDocument/didOpen", 2)
    session.keys("\rone")
    session.screen.wait_for("two three")
