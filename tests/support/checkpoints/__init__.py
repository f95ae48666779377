"""Checkpoints for tests, and the places they come from."""
