"""Plug-ins that ask `shadowpen serve`, each installed with its port and its token."""
