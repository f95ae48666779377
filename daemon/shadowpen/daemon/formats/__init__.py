"""Formats other than plain text, read in a separate process: documents, books, mail, archives."""
