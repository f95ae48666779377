"""`python -m shadowpen.lsp_server`: the language server on stdio, as `shadowpen lsp`."""

from __future__ import annotations

from shadowpen.lsp_server.commands import lsp

if __name__ == "__main__":
    lsp()
