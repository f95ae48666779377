"""The same tasks by an engine that takes text and gives text."""
