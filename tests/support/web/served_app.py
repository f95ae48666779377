"""An HTTP application of ours on a free port of this machine, in a thread of this process."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from starlette.types import ASGIApp

from shadowpen.daemon.http import listening
from support.waiting import wait_until


@contextlib.contextmanager
def served(make_app: Callable[[], ASGIApp]) -> Iterator[int]:
    """The port of the application that `make_app` makes, until the end of the block."""
    with listening.listen(0) as listener:
        port = listener.getsockname()[1]
        server = listening.server(make_app())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started, "the server")
            yield port
        finally:
            server.should_exit = True
            thread.join(20)
        assert not thread.is_alive()
