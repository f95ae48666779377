"""Whether a text is worth showing, and what of it must not be shown."""
