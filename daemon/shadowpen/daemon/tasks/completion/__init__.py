"""Shape a completion: its end, its extent, its fit, its alternatives."""
