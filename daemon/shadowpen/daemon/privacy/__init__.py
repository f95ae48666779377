"""What must never be kept: secrets in text, and private files."""
