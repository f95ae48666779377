"""Checks of an installation, and what they find: for `shadowpen doctor`."""
