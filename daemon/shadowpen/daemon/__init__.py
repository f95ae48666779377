"""Shadowpen's daemon: one small local language model, served to every editor of one user.

Importing this package loads nothing heavy; entry points are `shadowpen.daemon.__main__` (the process)
and `shadowpen.daemon.wire.async_client` (everyone who talks to it).
"""

from shadowpen.daemon.base import telemetry

telemetry.turn_off()
