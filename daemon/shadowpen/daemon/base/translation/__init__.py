"""What Shadowpen says, in the language of whoever reads it."""
