"""Token ids in, logits out: the ONNX session and its KV caches."""
