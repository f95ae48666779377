"""Process limits: no core dumps, which would contain text, and enough file descriptors.

Processes that it starts inherit both. Does nothing where there are no such limits (Windows).
"""

from __future__ import annotations

import contextlib
import os

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_WANTED_DESCRIPTORS = 4096
_OWN_DESCRIPTORS = 40  # beside those that are open already: models, the journal, children
_MOST_CLIENTS = 1000
_FEWEST_CLIENTS = 4


def no_core_dumps() -> None:
    """Turn off core dumps, which would contain the process's memory."""
    if resource is not None:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def more_descriptors() -> None:
    """Raise the limit of open files, up to a few thousand."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_clients() -> int:
    """How many connections each of the daemon's two sockets may hold, so that descriptors are left for its work."""
    if resource is None:
        return _MOST_CLIENTS
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return _MOST_CLIENTS
    return max(_FEWEST_CLIENTS, min(_MOST_CLIENTS, (soft - _open_now() - _OWN_DESCRIPTORS) // 2))


def _open_now() -> int:
    """How many descriptors are open; a new one has the lowest free number."""
    handle = os.open(os.devnull, os.O_RDONLY)
    os.close(handle)
    return handle
