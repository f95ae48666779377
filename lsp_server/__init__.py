"""The language server: documents and positions on one side, the daemon on the other; never the model."""

from shadowpen.daemon import telemetry

telemetry.turn_off()
