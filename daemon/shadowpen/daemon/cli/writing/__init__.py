"""Commands that write text, and commands that pause ghost text."""
