"""`shadowpen serve`: a completion server in the OpenAI style, for other programs on this machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.extras import check_installed
from shadowpen.daemon.http import PACKAGES

if TYPE_CHECKING:
    from shadowpen.daemon.base import store


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1.  [default: the setting serve.port]")
@click.option("--token", "show_token", is_flag=True, help="Print the token that programs must send, and exit.")
def serve(port: int | None, show_token: bool) -> None:
    """Answer programs that speak OpenAI's protocol, on this machine only, until Ctrl-C.

    It answers /v1/models, /v1/completions and /v1/chat/completions at http://127.0.0.1:8017. Every program must send
    the token as its API key. The server runs only as long as this command. docs/serve.md says what to enter in Zed,
    minuet, Continue, Obsidian, cotabby and Open WebUI.
    """
    from shadowpen.daemon.base import config, store

    layout = store.layout()
    if show_token:
        _print_token(layout)
        return
    check_installed("shadowpen serve", PACKAGES, "http")
    from shadowpen.daemon.http.access_token import access_token
    from shadowpen.daemon.http.app import make_app
    from shadowpen.daemon.http.listening import ADDRESS, listen, server

    token = access_token(layout)
    port = port or config.load(layout.config_file).serve.port
    with listen(port) as listener:
        terminal.say(f"Serving at http://{ADDRESS}:{port}/v1. Ctrl-C ends it.", err=True)
        terminal.say("Programs need the token as their API key: `shadowpen serve --token` prints it.", err=True)
        with contextlib.suppress(KeyboardInterrupt):
            server(make_app(token)).run(sockets=[listener])


def _print_token(layout: store.Layout) -> None:
    from shadowpen.daemon.http.access_token import access_token

    click.echo(access_token(layout))
    where = f"It is stored in {layout.serve_token}, which only you can read."
    terminal.say(f"{where} To get a new one, delete that file.", err=True)
