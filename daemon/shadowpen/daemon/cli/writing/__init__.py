"""The commands that write, and those that silence ghost text."""
