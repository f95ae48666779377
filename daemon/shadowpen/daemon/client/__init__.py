"""The client library of Python programs and of the commands that write."""
