"""When to train, what became of it, and what must be forgotten."""
