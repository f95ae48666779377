"""Benchmarks of the installed model and of the whole chain from key to answer."""
