"""The language server: documents and positions on one side, the daemon on the other; never the model."""

from shadowpen.daemon.base import telemetry

telemetry.turn_off()
