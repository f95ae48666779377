"""Plug-ins that talk to `shadowpen serve`, installed with its port and token."""
