"""From a checkpoint to a verified ONNX model on this machine's disk; runs once, offline."""
