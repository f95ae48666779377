"""Conversion between characters, bytes and token ids."""
