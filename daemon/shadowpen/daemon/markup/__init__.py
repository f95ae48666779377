"""Markup of a text: headings, spans, notes, prose."""
