"""A simulated writer: types a text as people do and counts what is saved."""
