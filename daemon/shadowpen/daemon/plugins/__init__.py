"""Plug-ins from other packages: found by their entry points, tried within limits."""
