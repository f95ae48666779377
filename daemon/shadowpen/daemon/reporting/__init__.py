"""What Shadowpen did for its author, as one page without a word of theirs."""
