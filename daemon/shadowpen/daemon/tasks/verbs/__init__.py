"""Verbs: tasks that are called by name, one file each, with checks and measured quality."""
