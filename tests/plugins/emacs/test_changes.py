"""The server's copy of a buffer: exact after each kind of command, told in pieces and not as a whole."""

from __future__ import annotations

import pytest

from ..conftest import Start

TEXT = "One 🐱 two\nthree four\n\nfive\n"
COMMANDS = {
    "insert": '(insert "Größe ")',
    "insert lines": '(insert "a\\nb\\n\\n")',
    "delete": "(progn (forward-char 3) (delete-char 3))",
    "kill a line": "(kill-whole-line 2)",
    "transpose": "(progn (forward-line 1) (forward-word) (transpose-words 1))",
    "upper case": "(upcase-region 1 20)",
    "capitals": "(capitalize-region 1 (point-max))",
    "translate": "(subst-char-in-region 1 (point-max) ?e ?x)",
    "fill": "(fill-region 1 (point-max))",
    "sort": "(sort-lines nil 1 (point-max))",
    "replace": '(while (re-search-forward "\\\\w+" nil t) (replace-match "wörd"))',
    "narrowed": '(progn (narrow-to-region 14 20) (goto-char (point-max)) (insert "!") (widen))',
    "erase": "(erase-buffer)",
    "raw byte": '(insert (string #x3fff80) "x")',
    "undo": '(progn (insert "abc") (undo-boundary) (delete-region 2 9) (primitive-undo 1 buffer-undo-list))',
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_copy_is_exact(start: Start, command: str) -> None:
    session = start(text=TEXT)
    session.remote.ask(f"(progn (goto-char (point-min)) {COMMANDS[command]} nil)")
    session.remote.ask('(progn (goto-char (point-max)) (insert ".") nil)')
    lines = "\n".join(session.buffer)
    session.wait_copy(lines)
    versions = [params["textDocument"]["version"] for params in session.server.params("textDocument/didChange")]
    assert versions == list(range(1, len(versions) + 1))


def test_what_would_end_a_line_in_the_server_is_told_as_a_blank(start: Start) -> None:
    session = start(text="One\rtwo\nthree")
    assert session.server.params("textDocument/didOpen")[0]["textDocument"]["text"] == "One two\nthree"
    session.remote.ask('(progn (goto-char (point-max)) (insert "\rfour") nil)')
    session.wait_copy("One two\nthree four")


def test_a_change_without_hooks_is_noticed_before_ghost_text_is_asked_for(start: Start) -> None:
    session = start({"hidden. The quick": " brown fox."}, text=" quick")
    session.remote.ask('(let ((inhibit-modification-hooks t)) (goto-char 1) (insert "hidden.") nil)')
    session.keys(" The")
    session.wait_copy("hidden. The quick")
