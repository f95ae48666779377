"""Plug-ins of other packages: found by their entry points, tried within bounds, named when they are broken."""
