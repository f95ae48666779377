"""Servers of others that tests stand in for."""
