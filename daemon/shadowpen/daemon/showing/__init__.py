"""Decide whether a suggestion is worth showing, and filter what must not be shown."""
