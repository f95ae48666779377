"""Formats that are no plain text, read in a process of their own: documents, books, mail, archives."""
