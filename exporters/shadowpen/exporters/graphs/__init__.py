"""ONNX graphs: built, quantized, verified, measured, put in place."""
