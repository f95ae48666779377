"""What must never be kept: secrets in text, and files that nobody may read."""
