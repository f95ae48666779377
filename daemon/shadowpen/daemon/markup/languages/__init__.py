"""Readers of lines, one for each markup language."""
