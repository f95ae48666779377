"""The language server put together: its session, its handlers, standard input and output.

This file knows neither documents nor suggestions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import BinaryIO, cast

from shadowpen.daemon.wire.async_client import AsyncClient
from shadowpen.lsp_server.editor import logs
from shadowpen.lsp_server.editor.standard_streams import TolerantInput, private_stdout
from shadowpen.lsp_server.handlers import requests
from shadowpen.lsp_server.session.daemon_link import DaemonClient
from shadowpen.lsp_server.session.server import ShadowpenServer


def assemble(connect: Callable[[str], DaemonClient]) -> ShadowpenServer:
    """A server that answers every method; `connect` makes the client of the daemon, given the editor's name."""
    server = ShadowpenServer(connect)
    requests.register(server)
    return server


def serve() -> None:
    """Serve one editor on standard input and output until it goes."""
    logs.start()
    assemble(AsyncClient).start_io(cast(BinaryIO, TolerantInput(sys.stdin.buffer)), private_stdout())
