"""Changes that a user may ask of an expansion: "shorter", "mention the roof", "less formal"."""
