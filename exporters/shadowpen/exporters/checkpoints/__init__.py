"""Checkpoints on disk: architecture, weights, tokenizer."""
