"""The language server put together: its session, its handlers, standard input and output.

This file knows neither documents nor suggestions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import BinaryIO, cast

from shadowpen.daemon.base import limits
from shadowpen.daemon.wire.async_client import AsyncClient
from shadowpen.lsp_server.editor import logs
from shadowpen.lsp_server.editor.standard_streams import TolerantInput, open_input, private_stdout
from shadowpen.lsp_server.handlers import requests
from shadowpen.lsp_server.session.daemon_link import DaemonClient
from shadowpen.lsp_server.session.editor_protocol import EditorProtocol
from shadowpen.lsp_server.session.server import ShadowpenServer


def assemble(connect: Callable[[str], DaemonClient]) -> ShadowpenServer:
    """A server that answers every method; `connect` makes the client of the daemon, given the editor's name."""
    server = ShadowpenServer(connect)
    requests.register(server)
    return server


def serve() -> None:
    """Serve one editor on standard input and output until it goes, with the exit status that the protocol asks for."""
    limits.no_core_dumps()
    incoming, outgoing = TolerantInput(open_input()), private_stdout()
    logs.start()
    server = assemble(AsyncClient)
    server.start_io(cast(BinaryIO, incoming), outgoing)
    sys.exit(cast(EditorProtocol, server.protocol).exit_status or 0)
