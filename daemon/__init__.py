"""Serves one small language model on this machine to every editor of one user.

Importing this package loads nothing heavy; entry points are `shadowpen.daemon.__main__` (the process)
and `shadowpen.daemon.client` (everyone who talks to it).
"""

from shadowpen.daemon import telemetry

telemetry.turn_off()
