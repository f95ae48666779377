"""The same tasks for an engine that takes and returns text."""
