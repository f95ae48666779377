"""How far a completion goes: its end, its extent, its fit, its alternatives."""
