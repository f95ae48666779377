"""Correcting: candidate edits, the model as their judge, and the choice of those that are made."""
