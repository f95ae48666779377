"""The client of Python programs and of the commands that write: what one asks for, and what comes back, with types."""
