"""Measuring what Shadowpen does for a writer, on texts whose end is known."""
