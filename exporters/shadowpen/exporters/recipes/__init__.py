"""Whole tasks: install a model, make a personal version, tune the base."""
