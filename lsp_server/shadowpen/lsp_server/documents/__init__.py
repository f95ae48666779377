"""The open documents: text, positions, edits, scope."""
