"""The command line: a table of commands that are imported only when called."""
