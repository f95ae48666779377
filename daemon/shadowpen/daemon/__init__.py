"""Serves one small language model on this machine to every editor of one user.

Importing this package loads nothing heavy; entry points are `shadowpen.daemon.__main__` (the process)
and `shadowpen.daemon.wire.async_client` (everyone who talks to it).
"""

from shadowpen.daemon.base import telemetry

telemetry.turn_off()
