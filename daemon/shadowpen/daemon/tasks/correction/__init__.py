"""Correcting: candidate edits, the model as their judge, and the choice among them."""
