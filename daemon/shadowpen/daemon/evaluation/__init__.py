"""Offline evaluation of suggestions on texts with a known continuation."""
