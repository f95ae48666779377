"""The commands about learning from the user's text."""
