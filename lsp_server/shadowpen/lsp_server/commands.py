"""The command `shadowpen lsp`, which editors run.

This file knows nothing of the server: importing it must not cost what the server costs.
"""

from __future__ import annotations

import click


@click.command()
@click.option("--stdio", is_flag=True, help="Use standard input and output (the only way).")
@click.option("--clientProcessId", "client_process_id", type=int, hidden=True)
def lsp(stdio: bool, client_process_id: int | None) -> None:
    """Run the language server for an editor, on standard input and output.

    Editors start it. It finds the daemon, or starts one.
    """
    # VS Code's client adds both options to whatever command it runs; neither changes anything.
    from shadowpen.lsp_server.serve import serve

    serve()
