"""Emacs in a terminal: its keys, its configuration, and how a test asks it for values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from support.screens.driver import EditorDriver
from support.screens.session import Desk, Session

from .install import EMACS as PROGRAM

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "emacs"
# A raw byte has no place in JSON, neither here nor in the protocol.
LINES = (
    '(save-restriction (widen) (vconcat (split-string (replace-regexp-in-string "[\\x3fff80-\\x3fffff]" "\\ufffd"'
    ' (buffer-substring-no-properties 1 (1+ (buffer-size)))) "\\n")))'
)


def configure(command: Sequence[str], before: str) -> str:
    """The plug-in, a server `command`, and a request for every key."""
    quoted = json.dumps(list(command)).replace(",", "")
    return f"""
(add-to-list 'load-path "{PLUGIN}")
{before}
(require 'shadowpen)
(setq shadowpen-throttle-ms 0)
(setq shadowpen-command '({quoted[1:-1]}))
(shadowpen-global-mode)
"""


def start_emacs(program: str, home: Path, file: Path, configuration: str, desk: Desk) -> Session:
    """An Emacs that edits `file`, with the configuration in its home, and answers at the desk's remote."""
    remote = desk.remote()
    folder = home / ".emacs.d"
    folder.mkdir(exist_ok=True)
    # Emacs would wait for answers that this terminal does not give, and compile its own libraries for each home.
    early = "(setq xterm-extra-capabilities nil native-comp-deferred-compilation nil native-comp-jit-compilation nil)"
    (folder / "early-init.el").write_text(early, encoding="utf-8")
    (folder / "init.el").write_text(f'{_FIRST}{configuration}\n{_QUIET}\n(my-remote "{remote}")\n', encoding="utf-8")
    return desk.start([program, "--no-window-system", "--no-splash", str(file)], LINES)


_FIRST = ";;; init.el  -*- lexical-binding: t; -*-\n"
_QUIET = """
(setq auto-save-default nil make-backup-files nil create-lockfiles nil inhibit-startup-screen t
      ring-bell-function 'ignore confirm-kill-processes nil)
(menu-bar-mode -1)
(blink-cursor-mode -1)
(defun my-remote (path)
  (let ((rest ""))
    (make-network-process
     :name "remote" :family 'local :service path :noquery t :coding 'utf-8
     :filter (lambda (process text)
               (setq rest (concat rest text))
               (while (string-match "\\n" rest)
                 (let ((asked (json-parse-string (substring rest 0 (match-beginning 0)))))
                   (setq rest (substring rest (match-end 0)))
                   (let ((value (with-current-buffer (window-buffer (selected-window))
                                  (eval (car (read-from-string (aref asked 1))) t))))
                     (process-send-string process
                                          (concat (json-serialize (vector (aref asked 2) value)
                                                                  :null-object nil :false-object :json-false)
                                                  "\\n")))))))))
"""

EMACS = EditorDriver(
    program=PROGRAM,
    launch=start_emacs,
    configure=configure,
    added_line_end="",
    insert="",
    line_start="\x01",
    leave="",
    undo="\x1f",
    dismiss="\x07",
    ask="\x03\\",
    next="\x1bn",
    previous="\x1bp",
    expand_all="\x00\x1b>\x1bxshadowpen-expand\r",
    expand="\x1bxshadowpen-expand\r",
    discard="\x07",
    continue_paragraph="\x1bxshadowpen-continue\r",
    why="\x1bxshadowpen-why\r",
    pause="\x15{}\x1bxshadowpen-pause\r",
    restart="\x1bxshadowpen-restart\r",
    take_hint="take: TAB",
    ready=("(shadowpen-document-open-p)", True),
    paused=("(plist-get (shadowpen-client-status) :state)", "paused"),
    ways_out={
        "another place": "\x01",
        "another buffer": "\x18b*scratch*\r",
        "another window": "\x182\x18o",
        "the minibuffer": "\x1bx",
        "a search": "\x13q",
        "a selection": "\x00",
        "the mode off": "\x1bxshadowpen-mode\r",
        "read-only": "\x18\x11",
        "a recorded macro": "\x18(",
        "another major mode": "\x1bxfundamental-mode\r",
        "kill": "\x18k\ryes\r",
        "narrowing": "\x01\x18nn",
    },
    ways_out_start={"before": "(put 'narrow-to-region 'disabled nil)"},
)
