"""Text that the user requests and waits for: expansions, continuations, verbs."""
