"""A session: a real Emacs with the plug-in in a terminal, and the scripted language server it talks to."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.screens.scripted import SERVER
from support.screens.session import Desk, Session

from .install import EMACS

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "emacs"
# A raw byte has no place in JSON, neither here nor in the protocol.
LINES = (
    '(save-restriction (widen) (vconcat (split-string (replace-regexp-in-string "[\\x3fff80-\\x3fffff]" "\\ufffd"'
    ' (buffer-substring-no-properties 1 (1+ (buffer-size)))) "\\n")))'
)

Start = Callable[..., Session]


@pytest.fixture
def emacs() -> str:
    """The program; the tests are skipped where it is absent, but not in CI."""
    missing = EMACS.missing()
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    assert not missing, missing
    return str(shutil.which("emacs"))


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which Emacs finds no configuration but the test's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def start(emacs: str, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a session: `start(table={...}, before="elisp before the plug-in is loaded", text="...")`."""
    desk = Desk()

    def run(
        table: dict[str, str] | None = None,
        *,
        held: list[str] | None = None,
        before: str = "",
        init: str | None = None,
        name: str = "text.md",
        text: str = "",
        wait: bool = True,
        **script: Any,
    ) -> Session:
        script |= {"socket": str(desk.script), "table": list((table or {}).items()), "held": held or []}
        monkeypatch.setenv("SHADOWPEN_SCRIPT", json.dumps(script))
        file = sandbox / name
        file.write_text(text, encoding="utf-8")
        command = json.dumps([sys.executable, str(SERVER), "lsp"]).replace(",", "")
        own = init if init is not None else plugin(f"(setq shadowpen-command '({command[1:-1]}))", before)
        session = start_emacs(emacs, sandbox, file, own, desk)
        if wait:
            session.ready()
        return session

    yield run
    desk.close()


def plugin(settings: str = "", before: str = "") -> str:
    """A configuration with the plug-in; a request for every key, unless `settings` say else."""
    return f"""
(add-to-list 'load-path "{PLUGIN}")
{before}
(require 'shadowpen)
(setq shadowpen-throttle-ms 0)
{settings}
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
