"""From a checkpoint to a verified ONNX model on disk; runs once, offline."""

from shadowpen.daemon.base import telemetry

telemetry.turn_off()
