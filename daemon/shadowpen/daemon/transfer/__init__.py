"""Everything learned as one encrypted file, and back."""
