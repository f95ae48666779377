"""Predict whether a suggestion will be accepted, and what it would save."""
