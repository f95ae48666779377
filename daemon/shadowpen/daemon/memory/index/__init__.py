"""The index of the user's text: in a file, in memory, and the arithmetic of both."""
