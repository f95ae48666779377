"""A simulated writer that types a text and counts the keys saved."""
