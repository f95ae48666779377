"""Verbs: tasks that are called by their name, one file each, with their checks and what was measured of them."""
