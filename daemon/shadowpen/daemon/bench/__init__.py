"""Benchmarks of the installed model, and of the whole way from a key to its answer."""
