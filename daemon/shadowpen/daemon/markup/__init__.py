"""What of a text is markup: headings, spans, notes, prose."""
