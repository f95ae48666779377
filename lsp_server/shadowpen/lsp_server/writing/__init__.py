"""Text that the user asks for and waits for: expansions and continuations."""
