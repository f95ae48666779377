"""Keep out what must never be stored: secrets in text, and private files."""
