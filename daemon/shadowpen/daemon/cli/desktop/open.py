"""`shadowpen open`: pages in the browser about what was learned, versions, settings and the report."""

from __future__ import annotations

import contextlib

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.extras import check_installed

_NEEDED = ("starlette", "uvicorn", "jinja2")


@click.command("open")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1.  [default: any free one]")
@click.option("--no-browser", is_flag=True, help="Print the link and open no browser.")
def open_(port: int | None, no_browser: bool) -> None:
    """Open Shadowpen's pages in the browser: what it learned, versions, report, settings.

    The pages are served from this machine, and only to the browser that opens the link. The link works once. Ctrl-C
    stops the server.
    """
    check_installed("shadowpen open", _NEEDED, "http")
    from shadowpen.daemon.base import store
    from shadowpen.daemon.cli.desktop.app import make_app
    from shadowpen.daemon.cli.desktop.session import BrowserSession
    from shadowpen.daemon.http.listening import ADDRESS, listen, server

    session = BrowserSession()
    with listen(port or 0) as listener:
        link = session.link(f"http://{ADDRESS}:{listener.getsockname()[1]}")
        click.echo(link)
        terminal.say("Ctrl-C ends it.", err=True)
        if not no_browser:
            import webbrowser

            webbrowser.open(link)
        with contextlib.suppress(KeyboardInterrupt):
            server(make_app(store.layout(), session)).run(sockets=[listener])
