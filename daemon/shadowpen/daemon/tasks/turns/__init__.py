"""What a user may say about an expansion that they see: "shorter", "mention the roof", "less formal"."""
