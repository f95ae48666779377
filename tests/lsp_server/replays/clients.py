"""What each client sends when its writer takes, leaves or waves away ghost text, and in which order.

A row is a client; each field is what it sends for one deed of the writer, in order:

    change          textDocument/didChange, one edit that puts the piece at the cursor
    change, line    the same, but the edit replaces the whole line
    change, text    the same, but the edit is the whole text
    accept          the item's command with its arguments: the whole suggestion, however small the piece
    length          textDocument/didPartiallyAcceptCompletion, all pieces together
    dismiss         the command shadowpen.dismiss with the item's id
    focus           textDocument/didFocus
"""

from __future__ import annotations

from dataclasses import dataclass

Events = tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """`piece` is taken of a suggestion, `last` its last piece; () where the client cannot do that, or says nothing."""

    label: str
    name: str
    encoding: str
    ranged: bool = True
    shown: Events = ()
    whole: Events = ("change", "accept")
    piece: Events = ()
    last: Events = ()
    dismissed: Events = ()
    turned: Events = ()
    popup: bool = False  # sends what its popup has selected
    gathers: bool = False  # sends its edits only before a request or command, all in one notification

    def __str__(self) -> str:
        return self.label


VSCODE = "Visual Studio Code"
CLIENTS = (
    Client("vscode", VSCODE, "utf-16", piece=("change",), last=("change", "accept"), popup=True),
    Client("vscode-command-first", VSCODE, "utf-16", whole=("accept", "change"), piece=("change",), popup=True),
    Client(
        "vscode-our-extension",
        VSCODE,
        "utf-16",
        piece=("change", "length"),
        last=("change", "accept"),
        turned=("focus",),
        popup=True,
    ),
    Client(
        "neovim-our-plugin",
        "shadowpen.nvim",
        "utf-16",
        shown=("show",),
        piece=("change", "length"),
        last=("change", "accept"),
        dismissed=("dismiss",),
        turned=("focus",),
    ),
    Client("neovim-native", "Neovim", "utf-8", ranged=False, piece=("change",), last=("change",)),
    Client("neovim-native-line-edits", "Neovim", "utf-8", ranged=False, whole=("change, line", "accept")),
    Client("coc", "coc.nvim", "utf-16", piece=("change", "accept"), last=("change", "accept")),
    Client("coc-command-first", "coc.nvim", "utf-16", whole=("accept", "change"), piece=("accept", "change")),
    Client("lsp-mode", "emacs", "utf-16"),
    Client("lsp-mode-full-sync", "emacs", "utf-16", whole=("change, text", "accept")),
    Client("eglot", "Emacs", "utf-32", piece=("change",), last=("change", "accept"), gathers=True),
    Client(
        "copilot-style",
        "copilot client",
        "utf-16",
        shown=("show",),
        piece=("change", "length"),
        last=("change", "length"),
        turned=("focus",),
    ),
    Client("copilot-style-length-first", "copilot client", "utf-16", piece=("length", "change"), last=("change",)),
)
